/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/nonce.h"

#include <stdlib.h>
#include <string.h>

#include "base/ct.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/hmac.h"
#include "wire/base64.h"

enum {
	EPOCH_LEN = 4,
	RAW_LEN = 24,
	SIGNED_LEN = 12,
	MAC_LEN = 12,
	KEY_LEN = 32
};

struct acme_nonce {
	uint8_t key[KEY_LEN];
	uint8_t epoch[EPOCH_LEN];
	uint64_t next; /* counter of the next nonce */
	/* Bit i: the newest nonce whose counter is i modulo the window has
	 * been used. */
	uint8_t used[ACME_NONCE_WINDOW / 8];
};

int
acme_nonce_new(const struct rng *rng, struct acme_nonce **ret)
{
	struct acme_nonce *n = calloc(1, sizeof(*n));
	int rc;

	if (n == NULL)
		return ERR_SYS_NOMEM;
	rc = base_rng_fill(rng, n->key, sizeof(n->key));
	if (rc == 0)
		rc = base_rng_fill(rng, n->epoch, EPOCH_LEN);
	if (rc != 0) {
		acme_nonce_free(n);
		return rc;
	}
	*ret = n;
	return 0;
}

void
acme_nonce_free(struct acme_nonce *n)
{
	base_wipe_free(n, n == NULL ? 0 : sizeof(*n));
}

static void
mac(const struct acme_nonce *n, const uint8_t *raw, uint8_t out[MAC_LEN])
{
	const struct crypto_hmac_key key = { CRYPTO_SHA256, n->key, KEY_LEN };
	uint8_t full[CRYPTO_SHA256_LEN];
	size_t i;

	crypto_hmac_sign(&key, raw, SIGNED_LEN, full);
	for (i = 0; i < MAC_LEN; i++)
		out[i] = full[i];
}

int
acme_nonce_make(struct acme_nonce *n, char out[ACME_NONCE_LEN + 1])
{
	uint64_t slot = n->next % ACME_NONCE_WINDOW, v = n->next;
	uint8_t raw[RAW_LEN];
	size_t i;

	memcpy(raw, n->epoch, EPOCH_LEN);
	for (i = 0; i < 8; i++, v >>= 8)
		raw[SIGNED_LEN - 1 - i] = (uint8_t)v;
	mac(n, raw, raw + SIGNED_LEN);
	n->used[slot / 8] &= (uint8_t) ~(1u << (slot % 8));
	n->next++;
	(void)wire_base64_encode(WIRE_BASE64_URL, raw, RAW_LEN, out);
	return 0;
}

/* Find the counter of a nonce that is ours and not too old. */
static int
parse(const struct acme_nonce *n, const char *text, size_t len, uint64_t *ret)
{
	uint8_t raw[RAW_LEN], tag[MAC_LEN];
	uint64_t counter = 0;
	size_t raw_len, i;

	if (len != ACME_NONCE_LEN)
		return ERR_PEER_MALFORMED;
	if (wire_base64_decode(
		WIRE_BASE64_URL, text, len, raw, sizeof(raw), &raw_len) != 0 ||
	    raw_len != RAW_LEN)
		return ERR_PEER_MALFORMED;
	mac(n, raw, tag);
	if (!base_ct_equal(tag, raw + SIGNED_LEN, MAC_LEN))
		return ERR_PEER_MALFORMED;
	for (i = EPOCH_LEN; i < SIGNED_LEN; i++)
		counter = counter << 8 | raw[i];
	if (memcmp(raw, n->epoch, EPOCH_LEN) != 0 || counter >= n->next)
		return ERR_PEER_MALFORMED;
	if (n->next - counter > ACME_NONCE_WINDOW)
		return ERR_STATE_EXPIRED;
	*ret = counter;
	return 0;
}

int
acme_nonce_check(const struct acme_nonce *n, const char *text, size_t len)
{
	uint64_t counter, slot;
	int rc = parse(n, text, len, &counter);

	if (rc != 0)
		return rc;
	slot = counter % ACME_NONCE_WINDOW;
	if ((n->used[slot / 8] & (1u << (slot % 8))) != 0)
		return ERR_STATE_CONFLICT;
	return 0;
}

int
acme_nonce_use(struct acme_nonce *n, const char *text, size_t len)
{
	uint64_t counter, slot;
	int rc = acme_nonce_check(n, text, len);

	if (rc == 0)
		rc = parse(n, text, len, &counter);
	if (rc != 0)
		return rc;
	slot = counter % ACME_NONCE_WINDOW;
	n->used[slot / 8] |= (uint8_t)(1u << (slot % 8));
	return 0;
}

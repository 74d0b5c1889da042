/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/packet.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

struct crypto_packet {
	struct crypto_aead *aead;
	uint64_t next;
	uint8_t iv[CRYPTO_AEAD_NONCE_LEN];
};

int
crypto_packet_new(enum crypto_aead_alg alg, const uint8_t *key,
    const uint8_t *iv, struct crypto_packet **ret)
{
	struct crypto_packet *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = crypto_aead_new(alg, key, &p->aead)) != 0) {
		free(p);
		return rc;
	}
	memcpy(p->iv, iv, sizeof(p->iv));
	*ret = p;
	return 0;
}

void
crypto_packet_free(struct crypto_packet *p)
{
	if (p == NULL)
		return;
	crypto_aead_free(p->aead);
	base_wipe_free(p, sizeof(*p));
}

uint64_t
crypto_packet_next(const struct crypto_packet *p)
{
	return p->next;
}

static void
nonce_of(const struct crypto_packet *p, uint64_t number,
    uint8_t nonce[CRYPTO_AEAD_NONCE_LEN])
{
	/* In one piece: OpenSSL reads it back in pieces of 8 and 4 bytes. */
	uint64_t low;

	memcpy(&low, p->iv + 4, sizeof(low));
	low ^= htobe64(number);
	memcpy(nonce, p->iv, 4);
	memcpy(nonce + 4, &low, sizeof(low));
}

int
crypto_packet_seal(
    struct crypto_packet *p, struct crypto_bytes aad, uint8_t *buf, size_t len)
{
	uint8_t nonce[CRYPTO_AEAD_NONCE_LEN];
	struct crypto_aead_text text = { nonce, aad.data, aad.len, buf, len };

	/* The last number stays unused: next would start again from 0. */
	if (p->next == UINT64_MAX) {
		base_wipe(buf, len);
		return ERR_SYS_LIMIT;
	}
	nonce_of(p, p->next++, nonce);
	return crypto_aead_seal(p->aead, &text, buf);
}

int
crypto_packet_open(struct crypto_packet *p, uint64_t number,
    struct crypto_bytes aad, uint8_t *buf, size_t len)
{
	uint8_t nonce[CRYPTO_AEAD_NONCE_LEN];
	struct crypto_aead_text text = { nonce, aad.data, aad.len, buf, len };

	nonce_of(p, number, nonce);
	return crypto_aead_open(p->aead, &text, buf);
}

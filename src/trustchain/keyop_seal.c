/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/aead.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "keys/op.h"
#include "keys/slot.h"
#include "trustchain/keyop_internal.h"

/*
 * Operations SEAL and UNSEAL (identity.md section 3): main's own TLS key on
 * disk, under the 32 octets of an X25519 key that is used for nothing else.
 */
#define NONCE CRYPTO_AEAD_NONCE_LEN
#define TAG CRYPTO_AEAD_TAG_LEN

static int
aead_of(const struct keys_slot *slot, struct crypto_aead **ret)
{
	uint8_t key[CRYPTO_AEAD_KEY_LEN];
	int rc;

	rc = crypto_pkey_raw_private(slot->key, key);
	if (rc == 0)
		rc = crypto_aead_new(CRYPTO_AES_256_GCM, key, ret);
	base_wipe(key, sizeof(key));
	return rc == 0 ? 0 : ERR_SYS_KEY;
}

/* Whether the payload is a private key and nothing else. */
static bool
is_key(const struct keys_call *call)
{
	struct crypto_pkey *key = NULL;
	bool good;

	good = crypto_pkcs8_parse(call->payload, call->len, &key) == 0;
	crypto_pkey_free(key);
	return good;
}

int
keyop_seal_seal(struct keys_call *call)
{
	uint8_t out[NONCE + KEYOP_SEAL_MAX + TAG];
	struct crypto_aead_text text = { .nonce = out,
		.aad = (const uint8_t *)KEYOP_SEAL_AAD,
		.aad_len = strlen(KEYOP_SEAL_AAD),
		.in = call->payload,
		.in_len = call->len };
	struct crypto_aead *aead = NULL;
	int rc;

	if (call->len > KEYOP_SEAL_MAX || !is_key(call))
		return ERR_PEER_MALFORMED;
	rc = base_rng_fill(keys_slot_rng(call->process), out, NONCE);
	if (rc == 0)
		rc = aead_of(call->slot, &aead);
	if (rc == 0)
		rc = crypto_aead_seal(aead, &text, out + NONCE);
	crypto_aead_free(aead);
	if (rc != 0)
		return ERR_SYS_KEY;
	return base_buf_append(call->out, out, NONCE + call->len + TAG);
}

int
keyop_seal_open(struct keys_call *call)
{
	uint8_t out[KEYOP_SEAL_MAX];
	struct crypto_aead_text text = { .nonce = call->payload,
		.aad = (const uint8_t *)KEYOP_SEAL_AAD,
		.aad_len = strlen(KEYOP_SEAL_AAD) };
	struct crypto_aead *aead = NULL;
	int rc;

	if (call->len < NONCE + TAG || call->len > NONCE + KEYOP_SEAL_MAX + TAG)
		return ERR_PEER_MALFORMED;
	text.in = call->payload + NONCE;
	text.in_len = call->len - NONCE;
	rc = aead_of(call->slot, &aead);
	if (rc == 0)
		rc = crypto_aead_open(aead, &text, out);
	crypto_aead_free(aead);
	if (rc == 0)
		rc = base_buf_append(call->out, out, text.in_len - TAG);
	base_wipe(out, sizeof(out));
	return rc;
}

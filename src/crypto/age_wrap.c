/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/aead.h"
#include "crypto/age_key_internal.h"
#include "crypto/x25519.h"

#define INFO "age-encryption.org/v1/X25519"

/* One of the two sides of the exchange. */
struct exchange {
	const uint8_t *secret, *peer;
	const uint8_t *share, *recipient; /* both public keys */
};

/* The key that seals the file key. */
static int
wrap_key(const struct exchange *x, struct crypto_aead **ret)
{
	uint8_t shared[32], salt[64], key[32];
	int rc;

	if ((rc = crypto_x25519_shared(x->secret, x->peer, shared)) != 0)
		return rc;
	memcpy(salt, x->share, 32);
	memcpy(salt + 32, x->recipient, 32);
	rc = crypto_age_derive((struct crypto_bytes){ shared, sizeof(shared) },
	    (struct crypto_bytes){ salt, sizeof(salt) }, INFO, key);
	if (rc == 0)
		rc = crypto_aead_new(CRYPTO_CHACHA20_POLY1305, key, ret);
	base_wipe(shared, sizeof(shared));
	base_wipe(key, sizeof(key));
	return rc;
}

/* The key seals once, so the nonce is zero. */
static const uint8_t zero[CRYPTO_AEAD_NONCE_LEN];

int
crypto_age_wrap(const uint8_t recipient[32], const struct rng *rng,
    const uint8_t *file_key, struct crypto_age_stanza *ret)
{
	const struct crypto_aead_text t = {
		.nonce = zero, .in = file_key, .in_len = CRYPTO_AGE_FILE_KEY_LEN
	};
	uint8_t secret[32];
	const struct exchange x = { secret, recipient, ret->share, recipient };
	struct crypto_aead *aead = NULL;
	int rc;

	if ((rc = base_rng_fill(rng, secret, sizeof(secret))) == 0 &&
	    (rc = crypto_x25519_public(secret, ret->share)) == 0 &&
	    (rc = wrap_key(&x, &aead)) == 0)
		rc = crypto_aead_seal(aead, &t, ret->body);
	crypto_aead_free(aead);
	base_wipe(secret, sizeof(secret));
	return rc;
}

int
crypto_age_unwrap(const uint8_t identity[32], const struct crypto_age_stanza *s,
    uint8_t *file_key)
{
	const struct crypto_aead_text t = {
		.nonce = zero, .in = s->body, .in_len = sizeof(s->body)
	};
	uint8_t own[32];
	const struct exchange x = { identity, s->share, s->share, own };
	struct crypto_aead *aead;
	int rc;

	if ((rc = crypto_x25519_public(identity, own)) != 0 ||
	    (rc = wrap_key(&x, &aead)) != 0)
		return rc;
	rc = crypto_aead_open(aead, &t, file_key);
	crypto_aead_free(aead);
	return rc == ERR_PEER_DECRYPT ? ERR_STATE_NOT_FOUND : rc;
}

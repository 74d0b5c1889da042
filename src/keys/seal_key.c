/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/wipe.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "keys/seal_internal.h"

static const uint8_t nonce[CRYPTO_AEAD_NONCE_LEN];

/* HKDF-Expand(master, label || magic || salt). */
static int
derive(const struct keys_seal *s, const char *label, const uint8_t *salt,
    uint8_t *out, size_t len)
{
	uint8_t info[64];
	size_t n = strlen(label);

	TROTH_ASSERT(
	    n + KEYS_SEAL_MAGIC_LEN + KEYS_SEAL_SALT_LEN <= sizeof(info));
	memcpy(info, label, n);
	memcpy(info + n, s->head.magic, KEYS_SEAL_MAGIC_LEN);
	n += KEYS_SEAL_MAGIC_LEN;
	memcpy(info + n, salt, KEYS_SEAL_SALT_LEN);
	n += KEYS_SEAL_SALT_LEN;
	return crypto_hkdf_expand(CRYPTO_SHA256,
	    (struct crypto_bytes){ s->master, sizeof(s->master) },
	    (struct crypto_bytes){ info, n }, out, len);
}

static int
image_aead(const struct keys_seal *s, struct crypto_aead **ret)
{
	uint8_t key[CRYPTO_AEAD_KEY_LEN];
	int rc;

	rc = derive(
	    s, "troth sealed file key", s->head.image_salt, key, sizeof(key));
	if (rc == 0)
		rc = crypto_aead_new(s->head.aead == KEYS_SEAL_AES_GCM
					 ? CRYPTO_AES_256_GCM
					 : CRYPTO_CHACHA20_POLY1305,
		    key, ret);
	base_wipe(key, sizeof(key));
	return rc;
}

static int
fill_master(struct keys_seal *s, const struct keys_seal_secret *secret)
{
	struct crypto_bytes salt = { s->head.pass_salt, KEYS_SEAL_SALT_LEN };

	if (secret->source != s->head.source || secret->bytes.len == 0)
		return ERR_STATE_USAGE;
	if (secret->source == KEYS_SEAL_PASS)
		return crypto_pwhash_argon2id(&s->head.cost, secret->bytes,
		    salt, s->master, sizeof(s->master));
	if (secret->bytes.len != sizeof(s->master))
		return ERR_STATE_USAGE;
	memcpy(s->master, secret->bytes.data, sizeof(s->master));
	return 0;
}

int
keys_seal_unlock(
    struct keys_seal *s, const struct keys_seal_secret *secret, uint8_t *check)
{
	int rc = fill_master(s, secret);

	return rc != 0 ? rc
		       : derive(s, "troth sealed file check", s->head.pass_salt,
			     check, KEYS_SEAL_CHECK_LEN);
}

int
keys_seal_encrypt(const struct keys_seal *s, const uint8_t *aad,
    const uint8_t *content, uint8_t *out)
{
	const struct crypto_aead_text text = { nonce, aad, KEYS_SEAL_HEAD_LEN,
		content, s->head.body_len - CRYPTO_AEAD_TAG_LEN };
	struct crypto_aead *a = NULL;
	int rc = image_aead(s, &a);

	if (rc == 0)
		rc = crypto_aead_seal(a, &text, out);
	crypto_aead_free(a);
	return rc;
}

int
keys_seal_decrypt(const struct keys_seal *s, const uint8_t *aad,
    const uint8_t *body, uint8_t *out)
{
	const struct crypto_aead_text text = { nonce, aad, KEYS_SEAL_HEAD_LEN,
		body, s->head.body_len };
	struct crypto_aead *a = NULL;
	int rc = image_aead(s, &a);

	if (rc == 0)
		rc = crypto_aead_open(a, &text, out);
	crypto_aead_free(a);
	return rc;
}

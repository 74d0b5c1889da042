/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/vector_internal.h"

/* Keeps every length within what OpenSSL's int parameters take. */
#define LEN_MAX ((size_t)1 << 30)

struct crypto_aead {
	EVP_CIPHER_CTX *seal, *open;
};

int
crypto_aead_new(
    enum crypto_aead_alg alg, const uint8_t *key, struct crypto_aead **ret)
{
	const EVP_CIPHER *cipher = alg == CRYPTO_AES_256_GCM
				       ? EVP_aes_256_gcm()
				       : EVP_chacha20_poly1305();
	struct crypto_aead *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return ERR_SYS_NOMEM;
	a->seal = EVP_CIPHER_CTX_new();
	a->open = EVP_CIPHER_CTX_new();
	if (a->seal == NULL || a->open == NULL) {
		crypto_aead_free(a);
		return ERR_SYS_NOMEM;
	}
	if (EVP_EncryptInit_ex2(a->seal, cipher, key, NULL, NULL) != 1 ||
	    EVP_DecryptInit_ex2(a->open, cipher, key, NULL, NULL) != 1) {
		crypto_aead_free(a);
		return ERR_SYS_CRYPTO;
	}
	*ret = a;
	return 0;
}

void
crypto_aead_free(struct crypto_aead *a)
{
	if (a == NULL)
		return;
	EVP_CIPHER_CTX_free(a->seal);
	EVP_CIPHER_CTX_free(a->open);
	free(a);
}

static bool
seal(EVP_CIPHER_CTX *c, const struct crypto_aead_text *t, uint8_t *out)
{
	int n;

	return EVP_EncryptInit_ex2(c, NULL, NULL, t->nonce, NULL) == 1 &&
	       (t->aad_len == 0 || EVP_EncryptUpdate(c, NULL, &n, t->aad,
				       (int)t->aad_len) == 1) &&
	       (t->in_len == 0 ||
		   EVP_EncryptUpdate(c, out, &n, t->in, (int)t->in_len) == 1) &&
	       EVP_EncryptFinal_ex(c, out + t->in_len, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG,
		   CRYPTO_AEAD_TAG_LEN, out + t->in_len) == 1;
}

int
crypto_aead_seal(
    struct crypto_aead *a, const struct crypto_aead_text *t, uint8_t *out)
{
	int rc = ERR_SYS_LIMIT;

	if (t->in_len <= LEN_MAX && t->aad_len <= LEN_MAX) {
		rc = seal(a->seal, t, out) ? 0 : ERR_SYS_CRYPTO;
		crypto_vector_reset();
	}
	if (rc != 0)
		base_wipe(out, t->in_len + CRYPTO_AEAD_TAG_LEN);
	return rc;
}

/* Decrypt ${len} bytes, which the tag follows. */
static bool
unseal(EVP_CIPHER_CTX *c, const struct crypto_aead_text *t, size_t len,
    uint8_t *out)
{
	uint8_t tag[CRYPTO_AEAD_TAG_LEN], last[CRYPTO_AEAD_TAG_LEN];
	int n;

	memcpy(tag, t->in + len, sizeof(tag));
	return EVP_DecryptInit_ex2(c, NULL, NULL, t->nonce, NULL) == 1 &&
	       (t->aad_len == 0 || EVP_DecryptUpdate(c, NULL, &n, t->aad,
				       (int)t->aad_len) == 1) &&
	       (len == 0 ||
		   EVP_DecryptUpdate(c, out, &n, t->in, (int)len) == 1) &&
	       EVP_CIPHER_CTX_ctrl(
		   c, EVP_CTRL_AEAD_SET_TAG, CRYPTO_AEAD_TAG_LEN, tag) == 1 &&
	       EVP_DecryptFinal_ex(c, last, &n) == 1;
}

int
crypto_aead_open(
    struct crypto_aead *a, const struct crypto_aead_text *t, uint8_t *out)
{
	size_t len;
	bool good;

	if (t->in_len < CRYPTO_AEAD_TAG_LEN)
		return ERR_PEER_DECRYPT;
	len = t->in_len - CRYPTO_AEAD_TAG_LEN;
	if (len > LEN_MAX || t->aad_len > LEN_MAX)
		return ERR_SYS_LIMIT;
	good = unseal(a->open, t, len, out);
	crypto_vector_reset();
	if (!good)
		base_wipe(out, len);
	return good ? 0 : ERR_PEER_DECRYPT;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/wipe.h"

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

int
crypto_aead_seal(
    struct crypto_aead *a, const struct crypto_aead_text *t, uint8_t *out)
{
	int n;

	if (t->in_len > LEN_MAX || t->aad_len > LEN_MAX) {
		base_wipe(out, t->in_len + CRYPTO_AEAD_TAG_LEN);
		return ERR_SYS_LIMIT;
	}
	if (EVP_EncryptInit_ex2(a->seal, NULL, NULL, t->nonce, NULL) == 1 &&
	    (t->aad_len == 0 || EVP_EncryptUpdate(a->seal, NULL, &n, t->aad,
				    (int)t->aad_len) == 1) &&
	    (t->in_len == 0 || EVP_EncryptUpdate(a->seal, out, &n, t->in,
				   (int)t->in_len) == 1) &&
	    EVP_EncryptFinal_ex(a->seal, out + t->in_len, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG,
		CRYPTO_AEAD_TAG_LEN, out + t->in_len) == 1)
		return 0;
	base_wipe(out, t->in_len + CRYPTO_AEAD_TAG_LEN);
	return ERR_SYS_CRYPTO;
}

int
crypto_aead_open(
    struct crypto_aead *a, const struct crypto_aead_text *t, uint8_t *out)
{
	uint8_t tag[CRYPTO_AEAD_TAG_LEN], last[CRYPTO_AEAD_TAG_LEN];
	size_t len;
	int n;

	if (t->in_len < CRYPTO_AEAD_TAG_LEN)
		return ERR_PEER_DECRYPT;
	len = t->in_len - CRYPTO_AEAD_TAG_LEN;
	if (len > LEN_MAX || t->aad_len > LEN_MAX)
		return ERR_SYS_LIMIT;
	for (size_t i = 0; i < sizeof(tag); i++)
		tag[i] = t->in[len + i];
	if (EVP_DecryptInit_ex2(a->open, NULL, NULL, t->nonce, NULL) == 1 &&
	    (t->aad_len == 0 || EVP_DecryptUpdate(a->open, NULL, &n, t->aad,
				    (int)t->aad_len) == 1) &&
	    (len == 0 ||
		EVP_DecryptUpdate(a->open, out, &n, t->in, (int)len) == 1) &&
	    EVP_CIPHER_CTX_ctrl(a->open, EVP_CTRL_AEAD_SET_TAG,
		CRYPTO_AEAD_TAG_LEN, tag) == 1 &&
	    EVP_DecryptFinal_ex(a->open, last, &n) == 1)
		return 0;
	base_wipe(out, len);
	return ERR_PEER_DECRYPT;
}

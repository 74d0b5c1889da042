/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey_sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "crypto/pkey.h"

static const struct {
	enum crypto_sig_alg alg;
	const EVP_MD *(*md)(void);
} digests[] = {
	{ CRYPTO_SIG_ECDSA_SHA256, EVP_sha256 },
	{ CRYPTO_SIG_ECDSA_SHA384, EVP_sha384 },
	{ CRYPTO_SIG_RSA_SHA256, EVP_sha256 },
	{ CRYPTO_SIG_RSA_SHA384, EVP_sha384 },
	{ CRYPTO_SIG_RSA_SHA512, EVP_sha512 },
};

static const EVP_MD *
digest_of(enum crypto_sig_alg alg)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		if (digests[i].alg == alg)
			return digests[i].md();
	return NULL;
}

int
crypto_pkey_sig_alg(const struct crypto_pkey *k, enum crypto_sig_alg *ret)
{
	switch (crypto_pkey_type(k)) {
	case CRYPTO_KEY_P256:
		*ret = CRYPTO_SIG_ECDSA_SHA256;
		return 0;
	case CRYPTO_KEY_P384:
		*ret = CRYPTO_SIG_ECDSA_SHA384;
		return 0;
	case CRYPTO_KEY_ED25519:
		*ret = CRYPTO_SIG_ED25519;
		return 0;
	case CRYPTO_KEY_RSA:
		*ret = CRYPTO_SIG_RSA_SHA256;
		return 0;
	case CRYPTO_KEY_MLDSA44:
	case CRYPTO_KEY_MLDSA65:
	case CRYPTO_KEY_MLDSA87:
		*ret = CRYPTO_SIG_MLDSA;
		return 0;
	default:
		return ERR_PEER_UNSUPPORTED;
	}
}

int
crypto_pkey_sign(const struct crypto_pkey *k, const void *msg, size_t len,
    uint8_t *sig, size_t *ret_len)
{
	enum crypto_sig_alg alg;
	size_t sig_len = CRYPTO_PKEY_SIG_MAX;
	EVP_MD_CTX *ctx;
	int rc;

	rc = crypto_pkey_sig_alg(k, &alg);
	if (rc != 0)
		return rc;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return ERR_SYS_NOMEM;
	if (EVP_DigestSignInit(
		ctx, NULL, digest_of(alg), NULL, crypto_pkey_evp(k)) == 1 &&
	    EVP_DigestSign(ctx, sig, &sig_len, msg, len) == 1)
		*ret_len = sig_len;
	else
		rc = ERR_SYS_CRYPTO;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

static bool
fits(enum crypto_key_type type, enum crypto_sig_alg alg)
{
	switch (alg) {
	case CRYPTO_SIG_ECDSA_SHA256:
	case CRYPTO_SIG_ECDSA_SHA384:
		return type == CRYPTO_KEY_P256 || type == CRYPTO_KEY_P384;
	case CRYPTO_SIG_ED25519:
		return type == CRYPTO_KEY_ED25519;
	case CRYPTO_SIG_RSA_SHA256:
	case CRYPTO_SIG_RSA_SHA384:
	case CRYPTO_SIG_RSA_SHA512:
		return type == CRYPTO_KEY_RSA;
	case CRYPTO_SIG_MLDSA:
		return type == CRYPTO_KEY_MLDSA44 ||
		       type == CRYPTO_KEY_MLDSA65 || type == CRYPTO_KEY_MLDSA87;
	}
	return false;
}

int
crypto_pkey_verify(const struct crypto_pkey *k, const struct crypto_signed *s)
{
	EVP_MD_CTX *ctx;
	int rc;

	if (!fits(crypto_pkey_type(k), s->alg))
		return ERR_PEER_UNSUPPORTED;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return ERR_SYS_NOMEM;
	if (EVP_DigestVerifyInit(
		ctx, NULL, digest_of(s->alg), NULL, crypto_pkey_evp(k)) != 1)
		rc = ERR_SYS_CRYPTO;
	else
		rc = EVP_DigestVerify(
			 ctx, s->sig, s->sig_len, s->msg, s->msg_len) == 1
			 ? 0
			 : ERR_PEER_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey_sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "crypto/bytes.h"
#include "crypto/pkey.h"
#include "crypto/pkey_internal.h"
#include "crypto/sha2.h"

static const struct {
	enum crypto_sig_alg alg;
	const EVP_MD *(*md)(void);
} digests[] = {
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

/* ECDSA: only the private operation is OpenSSL's interface's. */
static int
sign_digest(const struct crypto_pkey *k, enum crypto_hash alg,
    struct crypto_bytes msg, uint8_t *sig, size_t *ret_len)
{
	uint8_t digest[CRYPTO_HASH_LEN_MAX];
	size_t sig_len = CRYPTO_PKEY_SIG_MAX;
	struct crypto_sha2 h;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(crypto_pkey_signer(k));
	int rc = ERR_SYS_CRYPTO;

	crypto_sha2_init(&h, alg);
	crypto_sha2_update(&h, msg.data, msg.len);
	crypto_sha2_final(&h, digest);
	/*
	 * OpenSSL (3.5.7) calls it a success, of 2^32 - 1 bytes, when there is
	 * no memory for writing an ECDSA signature in DER.
	 */
	if (ctx != NULL &&
	    EVP_PKEY_sign(
		ctx, sig, &sig_len, digest, crypto_sha2_len(alg)) == 1 &&
	    sig_len <= CRYPTO_PKEY_SIG_MAX) {
		*ret_len = sig_len;
		rc = 0;
	}
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

static int
sign_message(const struct crypto_pkey *k, enum crypto_sig_alg alg,
    struct crypto_bytes msg, uint8_t *sig, size_t *ret_len)
{
	size_t sig_len = CRYPTO_PKEY_SIG_MAX;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = ERR_SYS_CRYPTO;

	if (ctx == NULL)
		return ERR_SYS_NOMEM;
	if (EVP_DigestSignInit(
		ctx, NULL, digest_of(alg), NULL, crypto_pkey_evp(k)) == 1 &&
	    EVP_DigestSign(ctx, sig, &sig_len, msg.data, msg.len) == 1 &&
	    sig_len <= CRYPTO_PKEY_SIG_MAX) {
		*ret_len = sig_len;
		rc = 0;
	}
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

int
crypto_pkey_sign(const struct crypto_pkey *k, const void *msg, size_t len,
    uint8_t *sig, size_t *ret_len)
{
	const struct crypto_bytes m = { msg, len };
	enum crypto_sig_alg alg;
	int rc = crypto_pkey_sig_alg(k, &alg);

	if (rc != 0)
		return rc;
	if (alg == CRYPTO_SIG_ECDSA_SHA256)
		return sign_digest(k, CRYPTO_SHA256, m, sig, ret_len);
	if (alg == CRYPTO_SIG_ECDSA_SHA384)
		return sign_digest(k, CRYPTO_SHA384, m, sig, ret_len);
	return sign_message(k, alg, m, sig, ret_len);
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

/*
 * OpenSSL's EVP_DigestVerify keeps a copy of an ECDSA signature, and when
 * there is no memory for it crashes (3.5.7).
 */
static int
verify_digest(const struct crypto_pkey *k, enum crypto_hash alg,
    const struct crypto_signed *s)
{
	uint8_t digest[CRYPTO_HASH_LEN_MAX];
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(NULL, crypto_pkey_evp(k), NULL);
	struct crypto_sha2 h;
	int rc = ERR_SYS_CRYPTO;

	crypto_sha2_init(&h, alg);
	crypto_sha2_update(&h, s->msg, s->msg_len);
	crypto_sha2_final(&h, digest);
	if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1)
		rc = EVP_PKEY_verify(ctx, s->sig, s->sig_len, digest,
			 crypto_sha2_len(alg)) == 1
			 ? 0
			 : ERR_PEER_SIGNATURE;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

static int
verify_message(const struct crypto_pkey *k, const struct crypto_signed *s)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = ERR_SYS_CRYPTO;

	if (ctx == NULL)
		return ERR_SYS_NOMEM;
	if (EVP_DigestVerifyInit(
		ctx, NULL, digest_of(s->alg), NULL, crypto_pkey_evp(k)) == 1)
		rc = EVP_DigestVerify(
			 ctx, s->sig, s->sig_len, s->msg, s->msg_len) == 1
			 ? 0
			 : ERR_PEER_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

int
crypto_pkey_verify(const struct crypto_pkey *k, const struct crypto_signed *s)
{
	if (!fits(crypto_pkey_type(k), s->alg))
		return ERR_PEER_UNSUPPORTED;
	if (s->alg == CRYPTO_SIG_ECDSA_SHA256)
		return verify_digest(k, CRYPTO_SHA256, s);
	if (s->alg == CRYPTO_SIG_ECDSA_SHA384)
		return verify_digest(k, CRYPTO_SHA384, s);
	return verify_message(k, s);
}

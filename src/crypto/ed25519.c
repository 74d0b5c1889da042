/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/ossl_internal.h"

static EVP_PKEY *
private_key(const uint8_t seed[32])
{
	return EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, CRYPTO_ED25519_SEED_LEN);
}

int
crypto_ed25519_public(const uint8_t seed[32], uint8_t pub[32])
{
	EVP_PKEY *key = private_key(seed);
	size_t len = CRYPTO_ED25519_PUBLIC_LEN;
	int ok = key != NULL && EVP_PKEY_get_raw_public_key(key, pub, &len);

	EVP_PKEY_free(key);
	return ok ? 0 : ERR_SYS_CRYPTO;
}

int
crypto_ed25519_sign(
    const uint8_t seed[32], const void *msg, size_t len, uint8_t sig[64])
{
	EVP_PKEY *key = private_key(seed);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t sig_len = CRYPTO_ED25519_SIG_LEN;
	int ok = key != NULL && ctx != NULL &&
		 EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
		 EVP_DigestSign(ctx, sig, &sig_len, msg, len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok ? 0 : ERR_SYS_CRYPTO;
}

int
crypto_ed25519_verify(
    const uint8_t pub[32], const void *msg, size_t len, const uint8_t sig[64])
{
	EVP_PKEY *key;
	EVP_MD_CTX *ctx;
	int rc = ERR_SYS_CRYPTO;

	ERR_clear_error();
	key = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, pub, CRYPTO_ED25519_PUBLIC_LEN);
	ctx = EVP_MD_CTX_new();
	if (key != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1)
		rc = EVP_DigestVerify(
			 ctx, sig, CRYPTO_ED25519_SIG_LEN, msg, len) == 1
			 ? 0
			 : ERR_PEER_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	/* A lack of memory says nothing about the signature. */
	return crypto_ossl_rc(rc);
}

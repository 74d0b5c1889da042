/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x25519.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>

#include "base/ct.h"
#include "base/wipe.h"

int
crypto_x25519_public(const uint8_t secret[32], uint8_t pub[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_X25519, NULL, secret, CRYPTO_X25519_LEN);
	size_t len = CRYPTO_X25519_LEN;
	bool ok =
	    key != NULL && EVP_PKEY_get_raw_public_key(key, pub, &len) == 1;

	EVP_PKEY_free(key);
	return ok ? 0 : ERR_SYS_CRYPTO;
}

/*
 * The key object of ${secret}, with zeros for the public key: OpenSSL would
 * compute that, which takes as long as the exchange, and never look at it.
 */
static EVP_PKEY *
private_key(const uint8_t secret[32])
{
	static const uint8_t unused[CRYPTO_X25519_LEN];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY,
		    (void *)secret, CRYPTO_X25519_LEN),
		OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, (void *)unused, CRYPTO_X25519_LEN),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "X25519", NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/*
 * Run the exchange.  OpenSSL refuses an all-zero result as RFC 7748 section
 * 6.1 advises; it does not say so in a way that can be told from other
 * failures, hence the buffer that only it writes.
 */
static int
derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t shared[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t len = CRYPTO_X25519_LEN;
	int rc = ERR_SYS_CRYPTO;

	if (ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1)
		rc = EVP_PKEY_derive(ctx, shared, &len) == 1 ? 0 : ERR_PEER_KEY;
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

int
crypto_x25519_shared(
    const uint8_t secret[32], const uint8_t peer[32], uint8_t shared[32])
{
	static const uint8_t zero[CRYPTO_X25519_LEN];
	EVP_PKEY *own = private_key(secret);
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_X25519, NULL, peer, CRYPTO_X25519_LEN);
	int rc = ERR_SYS_CRYPTO;

	if (own != NULL && other != NULL)
		rc = derive(own, other, shared);
	if (rc == 0 && base_ct_equal(shared, zero, sizeof(zero)))
		rc = ERR_PEER_KEY;
	if (rc != 0)
		base_wipe(shared, CRYPTO_X25519_LEN);
	EVP_PKEY_free(own);
	EVP_PKEY_free(other);
	ERR_clear_error();
	return rc;
}

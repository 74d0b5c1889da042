/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/mldsa.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>

#include "base/wipe.h"
#include "crypto/pkey_internal.h"

/* rnd of FIPS 204 algorithm 2. */
#define HEDGE_LEN 32

struct alg {
	enum crypto_key_type type;
	const char *name;
	size_t public_len, sig_len;
};

static const struct alg algs[] = {
	{ CRYPTO_KEY_MLDSA44, "ML-DSA-44", CRYPTO_MLDSA44_PUBLIC_LEN,
	    CRYPTO_MLDSA44_SIG_LEN },
	{ CRYPTO_KEY_MLDSA65, "ML-DSA-65", CRYPTO_MLDSA65_PUBLIC_LEN,
	    CRYPTO_MLDSA65_SIG_LEN },
	{ CRYPTO_KEY_MLDSA87, "ML-DSA-87", CRYPTO_MLDSA87_PUBLIC_LEN,
	    CRYPTO_MLDSA87_SIG_LEN },
};

static const struct alg *
find(enum crypto_key_type type)
{
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if (algs[i].type == type)
			return &algs[i];
	return NULL;
}

size_t
crypto_mldsa_sig_len(enum crypto_key_type type)
{
	const struct alg *a = find(type);

	return a != NULL ? a->sig_len : 0;
}

size_t
crypto_mldsa_public_len(enum crypto_key_type type)
{
	const struct alg *a = find(type);

	return a != NULL ? a->public_len : 0;
}

int
crypto_mldsa_from_seed(
    enum crypto_key_type type, const uint8_t seed[32], struct crypto_pkey **ret)
{
	const struct alg *a = find(type);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_DSA_SEED,
		    (void *)seed, CRYPTO_MLDSA_SEED_LEN),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *key = NULL;
	bool ok;

	if (a == NULL)
		return ERR_PEER_UNSUPPORTED;
	ctx = EVP_PKEY_CTX_new_from_name(NULL, a->name, NULL);
	ok = ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	     EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok ? crypto_pkey_adopt(key, ret) : ERR_SYS_CRYPTO;
}

int
crypto_mldsa_from_public(
    enum crypto_key_type type, const uint8_t *pub, struct crypto_pkey **ret)
{
	const struct alg *a = find(type);
	EVP_PKEY *key;

	if (a == NULL)
		return ERR_PEER_UNSUPPORTED;
	key = EVP_PKEY_new_raw_public_key_ex(
	    NULL, a->name, NULL, pub, a->public_len);
	ERR_clear_error();
	return key != NULL ? crypto_pkey_adopt(key, ret) : ERR_PEER_KEY;
}

int
crypto_mldsa_public(const struct crypto_pkey *k, uint8_t *pub)
{
	const struct alg *a = find(crypto_pkey_type(k));
	size_t len;

	if (a == NULL)
		return ERR_PEER_UNSUPPORTED;
	len = a->public_len;
	return EVP_PKEY_get_raw_public_key(crypto_pkey_evp(k), pub, &len) == 1
		   ? 0
		   : ERR_SYS_CRYPTO;
}

/* Begin signing or verifying under ${context}; NULL on failure. */
static EVP_PKEY_CTX *
begin(const struct alg *a, const struct crypto_pkey *k,
    struct crypto_bytes context, uint8_t *rnd, bool sign)
{
	OSSL_PARAM params[3], *p = params;
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(NULL, crypto_pkey_evp(k), NULL);
	EVP_SIGNATURE *sig = EVP_SIGNATURE_fetch(NULL, a->name, NULL);
	int ok = 0;

	*p++ = OSSL_PARAM_construct_octet_string(
	    OSSL_SIGNATURE_PARAM_CONTEXT_STRING,
	    context.len > 0 ? (void *)context.data : (void *)"", context.len);
	if (sign)
		*p++ = OSSL_PARAM_construct_octet_string(
		    OSSL_SIGNATURE_PARAM_TEST_ENTROPY, rnd, HEDGE_LEN);
	*p = OSSL_PARAM_construct_end();
	if (ctx != NULL && sig != NULL)
		ok = sign ? EVP_PKEY_sign_message_init(ctx, sig, params)
			  : EVP_PKEY_verify_message_init(ctx, sig, params);
	EVP_SIGNATURE_free(sig);
	if (ok != 1) {
		EVP_PKEY_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

int
crypto_mldsa_sign(const struct crypto_pkey *k, struct crypto_bytes context,
    struct crypto_bytes msg, const struct rng *rng, uint8_t *sig)
{
	const struct alg *a = find(crypto_pkey_type(k));
	uint8_t rnd[HEDGE_LEN] = { 0 };
	EVP_PKEY_CTX *ctx;
	size_t len;
	int rc = 0;

	if (a == NULL)
		return ERR_PEER_UNSUPPORTED;
	if (context.len > CRYPTO_MLDSA_CONTEXT_MAX)
		return ERR_SYS_LIMIT;
	if (rng != NULL && (rc = base_rng_fill(rng, rnd, sizeof(rnd))) != 0)
		return rc;
	len = a->sig_len;
	ctx = begin(a, k, context, rnd, true);
	if (ctx == NULL ||
	    EVP_PKEY_sign(ctx, sig, &len, msg.data, msg.len) != 1)
		rc = ERR_SYS_CRYPTO;
	EVP_PKEY_CTX_free(ctx);
	base_wipe(rnd, sizeof(rnd));
	ERR_clear_error();
	return rc;
}

int
crypto_mldsa_verify(const struct crypto_pkey *k, struct crypto_bytes context,
    struct crypto_bytes msg, struct crypto_bytes sig)
{
	const struct alg *a = find(crypto_pkey_type(k));
	EVP_PKEY_CTX *ctx;
	int rc = ERR_PEER_SIGNATURE;

	if (a == NULL)
		return ERR_PEER_UNSUPPORTED;
	if (context.len > CRYPTO_MLDSA_CONTEXT_MAX || sig.len != a->sig_len)
		return ERR_PEER_SIGNATURE;
	ctx = begin(a, k, context, NULL, false);
	if (ctx == NULL)
		rc = ERR_SYS_CRYPTO;
	else if (EVP_PKEY_verify(ctx, sig.data, sig.len, msg.data, msg.len) ==
		 1)
		rc = 0;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

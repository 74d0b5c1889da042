/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/mlkem.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/wipe.h"

/* The message m of FIPS 203 algorithm 17, which makes encapsulation random. */
#define MESSAGE_LEN 32

struct crypto_mlkem {
	enum crypto_mlkem_alg alg;
	EVP_PKEY *key;
};

static const struct {
	const char *name;
	size_t public_len, ciphertext_len;
} algs[] = {
	[CRYPTO_MLKEM768] = { "ML-KEM-768", CRYPTO_MLKEM768_PUBLIC_LEN,
	    CRYPTO_MLKEM768_CIPHERTEXT_LEN },
	[CRYPTO_MLKEM1024] = { "ML-KEM-1024", CRYPTO_MLKEM1024_PUBLIC_LEN,
	    CRYPTO_MLKEM1024_CIPHERTEXT_LEN },
};

size_t
crypto_mlkem_public_len(enum crypto_mlkem_alg alg)
{
	return algs[alg].public_len;
}

size_t
crypto_mlkem_ciphertext_len(enum crypto_mlkem_alg alg)
{
	return algs[alg].ciphertext_len;
}

/*
 * By generation from a given seed.  Importing the seed makes the same key, and
 * then OpenSSL encapsulates and decapsulates once to test it, which takes
 * thrice as long as making it.
 */
static EVP_PKEY *
from_seed(enum crypto_mlkem_alg alg, const uint8_t *seed)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_KEM_SEED,
		    (void *)seed, CRYPTO_MLKEM_SEED_LEN),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_name(NULL, algs[alg].name, NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
	    EVP_PKEY_generate(ctx, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

int
crypto_mlkem_new(
    enum crypto_mlkem_alg alg, const uint8_t *seed, struct crypto_mlkem **ret)
{
	struct crypto_mlkem *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return ERR_SYS_NOMEM;
	k->alg = alg;
	k->key = from_seed(alg, seed);
	if (k->key == NULL) {
		free(k);
		ERR_clear_error();
		return ERR_SYS_CRYPTO;
	}
	*ret = k;
	return 0;
}

void
crypto_mlkem_free(struct crypto_mlkem *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

int
crypto_mlkem_public(const struct crypto_mlkem *k, uint8_t *ek)
{
	size_t len = algs[k->alg].public_len;

	return EVP_PKEY_get_raw_public_key(k->key, ek, &len) == 1
		   ? 0
		   : ERR_SYS_CRYPTO;
}

/* Encapsulate with the message ${m}. */
static bool
encaps(enum crypto_mlkem_alg alg, EVP_PKEY *key, uint8_t *m, uint8_t *ct,
    uint8_t secret[32])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
		    OSSL_KEM_PARAM_IKME, m, MESSAGE_LEN),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t ct_len = algs[alg].ciphertext_len;
	size_t secret_len = CRYPTO_MLKEM_SECRET_LEN;
	bool ok =
	    ctx != NULL && EVP_PKEY_encapsulate_init(ctx, params) == 1 &&
	    EVP_PKEY_encapsulate(ctx, ct, &ct_len, secret, &secret_len) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

int
crypto_mlkem_encaps(enum crypto_mlkem_alg alg, const uint8_t *ek,
    const struct rng *rng, uint8_t *ct, uint8_t secret[32])
{
	uint8_t m[MESSAGE_LEN];
	EVP_PKEY *key;
	int rc;

	base_wipe(secret, CRYPTO_MLKEM_SECRET_LEN);
	key = EVP_PKEY_new_raw_public_key_ex(
	    NULL, algs[alg].name, NULL, ek, algs[alg].public_len);
	if (key == NULL) {
		ERR_clear_error();
		return ERR_PEER_KEY;
	}
	rc = base_rng_fill(rng, m, sizeof(m));
	if (rc == 0 && !encaps(alg, key, m, ct, secret)) {
		base_wipe(secret, CRYPTO_MLKEM_SECRET_LEN);
		rc = ERR_SYS_CRYPTO;
	}
	base_wipe(m, sizeof(m));
	EVP_PKEY_free(key);
	ERR_clear_error();
	return rc;
}

/*
 * When OpenSSL runs out of memory half-way, it writes a random secret and
 * reports success, as if it had rejected the ciphertext.  Only its error queue
 * tells the two apart.
 */
int
crypto_mlkem_decaps(
    const struct crypto_mlkem *k, const uint8_t *ct, uint8_t secret[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->key, NULL);
	size_t len = CRYPTO_MLKEM_SECRET_LEN;
	bool ok;

	ERR_clear_error();
	ok = ctx != NULL && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
	     EVP_PKEY_decapsulate(
		 ctx, secret, &len, ct, algs[k->alg].ciphertext_len) == 1 &&
	     ERR_peek_error() == 0;
	if (!ok)
		base_wipe(secret, CRYPTO_MLKEM_SECRET_LEN);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0 : ERR_SYS_CRYPTO;
}

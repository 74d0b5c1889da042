/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey_raw.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "crypto/ossl_internal.h"
#include "crypto/pkey_internal.h"

#define RSA_BYTES_MAX 1024

/* Make a public key of ${algorithm} from ${params}; NULL if it is not one. */
static EVP_PKEY *
from_params(const char *algorithm, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	EVP_PKEY *evp = NULL;

	if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &evp, EVP_PKEY_PUBLIC_KEY, params) != 1)
		evp = NULL;
	EVP_PKEY_CTX_free(ctx);
	return evp;
}

static EVP_PKEY *
from_ec_point(const char *group, const uint8_t *point, size_t len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_PKEY_PARAM_GROUP_NAME, (char *)group, 0),
		OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, (void *)point, len),
		OSSL_PARAM_construct_end(),
	};

	return from_params("EC", params);
}

int
crypto_pkey_from_point(enum crypto_key_type type, const uint8_t *point,
    size_t len, struct crypto_pkey **ret)
{
	EVP_PKEY *evp = NULL;
	int rc;

	if (type == CRYPTO_KEY_P256 && len == 65 && point[0] == 0x04)
		evp = from_ec_point("P-256", point, len);
	else if (type == CRYPTO_KEY_P384 && len == 97 && point[0] == 0x04)
		evp = from_ec_point("P-384", point, len);
	else if (type == CRYPTO_KEY_ED25519 && len == 32)
		evp = EVP_PKEY_new_raw_public_key(
		    EVP_PKEY_ED25519, NULL, point, len);
	rc = crypto_ossl_rc(ERR_PEER_KEY);
	return evp == NULL ? rc : crypto_pkey_adopt(evp, ret);
}

int
crypto_pkey_from_rsa(const uint8_t *n, size_t n_len, const uint8_t *e,
    size_t e_len, struct crypto_pkey **ret)
{
	BIGNUM *bn_n = NULL, *bn_e = NULL;
	OSSL_PARAM_BLD *bld = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *evp = NULL;
	int rc;

	if (n_len > RSA_BYTES_MAX || e_len > RSA_BYTES_MAX)
		return ERR_PEER_KEY;
	bn_n = BN_bin2bn(n, (int)n_len, NULL);
	bn_e = BN_bin2bn(e, (int)e_len, NULL);
	bld = OSSL_PARAM_BLD_new();
	if (bn_n != NULL && bn_e != NULL && bld != NULL && !BN_is_zero(bn_n) &&
	    !BN_is_zero(bn_e) &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn_n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, bn_e) == 1)
		params = OSSL_PARAM_BLD_to_param(bld);
	evp = from_params("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(bn_n);
	BN_free(bn_e);
	rc = crypto_ossl_rc(ERR_PEER_KEY);
	return evp == NULL ? rc : crypto_pkey_adopt(evp, ret);
}

int
crypto_pkey_raw_public(
    const struct crypto_pkey *k, uint8_t *out, size_t cap, size_t *ret_len)
{
	enum crypto_key_type type = crypto_pkey_type(k);
	size_t len = 0;

	if (type == CRYPTO_KEY_P256)
		len = 65;
	else if (type == CRYPTO_KEY_P384)
		len = 97;
	else if (type == CRYPTO_KEY_ED25519 || type == CRYPTO_KEY_X25519)
		len = 32;
	else
		return ERR_PEER_UNSUPPORTED;
	if (cap < len)
		return ERR_SYS_LIMIT;
	if (EVP_PKEY_get_octet_string_param(crypto_pkey_evp(k),
		OSSL_PKEY_PARAM_PUB_KEY, out, cap, ret_len) != 1)
		return ERR_SYS_CRYPTO;
	return 0;
}

int
crypto_pkey_raw_private(const struct crypto_pkey *k, uint8_t out[32])
{
	enum crypto_key_type type = crypto_pkey_type(k);
	size_t len = 32;

	if (type != CRYPTO_KEY_ED25519 && type != CRYPTO_KEY_X25519)
		return ERR_PEER_UNSUPPORTED;
	if (EVP_PKEY_get_raw_private_key(crypto_pkey_evp(k), out, &len) != 1) {
		ERR_clear_error();
		return ERR_PEER_UNSUPPORTED;
	}
	return 0;
}

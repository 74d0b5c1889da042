/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pkey_internal.h"
#include "crypto/sha2.h"

struct crypto_pkey {
	EVP_PKEY *evp;
	EVP_PKEY_CTX *signer; /* for ECDSA: copied for each signature */
	enum crypto_key_type type;
};

static const struct {
	enum crypto_key_type type;
	const char *algorithm, *group;
} kinds[] = {
	{ CRYPTO_KEY_P256, "EC", "prime256v1" },
	{ CRYPTO_KEY_P384, "EC", "secp384r1" },
	{ CRYPTO_KEY_ED25519, "ED25519", NULL },
	{ CRYPTO_KEY_RSA, "RSA", NULL },
	{ CRYPTO_KEY_X25519, "X25519", NULL },
	{ CRYPTO_KEY_MLDSA44, "ML-DSA-44", NULL },
	{ CRYPTO_KEY_MLDSA65, "ML-DSA-65", NULL },
	{ CRYPTO_KEY_MLDSA87, "ML-DSA-87", NULL },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static enum crypto_key_type
type_of(const EVP_PKEY *evp)
{
	char group[64] = "";
	size_t len;

	for (size_t i = 0; i < KINDS; i++) {
		if (!EVP_PKEY_is_a(evp, kinds[i].algorithm))
			continue;
		if (kinds[i].group == NULL)
			return kinds[i].type;
		if (EVP_PKEY_get_group_name(evp, group, sizeof(group), &len) &&
		    strcmp(group, kinds[i].group) == 0)
			return kinds[i].type;
	}
	return CRYPTO_KEY_OTHER;
}

int
crypto_pkey_adopt(EVP_PKEY *evp, struct crypto_pkey **ret)
{
	struct crypto_pkey *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		EVP_PKEY_free(evp);
		return ERR_SYS_NOMEM;
	}
	k->evp = evp;
	k->type = type_of(evp);
	if (k->type == CRYPTO_KEY_P256 || k->type == CRYPTO_KEY_P384) {
		k->signer = EVP_PKEY_CTX_new_from_pkey(NULL, evp, NULL);
		if (k->signer == NULL || EVP_PKEY_sign_init(k->signer) != 1) {
			ERR_clear_error();
			crypto_pkey_free(k);
			return ERR_SYS_NOMEM;
		}
	}
	*ret = k;
	return 0;
}

void
crypto_pkey_free(struct crypto_pkey *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_CTX_free(k->signer);
	EVP_PKEY_free(k->evp);
	free(k);
}

int
crypto_pkey_generate(enum crypto_key_type type, struct crypto_pkey **ret)
{
	EVP_PKEY *evp = NULL;

	for (size_t i = 0; i < KINDS && evp == NULL; i++) {
		if (kinds[i].type != type)
			continue;
		if (type == CRYPTO_KEY_RSA)
			evp =
			    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
		else if (kinds[i].group != NULL)
			evp =
			    EVP_PKEY_Q_keygen(NULL, NULL, "EC", kinds[i].group);
		else
			evp = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].algorithm);
		if (evp == NULL)
			return ERR_SYS_CRYPTO;
	}
	if (evp == NULL)
		return ERR_PEER_UNSUPPORTED;
	return crypto_pkey_adopt(evp, ret);
}

int
crypto_pkey_generate_rsa(unsigned bits, struct crypto_pkey **ret)
{
	EVP_PKEY *evp;

	if (bits < 2048 || bits > 4096)
		return ERR_PEER_UNSUPPORTED;
	evp = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	return evp == NULL ? ERR_SYS_CRYPTO : crypto_pkey_adopt(evp, ret);
}

bool
crypto_pkey_ec_usable(const EVP_PKEY *evp)
{
	char text[64];
	size_t len;

	if (!EVP_PKEY_is_a(evp, "EC"))
		return true;
	if (!EVP_PKEY_get_utf8_string_param(
		evp, OSSL_PKEY_PARAM_EC_ENCODING, text, sizeof(text), &len) ||
	    strcmp(text, OSSL_PKEY_EC_ENCODING_GROUP) != 0)
		return false;
	return EVP_PKEY_get_utf8_string_param(evp,
		   OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, text,
		   sizeof(text), &len) &&
	       strcmp(text,
		   OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 0;
}

int
crypto_pkey_from_spki(const uint8_t *der, size_t len, struct crypto_pkey **ret)
{
	const unsigned char *p = der;
	unsigned char *again = NULL;
	EVP_PKEY *evp;
	int n, rc = 0;

	if (len > CRYPTO_PKEY_DER_MAX)
		return ERR_PEER_KEY;
	evp = d2i_PUBKEY(NULL, &p, (long)len);
	if (evp == NULL || p != der + len || !crypto_pkey_ec_usable(evp)) {
		rc = ERR_PEER_KEY;
	} else {
		n = i2d_PUBKEY(evp, &again);
		if (n < 0 || (size_t)n != len || memcmp(again, der, len) != 0)
			rc = ERR_PEER_ENCODING;
		OPENSSL_free(again);
	}
	ERR_clear_error();
	if (rc != 0) {
		EVP_PKEY_free(evp);
		return rc;
	}
	return crypto_pkey_adopt(evp, ret);
}

int
crypto_pkey_from_evp(EVP_PKEY *evp, struct crypto_pkey **ret)
{
	if (EVP_PKEY_up_ref(evp) != 1)
		return ERR_SYS_CRYPTO;
	return crypto_pkey_adopt(evp, ret);
}

EVP_PKEY *
crypto_pkey_evp(const struct crypto_pkey *k)
{
	return k->evp;
}

const EVP_PKEY_CTX *
crypto_pkey_signer(const struct crypto_pkey *k)
{
	return k->signer;
}

enum crypto_key_type
crypto_pkey_type(const struct crypto_pkey *k)
{
	return k->type;
}

int
crypto_pkey_bits(const struct crypto_pkey *k)
{
	return EVP_PKEY_get_bits(k->evp);
}

int
crypto_pkey_spki(const struct crypto_pkey *k, struct buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->evp, &der);
	int rc;

	if (n <= 0)
		return ERR_SYS_CRYPTO;
	rc = base_buf_append(out, der, (size_t)n);
	OPENSSL_free(der);
	return rc;
}

int
crypto_pkey_spki_sha256(const struct crypto_pkey *k, uint8_t out[32])
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->evp, &der);

	if (n <= 0)
		return ERR_SYS_CRYPTO;
	crypto_sha2_256(der, (size_t)n, out);
	OPENSSL_free(der);
	return 0;
}

bool
crypto_pkey_equal(const struct crypto_pkey *a, const struct crypto_pkey *b)
{
	return a->type == b->type && EVP_PKEY_eq(a->evp, b->evp) == 1;
}

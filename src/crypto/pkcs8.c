/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkcs8.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/pkey_internal.h"
#include "crypto/bytes.h"
#include "crypto/pkey.h"
#include "wire/pem.h"

/*
 * OpenSSL reads and writes this format too, but refuses scrypt beyond 32 MiB
 * of memory (N 65536 with r 8 takes 64) without a way to raise the limit, so
 * only the ASN.1 templates and the primitives are used here.
 */
#define SCRYPT_N 65536
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_N_MAX ((uint64_t)1 << 20)
#define SCRYPT_R_MAX 32
#define SCRYPT_P_MAX 16
#define SCRYPT_MEM_MAX ((uint64_t)256 << 20)

#define LABEL "ENCRYPTED PRIVATE KEY"
#define KEY_LEN 32
#define IV_LEN 16
#define SALT_LEN 16
#define SALT_MAX 64

struct pbe {
	uint8_t salt[SALT_MAX];
	size_t salt_len;
	uint64_t n, r, p;
	uint8_t iv[IV_LEN];
	uint8_t key[KEY_LEN]; /* derived */
};

int
crypto_pkcs8_parse(const uint8_t *der, size_t len, struct crypto_pkey **ret)
{
	const unsigned char *p = der;
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *evp = NULL;

	if (len > CRYPTO_PKEY_DER_MAX)
		return ERR_PEER_KEY;
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
	if (info != NULL && p == der + len)
		evp = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
	if (evp == NULL)
		return ERR_PEER_KEY;
	if (!crypto_pkey_ec_usable(evp)) {
		EVP_PKEY_free(evp);
		return ERR_PEER_KEY;
	}
	return crypto_pkey_adopt(evp, ret);
}

int
crypto_pkcs8_encode(const struct crypto_pkey *k, struct buf *out)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(crypto_pkey_evp(k));
	unsigned char *der = NULL;
	int n, rc = ERR_SYS_CRYPTO;

	n = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	if (n > 0) {
		rc = base_buf_append(out, der, (size_t)n);
		OPENSSL_clear_free(der, (size_t)n);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
	return rc;
}

static int
derive(struct pbe *pbe, struct crypto_pass pass)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	uint64_t n = pbe->n, mem = 2 * SCRYPT_MEM_MAX;
	uint32_t r = (uint32_t)pbe->r, p = (uint32_t)pbe->p;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_PASSWORD, (void *)pass.data, pass.len),
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_SALT, (void *)pbe->salt, pbe->salt_len),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &mem),
		OSSL_PARAM_construct_end(),
	};
	int ok =
	    ctx != NULL && EVP_KDF_derive(ctx, pbe->key, KEY_LEN, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	ERR_clear_error();
	return ok ? 0 : ERR_SYS_CRYPTO;
}

/* Encrypt or decrypt ${in} to ${out}, which has in.len + IV_LEN bytes. */
static int
cbc(const struct pbe *pbe, int encrypt, struct crypto_bytes in, uint8_t *out,
    size_t *ret_len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0, ok;

	if (ctx == NULL)
		return ERR_SYS_NOMEM;
	ok = EVP_CipherInit_ex2(ctx, EVP_aes_256_cbc(), pbe->key, pbe->iv,
		 encrypt, NULL) == 1 &&
	     EVP_CipherUpdate(ctx, out, &n, in.data, (int)in.len) == 1 &&
	     EVP_CipherFinal_ex(ctx, out + n, &last) == 1;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	if (!ok)
		return ERR_PEER_DECRYPT;
	*ret_len = (size_t)n + (size_t)last;
	return 0;
}

static uint64_t
positive(const ASN1_INTEGER *v)
{
	uint64_t n = 0;

	return v != NULL && ASN1_INTEGER_get_uint64(&n, v) == 1 ? n : 0;
}

static int
read_scrypt(const X509_ALGOR *alg, struct pbe *pbe)
{
	SCRYPT_PARAMS *sp = NULL;
	int rc = ERR_PEER_UNSUPPORTED;

	if (OBJ_obj2nid(alg->algorithm) == NID_id_scrypt)
		sp = ASN1_TYPE_unpack_sequence(
		    ASN1_ITEM_rptr(SCRYPT_PARAMS), alg->parameter);
	if (sp == NULL)
		return rc;
	pbe->n = positive(sp->costParameter);
	pbe->r = positive(sp->blockSize);
	pbe->p = positive(sp->parallelizationParameter);
	pbe->salt_len = (size_t)ASN1_STRING_length(sp->salt);
	if (pbe->n >= 2 && (pbe->n & (pbe->n - 1)) == 0 &&
	    pbe->n <= SCRYPT_N_MAX && pbe->r >= 1 && pbe->r <= SCRYPT_R_MAX &&
	    pbe->p >= 1 && pbe->p <= SCRYPT_P_MAX &&
	    128 * pbe->n * pbe->r <= SCRYPT_MEM_MAX &&
	    pbe->salt_len <= SALT_MAX &&
	    (sp->keyLength == NULL || positive(sp->keyLength) == KEY_LEN)) {
		memcpy(
		    pbe->salt, ASN1_STRING_get0_data(sp->salt), pbe->salt_len);
		rc = 0;
	}
	ASN1_item_free((ASN1_VALUE *)sp, ASN1_ITEM_rptr(SCRYPT_PARAMS));
	return rc;
}

static int
read_cipher(const X509_ALGOR *alg, struct pbe *pbe)
{
	const ASN1_TYPE *t = alg->parameter;

	if (OBJ_obj2nid(alg->algorithm) != NID_aes_256_cbc || t == NULL ||
	    t->type != V_ASN1_OCTET_STRING ||
	    ASN1_STRING_length(t->value.octet_string) != IV_LEN)
		return ERR_PEER_UNSUPPORTED;
	memcpy(pbe->iv, ASN1_STRING_get0_data(t->value.octet_string), IV_LEN);
	return 0;
}

static int
read_pbes2(const X509_ALGOR *alg, struct pbe *pbe)
{
	PBE2PARAM *params = NULL;
	int rc;

	if (OBJ_obj2nid(alg->algorithm) == NID_pbes2)
		params = ASN1_TYPE_unpack_sequence(
		    ASN1_ITEM_rptr(PBE2PARAM), alg->parameter);
	if (params == NULL)
		return ERR_PEER_UNSUPPORTED;
	rc = read_scrypt(params->keyfunc, pbe);
	if (rc == 0)
		rc = read_cipher(params->encryption, pbe);
	PBE2PARAM_free(params);
	return rc;
}

static int
decrypt_der(const uint8_t *der, size_t len, struct crypto_pass pass,
    struct crypto_pkey **ret)
{
	const unsigned char *p = der;
	X509_SIG *sig = d2i_X509_SIG(NULL, &p, (long)len);
	const X509_ALGOR *alg;
	const ASN1_OCTET_STRING *text;
	uint8_t plain[CRYPTO_PKCS8_FILE_MAX + IV_LEN];
	struct pbe pbe = { 0 };
	struct crypto_bytes in;
	size_t plain_len = 0;
	int rc = ERR_PEER_MALFORMED;

	if (sig != NULL && p == der + len) {
		X509_SIG_get0(sig, &alg, &text);
		in.data = ASN1_STRING_get0_data(text);
		in.len = (size_t)ASN1_STRING_length(text);
		rc = read_pbes2(alg, &pbe);
		if (rc == 0)
			rc = derive(&pbe, pass);
		if (rc == 0)
			rc = cbc(&pbe, 0, in, plain, &plain_len);
		/* One wrong passphrase in 256 leaves valid padding. */
		if (rc == 0 && crypto_pkcs8_parse(plain, plain_len, ret) != 0)
			rc = ERR_PEER_DECRYPT;
	}
	base_wipe(&pbe, sizeof(pbe));
	base_wipe(plain, sizeof(plain));
	X509_SIG_free(sig);
	ERR_clear_error();
	return rc;
}

int
crypto_pkcs8_decrypt(const void *text, size_t len, struct crypto_pass pass,
    struct crypto_pkey **ret)
{
	struct buf der;
	size_t pos = 0;
	int rc;

	if (len > CRYPTO_PKCS8_FILE_MAX || pass.len > CRYPTO_PKCS8_PASS_MAX)
		return ERR_PEER_MALFORMED;
	base_buf_init(&der, CRYPTO_PKCS8_FILE_MAX);
	rc = wire_pem_next(text, len, &pos, LABEL, &der);
	if (rc == 0)
		rc = decrypt_der(der.data, der.len, pass, ret);
	else if (rc == ERR_STATE_NOT_FOUND)
		rc = decrypt_der(text, len, pass, ret);
	base_buf_free(&der);
	return rc;
}

/* Return the AlgorithmIdentifier of scrypt with our parameters. */
static X509_ALGOR *
make_scrypt(const struct pbe *pbe)
{
	SCRYPT_PARAMS *sp =
	    (SCRYPT_PARAMS *)ASN1_item_new(ASN1_ITEM_rptr(SCRYPT_PARAMS));
	X509_ALGOR *alg = X509_ALGOR_new();
	ASN1_STRING *seq = NULL;

	if (sp != NULL && alg != NULL &&
	    ASN1_STRING_set(sp->salt, pbe->salt, (int)pbe->salt_len) == 1 &&
	    ASN1_INTEGER_set_uint64(sp->costParameter, pbe->n) == 1 &&
	    ASN1_INTEGER_set_uint64(sp->blockSize, pbe->r) == 1 &&
	    ASN1_INTEGER_set_uint64(sp->parallelizationParameter, pbe->p) == 1)
		seq = ASN1_item_pack(sp, ASN1_ITEM_rptr(SCRYPT_PARAMS), NULL);
	ASN1_item_free((ASN1_VALUE *)sp, ASN1_ITEM_rptr(SCRYPT_PARAMS));
	if (seq != NULL && X509_ALGOR_set0(alg, OBJ_nid2obj(NID_id_scrypt),
			       V_ASN1_SEQUENCE, seq) == 1)
		return alg;
	ASN1_STRING_free(seq);
	X509_ALGOR_free(alg);
	return NULL;
}

static X509_ALGOR *
make_cipher(const struct pbe *pbe)
{
	X509_ALGOR *alg = X509_ALGOR_new();
	ASN1_OCTET_STRING *iv = ASN1_OCTET_STRING_new();

	if (alg != NULL && iv != NULL &&
	    ASN1_OCTET_STRING_set(iv, pbe->iv, IV_LEN) == 1 &&
	    X509_ALGOR_set0(alg, OBJ_nid2obj(NID_aes_256_cbc),
		V_ASN1_OCTET_STRING, iv) == 1)
		return alg;
	ASN1_OCTET_STRING_free(iv);
	X509_ALGOR_free(alg);
	return NULL;
}

static int
set_pbes2(X509_ALGOR *alg, const struct pbe *pbe)
{
	PBE2PARAM *params = PBE2PARAM_new();
	X509_ALGOR *kdf = make_scrypt(pbe), *cipher = make_cipher(pbe);
	ASN1_STRING *seq = NULL;
	int ok = 0;

	if (params == NULL || kdf == NULL || cipher == NULL) {
		X509_ALGOR_free(kdf);
		X509_ALGOR_free(cipher);
	} else {
		X509_ALGOR_free(params->keyfunc);
		X509_ALGOR_free(params->encryption);
		params->keyfunc = kdf;
		params->encryption = cipher;
		seq = ASN1_item_pack(params, ASN1_ITEM_rptr(PBE2PARAM), NULL);
	}
	if (seq != NULL)
		ok = X509_ALGOR_set0(
		    alg, OBJ_nid2obj(NID_pbes2), V_ASN1_SEQUENCE, seq);
	if (!ok)
		ASN1_STRING_free(seq);
	PBE2PARAM_free(params);
	return ok ? 0 : ERR_SYS_CRYPTO;
}

/* Write EncryptedPrivateKeyInfo (RFC 5958 section 3) as PEM. */
static int
write_pem(const struct pbe *pbe, struct crypto_bytes text, struct buf *out)
{
	X509_SIG *sig = X509_SIG_new();
	X509_ALGOR *alg;
	ASN1_OCTET_STRING *body;
	unsigned char *der = NULL;
	int n, rc = ERR_SYS_CRYPTO;

	if (sig == NULL)
		return ERR_SYS_NOMEM;
	X509_SIG_getm(sig, &alg, &body);
	if (set_pbes2(alg, pbe) == 0 &&
	    ASN1_OCTET_STRING_set(body, text.data, (int)text.len) == 1) {
		n = i2d_X509_SIG(sig, &der);
		if (n > 0)
			rc = wire_pem_encode(LABEL, der, (size_t)n, out);
		OPENSSL_free(der);
	}
	X509_SIG_free(sig);
	ERR_clear_error();
	return rc;
}

int
crypto_pkcs8_encrypt(const struct crypto_pkey *k, struct crypto_pass pass,
    const struct rng *rng, struct buf *out)
{
	uint8_t text[CRYPTO_PKEY_DER_MAX + IV_LEN];
	struct pbe pbe = { .salt_len = SALT_LEN,
		.n = SCRYPT_N,
		.r = SCRYPT_R,
		.p = SCRYPT_P };
	struct crypto_bytes in, sealed = { text, 0 };
	struct buf plain;
	int rc;

	base_buf_init(&plain, CRYPTO_PKEY_DER_MAX);
	rc = base_rng_fill(rng, pbe.salt, SALT_LEN);
	if (rc == 0)
		rc = base_rng_fill(rng, pbe.iv, IV_LEN);
	if (rc == 0)
		rc = crypto_pkcs8_encode(k, &plain);
	if (rc == 0)
		rc = derive(&pbe, pass);
	if (rc == 0) {
		in.data = plain.data;
		in.len = plain.len;
		rc = cbc(&pbe, 1, in, text, &sealed.len);
	}
	if (rc == 0)
		rc = write_pem(&pbe, sealed, out);
	base_wipe(&pbe, sizeof(pbe));
	base_buf_free(&plain);
	return rc;
}

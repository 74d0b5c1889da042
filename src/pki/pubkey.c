/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pubkey.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "pki/der.h"
#include "pki/oid.h"
#include "pki/ossl_internal.h"
#include "pki/rsa.h"
#include "pki/tlv.h"

struct spki {
	enum pki_key_type type;
	struct pki_bytes bits; /* without the unused-bits octet */
};

/* The kinds whose identifier says all. */
static const struct {
	enum pki_oid id;
	enum pki_key_type type;
	size_t len;
} bare[] = {
	{ PKI_OID_ED25519, PKI_KEY_ED25519, 32 },
	{ PKI_OID_MLDSA44, PKI_KEY_MLDSA44, 1312 },
	{ PKI_OID_MLDSA65, PKI_KEY_MLDSA65, 1952 },
	{ PKI_OID_MLDSA87, PKI_KEY_MLDSA87, 2592 },
};
#define BARE (sizeof(bare) / sizeof(bare[0]))

static int
algorithm_type(struct pki_bytes alg, enum pki_key_type *ret)
{
	struct pki_tlv oid, par;
	int rc;

	if ((rc = pki_tlv_expect(&alg, PKI_TAG_OID, &oid)) != 0)
		return rc;
	for (size_t i = 0; i < BARE; i++)
		if (pki_oid_is(oid.val, bare[i].id)) {
			/* RFC 8410 section 3, RFC 9881 section 2: no
			 * parameters. */
			*ret = bare[i].type;
			return alg.len == 0 ? 0 : ERR_PEER_MALFORMED;
		}
	if (pki_oid_is(oid.val, PKI_OID_RSA)) {
		/* RFC 3279 section 2.3.1: parameters NULL. */
		*ret = PKI_KEY_RSA;
		if ((rc = pki_tlv_expect(&alg, PKI_TAG_NULL, &par)) != 0)
			return rc;
		return alg.len == 0 ? 0 : ERR_PEER_MALFORMED;
	}
	if (!pki_oid_is(oid.val, PKI_OID_EC_PUBLIC_KEY))
		return ERR_PEER_UNSUPPORTED;
	/* RFC 5480 section 2.1.1: named curves only. */
	if (pki_tlv_expect(&alg, PKI_TAG_OID, &par) != 0)
		return ERR_PEER_UNSUPPORTED;
	if (alg.len != 0)
		return ERR_PEER_MALFORMED;
	if (pki_oid_is(par.val, PKI_OID_P256))
		*ret = PKI_KEY_P256;
	else if (pki_oid_is(par.val, PKI_OID_P384))
		*ret = PKI_KEY_P384;
	else
		return ERR_PEER_UNSUPPORTED;
	return 0;
}

static int
split(struct pki_bytes der, struct spki *ret)
{
	struct pki_tlv seq, alg, bits;
	int rc;

	if ((rc = pki_tlv_expect(&der, PKI_TAG_SEQUENCE, &seq)) != 0 ||
	    (rc = pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &alg)) != 0 ||
	    (rc = pki_tlv_expect(&seq.val, PKI_TAG_BIT_STRING, &bits)) != 0)
		return rc;
	if (der.len != 0 || seq.val.len != 0)
		return ERR_PEER_TRAILING;
	if (bits.val.len < 2 || bits.val.data[0] != 0)
		return ERR_PEER_MALFORMED;
	ret->bits.data = bits.val.data + 1;
	ret->bits.len = bits.val.len - 1;
	return algorithm_type(alg.val, &ret->type);
}

int
pki_pubkey_type(struct pki_bytes spki, enum pki_key_type *ret)
{
	struct spki s;
	int rc;

	if ((rc = split(spki, &s)) == 0)
		*ret = s.type;
	return rc;
}

/*
 * A key on a named curve by its point: in half the time that OpenSSL's
 * decoders take to find out what it is.  The point is checked to be on the
 * curve, as it is by them.
 */
static int
load_ec(const struct spki *s, EVP_PKEY **ret)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
		    s->type == PKI_KEY_P256 ? (char[]){ "P-256" }
					    : (char[]){ "P-384" },
		    0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
		    (void *)(uintptr_t)s->bits.data, s->bits.len),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	if (key == NULL)
		return pki_ossl_parse_rc();
	*ret = key;
	return 0;
}

static int
load(const struct spki *s, struct pki_bytes spki, EVP_PKEY **ret)
{
	const uint8_t *p = spki.data;
	EVP_PKEY *key;

	if (s->type == PKI_KEY_P256 || s->type == PKI_KEY_P384)
		return load_ec(s, ret);
	if (spki.len > 65536)
		return ERR_PEER_MALFORMED;
	key = d2i_PUBKEY(NULL, &p, (long)spki.len);
	if (key == NULL)
		return pki_ossl_parse_rc();
	if (p != spki.data + spki.len) {
		EVP_PKEY_free(key);
		return ERR_PEER_TRAILING;
	}
	*ret = key;
	return 0;
}

static int
bad(const char **why, const char *text)
{

	if (why != NULL)
		*why = text;
	return ERR_PEER_KEY;
}

/* The form of the key bits, which OpenSSL takes more liberally. */
static int
check_bits(const struct spki *s, const char **why)
{
	struct pki_bytes in = s->bits;
	struct pki_tlv seq, n, e;
	size_t want = s->type == PKI_KEY_P256 ? 65 : 97;

	if (s->type == PKI_KEY_RSA) {
		if (pki_tlv_check(in) != 0 ||
		    pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq) != 0 ||
		    pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &n) != 0 ||
		    pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &e) != 0 ||
		    seq.val.len != 0 || (n.val.data[0] & 0x80) != 0 ||
		    (e.val.data[0] & 0x80) != 0)
			return bad(why, "RSA key is not DER");
		return pki_rsa_check(n.val, e.val, why);
	}
	for (size_t i = 0; i < BARE; i++)
		if (s->type == bare[i].type)
			want = bare[i].len;
	if (in.len != want)
		return bad(why, "key has the wrong length");
	/* RFC 5480 section 2.2: uncompressed is the form all can read. */
	if ((s->type == PKI_KEY_P256 || s->type == PKI_KEY_P384) &&
	    in.data[0] != 0x04)
		return bad(why, "elliptic curve point is not uncompressed");
	return 0;
}

/* Ask OpenSSL whether the point is on its curve and of the right order. */
static int
check_public(const struct spki *s, struct pki_bytes spki, const char **why)
{
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *key = NULL;
	int rc;

	if ((rc = load(s, spki, &key)) != 0)
		return rc == ERR_SYS_NOMEM ? rc
					   : bad(why, "key does not decode");
	/* FIPS 204 algorithm 23: any octets of that length are a key, and
	 * OpenSSL has no check. */
	if ((s->type & PKI_KEY_MLDSA) != 0) {
		EVP_PKEY_free(key);
		return 0;
	}
	if ((ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL)) == NULL) {
		EVP_PKEY_free(key);
		return ERR_SYS_NOMEM;
	}
	rc = EVP_PKEY_public_check(ctx) == 1
		 ? 0
		 : bad(why, "public key is not valid");
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return pki_ossl_rc(rc);
}

/*
 * Points of small order on edwards25519 (RFC 7748 section 6 lists their
 * like): a signature by such a key proves nothing.  OpenSSL only looks at the
 * length, so that they are compared here, sign bit aside.
 */
static int
check_ed25519(struct pki_bytes bits, const char **why)
{
	static const uint8_t low[][32] = {
		{ 0 },
		{ 1 },
		{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3,
		    0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05,
		    0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
		    0xfc, 0x05 },
		{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c,
		    0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa,
		    0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
		    0x03, 0x7a },
		{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0x7f },
	};
	uint8_t y[32];
	size_t i;

	memcpy(y, bits.data, sizeof(y));
	y[31] &= 0x7f;
	for (i = 0; i < sizeof(low) / sizeof(low[0]); i++)
		if (memcmp(y, low[i], sizeof(y)) == 0)
			return bad(why, "Ed25519 key of small order");
	/* y >= p = 2^255 - 19 is not canonical. */
	for (i = 31; i > 0; i--)
		if (y[i] != (i == 31 ? 0x7f : 0xff))
			return 0;
	return y[0] >= 0xed ? bad(why, "Ed25519 key is not canonical") : 0;
}

int
pki_pubkey_check(struct pki_bytes spki, unsigned allowed,
    enum pki_key_type *ret_type, const char **why)
{
	struct spki s;
	int rc;

	if (pki_tlv_check(spki) != 0)
		return bad(why, "key is not DER");
	if ((rc = split(spki, &s)) != 0)
		return bad(why, rc == ERR_PEER_UNSUPPORTED
				    ? "kind of key not supported"
				    : "malformed key");
	if ((s.type & allowed) == 0)
		return bad(why, "kind of key not allowed by the profile");
	if ((rc = check_bits(&s, why)) != 0)
		return rc;
	if (s.type == PKI_KEY_ED25519 && (rc = check_ed25519(s.bits, why)) != 0)
		return rc;
	if ((rc = check_public(&s, spki, why)) != 0)
		return rc;
	if (ret_type != NULL)
		*ret_type = s.type;
	return 0;
}

static const EVP_MD *
digest_for(enum pki_key_type type)
{

	switch (type) {
	case PKI_KEY_P384:
		return EVP_sha384();
	case PKI_KEY_ED25519:
	case PKI_KEY_MLDSA44:
	case PKI_KEY_MLDSA65:
	case PKI_KEY_MLDSA87:
		return NULL;
	case PKI_KEY_P256:
	case PKI_KEY_RSA:
		break;
	}
	return EVP_sha256();
}

int
pki_pubkey_verify(
    struct pki_bytes spki, struct pki_bytes data, struct pki_bytes sig)
{
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	struct spki s;
	int rc;

	if ((rc = split(spki, &s)) != 0)
		return rc;
	if ((rc = load(&s, spki, &key)) != 0)
		return rc;
	if ((ctx = EVP_MD_CTX_new()) == NULL)
		rc = ERR_SYS_NOMEM;
	else if (EVP_DigestVerifyInit(
		     ctx, NULL, digest_for(s.type), NULL, key) != 1)
		rc = ERR_SYS_CRYPTO;
	else if (EVP_DigestVerify(
		     ctx, sig.data, sig.len, data.data, data.len) != 1)
		rc = ERR_PEER_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return pki_ossl_rc(rc);
}

int
pki_pubkey_sha256(struct pki_bytes data, uint8_t out[32])
{

	if (EVP_Digest(data.data, data.len, out, NULL, EVP_sha256(), NULL) != 1)
		return ERR_SYS_CRYPTO;
	return 0;
}

int
pki_pubkey_key_id(struct pki_bytes spki, uint8_t out[20])
{
	uint8_t hash[32];
	struct spki s;
	int rc;

	rc = split(spki, &s);
	if (rc != 0 && rc != ERR_PEER_UNSUPPORTED)
		return rc;
	if ((rc = pki_pubkey_sha256(s.bits, hash)) != 0)
		return rc;
	memcpy(out, hash, 20);
	return 0;
}

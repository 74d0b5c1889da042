/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "pki/basic.h"
#include "pki/cert_internal.h"
#include "pki/cert_own_internal.h"
#include "pki/ossl_internal.h"
#include "pki/tlv.h"

struct pki_cert {
	atomic_uint refs;
	uint8_t *der;
	X509 *x509;
	struct pki_bytes whole, tbs, issuer, subject, serial, spki, algorithm,
	    signature;
	int64_t not_before_ms, not_after_ms;
	bool ca;
	int pathlen;
	unsigned key_usage, eku;
	size_t n_ext;
	struct pki_cert_ext ext[PKI_CERT_EXT_MAX];
};

int
pki_cert_ext_next(struct pki_bytes *in, struct pki_cert_ext *ret)
{
	struct pki_tlv seq, oid, flag, value;
	int rc;

	if ((rc = pki_tlv_expect(in, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	ret->der = seq.der;
	if ((rc = pki_tlv_expect(&seq.val, PKI_TAG_OID, &oid)) != 0)
		return rc;
	ret->critical = false;
	if (pki_tlv_optional(&seq.val, PKI_TAG_BOOLEAN, &flag)) {
		/* X.690 section 11.5: a default value is not encoded. */
		if (flag.val.len != 1 || flag.val.data[0] != 0xff)
			return ERR_PEER_ENCODING;
		ret->critical = true;
	}
	rc = pki_tlv_expect(&seq.val, PKI_TAG_OCTET_STRING, &value);
	if (rc != 0)
		return rc;
	if (seq.val.len != 0)
		return ERR_PEER_MALFORMED;
	ret->oid = oid.val;
	ret->id = pki_oid_find(oid.val);
	ret->value = value.val;
	return 0;
}

/* KeyUsage, RFC 5280 section 4.2.1.3: bit 0 is the first octet's highest. */
static int
read_key_usage(struct pki_cert *c, struct pki_bytes v)
{
	struct pki_tlv t;
	unsigned i;
	int rc;

	if ((rc = pki_tlv_expect(&v, PKI_TAG_BIT_STRING, &t)) != 0)
		return rc;
	if (t.val.len < 2 || t.val.len > 3)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < 8 * (t.val.len - 1); i++)
		if ((t.val.data[1 + i / 8] & (0x80 >> (i % 8))) != 0)
			c->key_usage |= 1U << i;
	return 0;
}

static int
read_eku(struct pki_cert *c, struct pki_bytes v)
{
	struct pki_tlv seq, t;
	int rc;

	if ((rc = pki_tlv_expect(&v, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (seq.val.len == 0)
		return ERR_PEER_MALFORMED;
	while (seq.val.len > 0) {
		if ((rc = pki_tlv_expect(&seq.val, PKI_TAG_OID, &t)) != 0)
			return rc;
		switch (pki_oid_find(t.val)) {
		case PKI_OID_EKU_SERVER:
			c->eku |= PKI_EKU_SERVER;
			break;
		case PKI_OID_EKU_CLIENT:
			c->eku |= PKI_EKU_CLIENT;
			break;
		case PKI_OID_EKU_OCSP:
			c->eku |= PKI_EKU_OCSP;
			break;
		default:
			c->eku |= PKI_EKU_OTHER;
			break;
		}
	}
	return 0;
}

static int
read_extension(struct pki_cert *c, const struct pki_cert_ext *e)
{
	int rc;

	/* A known extension is DER inside its OCTET STRING too. */
	if (e->id != PKI_OID_COUNT && (rc = pki_tlv_check(e->value)) != 0)
		return rc;
	switch (e->id) {
	case PKI_OID_BASIC_CONSTRAINTS:
		return pki_basic_parse(e->value, &c->ca, &c->pathlen);
	case PKI_OID_KEY_USAGE:
		return read_key_usage(c, e->value);
	case PKI_OID_EXT_KEY_USAGE:
		return read_eku(c, e->value);
	default:
		return 0;
	}
}

static int
read_extensions(struct pki_cert *c, struct pki_bytes in)
{
	struct pki_cert_ext *e;
	struct pki_tlv seq;
	size_t i;
	int rc;

	if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (in.len != 0 || seq.val.len == 0)
		return ERR_PEER_MALFORMED;
	while (seq.val.len > 0) {
		if (c->n_ext == PKI_CERT_EXT_MAX)
			return ERR_PEER_TOO_LARGE;
		e = &c->ext[c->n_ext];
		if ((rc = pki_cert_ext_next(&seq.val, e)) != 0)
			return rc;
		/* RFC 5280 section 4.2: at most one of each. */
		for (i = 0; i < c->n_ext; i++)
			if (pki_bytes_equal(c->ext[i].oid, e->oid))
				return ERR_PEER_DUPLICATE;
		if ((rc = read_extension(c, e)) != 0)
			return rc;
		c->n_ext++;
	}
	return 0;
}

static int
read_validity(struct pki_cert *c, struct pki_bytes v)
{
	struct pki_tlv from, to;
	int rc;

	if ((rc = pki_tlv_next(&v, &from)) != 0 ||
	    (rc = pki_tlv_next(&v, &to)) != 0)
		return rc;
	if (v.len != 0)
		return ERR_PEER_MALFORMED;
	if ((rc = pki_tlv_time(&from, &c->not_before_ms)) != 0)
		return rc;
	return pki_tlv_time(&to, &c->not_after_ms);
}

static int
read_tbs(struct pki_cert *c, struct pki_bytes in)
{
	static const uint8_t v3[] = { 0xa0, 0x03, 0x02, 0x01, 0x02 };
	struct pki_tlv t, serial, alg, issuer, validity, subject, spki;
	int rc;

	if (in.len < sizeof(v3) || memcmp(in.data, v3, sizeof(v3)) != 0)
		return ERR_PEER_MALFORMED;
	in.data += sizeof(v3);
	in.len -= sizeof(v3);
	if ((rc = pki_tlv_expect(&in, PKI_TAG_INTEGER, &serial)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &alg)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &issuer)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &validity)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &subject)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &spki)) != 0 ||
	    (rc = read_validity(c, validity.val)) != 0)
		return rc;
	c->serial = serial.val;
	c->algorithm = alg.der;
	c->issuer = issuer.der;
	c->subject = subject.der;
	c->spki = spki.der;
	/* Unique identifiers: long dead, legal, of no meaning to us. */
	(void)pki_tlv_optional(&in, PKI_TAG_CONTEXT | 1, &t);
	(void)pki_tlv_optional(&in, PKI_TAG_CONTEXT | 2, &t);
	if (pki_tlv_optional(&in, PKI_TAG_CONTEXT_C | 3, &t) &&
	    (rc = read_extensions(c, t.val)) != 0)
		return rc;
	return in.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

static int
read_fields(struct pki_cert *c)
{
	struct pki_bytes in = c->whole;
	struct pki_tlv outer, tbs, alg, sig;
	int rc;

	c->pathlen = -1;
	if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &outer)) != 0 ||
	    (rc = pki_tlv_expect(&outer.val, PKI_TAG_SEQUENCE, &tbs)) != 0 ||
	    (rc = pki_tlv_expect(&outer.val, PKI_TAG_SEQUENCE, &alg)) != 0 ||
	    (rc = pki_tlv_expect(&outer.val, PKI_TAG_BIT_STRING, &sig)) != 0)
		return rc;
	if (outer.val.len != 0 || sig.val.data[0] != 0)
		return ERR_PEER_MALFORMED;
	c->tbs = tbs.der;
	c->signature.data = sig.val.data + 1;
	c->signature.len = sig.val.len - 1;
	if ((rc = read_tbs(c, tbs.val)) != 0)
		return rc;
	/* RFC 5280 section 4.1.1.2: inner and outer algorithm agree. */
	return pki_bytes_equal(alg.der, c->algorithm) ? 0 : ERR_PEER_MISMATCH;
}

/* OpenSSL accepts it and writes the same octets. */
static int
openssl_agrees(struct pki_cert *c)
{
	const uint8_t *p = c->whole.data;
	uint8_t *again = NULL;
	int n, rc = ERR_PEER_ENCODING;

	c->x509 = d2i_X509(NULL, &p, (long)c->whole.len);
	if (c->x509 == NULL)
		return pki_ossl_parse_rc();
	if (p != c->whole.data + c->whole.len)
		return ERR_PEER_TRAILING;
	/* The TBS is cached as read; this one writes it anew. */
	n = i2d_re_X509_tbs(c->x509, &again);
	if (n < 0)
		rc = ERR_SYS_NOMEM;
	else if ((size_t)n == c->tbs.len &&
		 memcmp(again, c->tbs.data, c->tbs.len) == 0)
		rc = 0;
	OPENSSL_free(again);
	return pki_ossl_rc(rc);
}

static int
parse(struct pki_bytes der, bool own, struct pki_cert **ret)
{
	struct pki_cert *c;
	int rc;

	if (der.len > PKI_CERT_DER_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = pki_tlv_check(der)) != 0)
		return rc;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_SYS_NOMEM;
	atomic_init(&c->refs, 1);
	if ((c->der = malloc(der.len)) == NULL) {
		rc = ERR_SYS_NOMEM;
		goto fail;
	}
	memcpy(c->der, der.data, der.len);
	c->whole.data = c->der;
	c->whole.len = der.len;
	if ((rc = read_fields(c)) != 0)
		goto fail;
	rc = own ? pki_cert_asn1_agrees(c->tbs) : openssl_agrees(c);
	if (rc != 0)
		goto fail;
	*ret = c;
	return 0;
fail:
	pki_cert_free(c);
	return rc;
}

int
pki_cert_parse(struct pki_bytes der, struct pki_cert **ret)
{

	return parse(der, false, ret);
}

int
pki_cert_parse_own(struct pki_bytes der, struct pki_cert **ret)
{

	return parse(der, true, ret);
}

struct pki_cert *
pki_cert_ref(const struct pki_cert *c)
{
	struct pki_cert *same = (struct pki_cert *)(uintptr_t)c;

	atomic_fetch_add(&same->refs, 1);
	return same;
}

void
pki_cert_free(struct pki_cert *c)
{

	if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	X509_free(c->x509);
	free(c->der);
	free(c);
}

struct pki_bytes
pki_cert_der(const struct pki_cert *c)
{

	return c->whole;
}

struct pki_bytes
pki_cert_tbs(const struct pki_cert *c)
{

	return c->tbs;
}

struct pki_bytes
pki_cert_issuer(const struct pki_cert *c)
{

	return c->issuer;
}

struct pki_bytes
pki_cert_subject(const struct pki_cert *c)
{

	return c->subject;
}

struct pki_bytes
pki_cert_serial(const struct pki_cert *c)
{

	return c->serial;
}

struct pki_bytes
pki_cert_spki(const struct pki_cert *c)
{

	return c->spki;
}

struct pki_bytes
pki_cert_algorithm(const struct pki_cert *c)
{

	return c->algorithm;
}

struct pki_bytes
pki_cert_signature(const struct pki_cert *c)
{

	return c->signature;
}

int64_t
pki_cert_not_before_ms(const struct pki_cert *c)
{

	return c->not_before_ms;
}

int64_t
pki_cert_not_after_ms(const struct pki_cert *c)
{

	return c->not_after_ms;
}

bool
pki_cert_is_ca(const struct pki_cert *c, int *ret_pathlen)
{

	if (ret_pathlen != NULL)
		*ret_pathlen = c->pathlen;
	return c->ca;
}

unsigned
pki_cert_key_usage(const struct pki_cert *c)
{

	return c->key_usage;
}

unsigned
pki_cert_eku(const struct pki_cert *c)
{

	return c->eku;
}

bool
pki_cert_extension(const struct pki_cert *c, enum pki_oid oid,
    struct pki_bytes *ret_value, bool *ret_critical)
{
	size_t i;

	for (i = 0; i < c->n_ext; i++) {
		if (c->ext[i].id != oid)
			continue;
		if (ret_value != NULL)
			*ret_value = c->ext[i].value;
		if (ret_critical != NULL)
			*ret_critical = c->ext[i].critical;
		return true;
	}
	return false;
}

bool
pki_cert_is_precert(const struct pki_cert *c)
{
	static const uint8_t null[] = { 0x05, 0x00 };
	struct pki_bytes v;
	bool critical;

	return pki_cert_extension(c, PKI_OID_CT_POISON, &v, &critical) &&
	       critical && v.len == sizeof(null) &&
	       memcmp(v.data, null, sizeof(null)) == 0;
}

int
pki_cert_verify(const struct pki_cert *c, const struct pki_cert *issuer)
{
	EVP_PKEY *key;
	int rc;

	if (c->x509 == NULL)
		return pki_cert_verify_own(c, issuer);
	if ((key = X509_get0_pubkey(issuer->x509)) == NULL)
		return pki_ossl_rc(ERR_SYS_CRYPTO);
	rc = X509_verify(c->x509, key) == 1 ? 0 : ERR_PEER_SIGNATURE;
	return pki_ossl_rc(rc);
}

X509 *
pki_cert_x509(const struct pki_cert *c)
{

	return c->x509;
}

const struct pki_cert_ext *
pki_cert_exts(const struct pki_cert *c, size_t *ret_n)
{

	*ret_n = c->n_ext;
	return c->ext;
}

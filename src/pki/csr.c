/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/csr.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "pki/basic.h"
#include "pki/cert_internal.h"
#include "pki/ossl_internal.h"
#include "pki/pubkey.h"
#include "pki/san.h"
#include "pki/tlv.h"

enum { RSA_BITS_MAX = 4096 };

struct pki_csr {
	uint8_t *der;
	X509_REQ *req;
	struct pki_bytes whole, info, subject, spki;
	/* Extension values; len 0 = none asked for. */
	struct pki_bytes san, basic;
};

/* The extensions asked for: names are kept, and whether to be a CA. */
static int
read_request(struct pki_csr *c, struct pki_bytes values)
{
	struct pki_bytes *keep;
	struct pki_cert_ext e;
	struct pki_tlv seq;
	int rc;

	if ((rc = pki_tlv_expect(&values, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (values.len != 0)
		return ERR_PEER_MALFORMED;
	while (seq.val.len > 0) {
		if ((rc = pki_cert_ext_next(&seq.val, &e)) != 0)
			return rc;
		if (e.id == PKI_OID_SUBJECT_ALT_NAME)
			keep = &c->san;
		else if (e.id == PKI_OID_BASIC_CONSTRAINTS)
			keep = &c->basic;
		else
			continue;
		if (keep->len != 0)
			return ERR_PEER_DUPLICATE;
		if ((rc = pki_tlv_check(e.value)) != 0)
			return rc;
		*keep = e.value;
	}
	return 0;
}

static int
read_attributes(struct pki_csr *c, struct pki_bytes in)
{
	struct pki_tlv attr, oid, set;
	bool seen = false;
	int rc;

	while (in.len > 0) {
		rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &attr);
		if (rc != 0 ||
		    (rc = pki_tlv_expect(&attr.val, PKI_TAG_OID, &oid)) != 0 ||
		    (rc = pki_tlv_expect(&attr.val, PKI_TAG_SET, &set)) != 0)
			return rc;
		if (attr.val.len != 0)
			return ERR_PEER_MALFORMED;
		if (!pki_oid_is(oid.val, PKI_OID_EXTENSION_REQUEST))
			continue;
		if (seen)
			return ERR_PEER_DUPLICATE;
		seen = true;
		if ((rc = read_request(c, set.val)) != 0)
			return rc;
	}
	return 0;
}

/* RFC 2986 section 4. */
static int
read_fields(struct pki_csr *c)
{
	struct pki_bytes in = c->whole;
	struct pki_tlv outer, info, version, subject, spki, attrs;
	int rc;

	if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &outer)) != 0 ||
	    (rc = pki_tlv_expect(&outer.val, PKI_TAG_SEQUENCE, &info)) != 0)
		return rc;
	c->info = info.der;
	in = info.val;
	if ((rc = pki_tlv_expect(&in, PKI_TAG_INTEGER, &version)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &subject)) != 0 ||
	    (rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &spki)) != 0)
		return rc;
	c->subject = subject.val;
	c->spki = spki.der;
	if (version.val.len != 1 || version.val.data[0] != 0)
		return ERR_PEER_MALFORMED;
	if (pki_tlv_optional(&in, PKI_TAG_CONTEXT_C | 0, &attrs) &&
	    (rc = read_attributes(c, attrs.val)) != 0)
		return rc;
	return in.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

static int
openssl_agrees(struct pki_csr *c)
{
	const uint8_t *p = c->whole.data;
	uint8_t *again = NULL;
	int n, rc = ERR_PEER_ENCODING;

	c->req = d2i_X509_REQ(NULL, &p, (long)c->whole.len);
	if (c->req == NULL)
		return pki_ossl_parse_rc();
	if (p != c->whole.data + c->whole.len)
		return ERR_PEER_TRAILING;
	n = i2d_re_X509_REQ_tbs(c->req, &again);
	if (n < 0)
		rc = ERR_SYS_NOMEM;
	else if ((size_t)n == c->info.len &&
		 memcmp(again, c->info.data, c->info.len) == 0)
		rc = 0;
	OPENSSL_free(again);
	return pki_ossl_rc(rc);
}

/* The proof of possession. */
static int
check_signature(struct pki_csr *c)
{
	enum pki_key_type type;
	EVP_PKEY *key;
	int rc;

	/* A huge modulus would make the check itself an attack. */
	if (pki_pubkey_type(c->spki, &type) != 0)
		return ERR_PEER_KEY;
	key = X509_REQ_get0_pubkey(c->req);
	if (key == NULL ||
	    (type == PKI_KEY_RSA && EVP_PKEY_get_bits(key) > RSA_BITS_MAX))
		rc = ERR_PEER_KEY;
	else
		rc = X509_REQ_verify(c->req, key) == 1 ? 0 : ERR_PEER_SIGNATURE;
	return pki_ossl_rc(rc);
}

int
pki_csr_parse(struct pki_bytes der, struct pki_csr **ret)
{
	struct pki_csr *c;
	int rc;

	if (der.len > PKI_CSR_DER_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = pki_tlv_check(der)) != 0)
		return rc;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_SYS_NOMEM;
	if ((c->der = malloc(der.len)) == NULL) {
		rc = ERR_SYS_NOMEM;
		goto fail;
	}
	memcpy(c->der, der.data, der.len);
	c->whole.data = c->der;
	c->whole.len = der.len;
	if ((rc = read_fields(c)) != 0 || (rc = openssl_agrees(c)) != 0 ||
	    (rc = check_signature(c)) != 0)
		goto fail;
	*ret = c;
	return 0;
fail:
	pki_csr_free(c);
	return rc;
}

void
pki_csr_free(struct pki_csr *c)
{

	if (c == NULL)
		return;
	X509_REQ_free(c->req);
	free(c->der);
	free(c);
}

struct pki_bytes
pki_csr_spki(const struct pki_csr *c)
{

	return c->spki;
}

int
pki_csr_basic(const struct pki_csr *c, bool *ret_ca, int *ret_pathlen)
{

	if (c->basic.len == 0)
		return ERR_STATE_NOT_FOUND;
	return pki_basic_parse(c->basic, ret_ca, ret_pathlen);
}

/* Take a common name as one more name. */
static int
add_common_name(const struct pki_tlv *t, struct pki_san_list *ret)
{
	char text[PKI_SAN_VALUE_MAX + 1];
	size_t i;
	int rc;

	if (t->tag != PKI_TAG_UTF8 && t->tag != PKI_TAG_PRINTABLE &&
	    t->tag != PKI_TAG_IA5)
		return ERR_PEER_NAME;
	if (t->val.len == 0 || t->val.len > PKI_SAN_VALUE_MAX)
		return ERR_PEER_NAME;
	for (i = 0; i < t->val.len; i++) {
		text[i] = (char)t->val.data[i];
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return ERR_PEER_NAME;
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	}
	text[i] = '\0';
	rc = pki_san_add_text(ret, text);
	return rc == ERR_PEER_MALFORMED ? ERR_PEER_NAME : rc;
}

int
pki_csr_names(const struct pki_csr *c, struct pki_san_list *ret)
{
	struct pki_bytes rdns = c->subject;
	struct pki_tlv set, attr, oid, value;
	int rc;

	ret->n = 0;
	if (c->san.len != 0 && (rc = pki_san_parse(c->san, ret)) != 0)
		return rc;
	while (rdns.len > 0) {
		if ((rc = pki_tlv_expect(&rdns, PKI_TAG_SET, &set)) != 0)
			return rc;
		while (set.val.len > 0) {
			rc = pki_tlv_expect(&set.val, PKI_TAG_SEQUENCE, &attr);
			if (rc != 0 ||
			    (rc = pki_tlv_expect(
				 &attr.val, PKI_TAG_OID, &oid)) != 0 ||
			    (rc = pki_tlv_next(&attr.val, &value)) != 0)
				return rc;
			if (pki_oid_is(oid.val, PKI_OID_CN) &&
			    (rc = add_common_name(&value, ret)) != 0)
				return rc;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl.h"

#include "pki/der.h"
#include "pki/oid.h"
#include "pki/tlv.h"

/*
 * The next extension, which must be ${id}.  The strict reader has been over
 * all of it already; what is inside OCTET STRINGs it has not seen.
 */
static int
extension(struct pki_bytes *in, enum pki_oid id, bool critical,
    struct pki_bytes *ret_value)
{
	struct pki_tlv seq, oid, flag, value;
	struct pki_bytes rest = *in;

	if (pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_OID, &oid) != 0 ||
	    !pki_oid_is(oid.val, id))
		return ERR_PEER_MALFORMED;
	if (pki_tlv_optional(&seq.val, PKI_TAG_BOOLEAN, &flag) != critical)
		return ERR_PEER_MALFORMED;
	if (pki_tlv_expect(&seq.val, PKI_TAG_OCTET_STRING, &value) != 0 ||
	    seq.val.len != 0 || pki_tlv_check(value.val) != 0)
		return ERR_PEER_MALFORMED;
	*ret_value = value.val;
	*in = rest;
	return 0;
}

static int
read_number(struct pki_bytes value, uint64_t *ret)
{
	struct pki_tlv t;
	uint64_t v = 0;
	size_t i;

	if (pki_tlv_expect(&value, PKI_TAG_INTEGER, &t) != 0 ||
	    value.len != 0 || t.val.len > 8 || (t.val.data[0] & 0x80) != 0)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < t.val.len; i++)
		v = v << 8 | t.val.data[i];
	*ret = v;
	return 0;
}

static int
read_key_id(struct pki_bytes value, struct pki_bytes *ret)
{
	struct pki_tlv seq, id;

	if (pki_tlv_expect(&value, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    value.len != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_CONTEXT, &id) != 0 ||
	    seq.val.len != 0)
		return ERR_PEER_MALFORMED;
	*ret = id.val;
	return 0;
}

static int
read_extensions(struct pki_bytes in, struct pki_crl_view *v)
{
	struct pki_tlv outer, seq;
	struct pki_bytes value;

	v->idp = (struct pki_bytes){ NULL, 0 };
	if (pki_tlv_expect(&in, PKI_TAG_CONTEXT_C, &outer) != 0 ||
	    in.len != 0 ||
	    pki_tlv_expect(&outer.val, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    outer.val.len != 0)
		return ERR_PEER_MALFORMED;
	if (extension(&seq.val, PKI_OID_AUTHORITY_KEY_ID, false, &value) != 0 ||
	    read_key_id(value, &v->key_id) != 0 ||
	    extension(&seq.val, PKI_OID_CRL_NUMBER, false, &value) != 0 ||
	    read_number(value, &v->number) != 0)
		return ERR_PEER_MALFORMED;
	if (seq.val.len == 0)
		return 0;
	if (extension(&seq.val, PKI_OID_CRL_IDP, true, &v->idp) != 0 ||
	    seq.val.len != 0)
		return ERR_PEER_MALFORMED;
	return 0;
}

/* Zero or more SEQUENCEs, in one if there are any. */
static int
read_entries(struct pki_bytes *in, struct pki_bytes *ret)
{
	struct pki_bytes rest;
	struct pki_tlv all, one;

	*ret = (struct pki_bytes){ NULL, 0 };
	if (!pki_tlv_optional(in, PKI_TAG_SEQUENCE, &all))
		return 0;
	if (all.val.len == 0)
		return ERR_PEER_MALFORMED;
	for (rest = all.val; rest.len > 0;)
		if (pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &one) != 0)
			return ERR_PEER_MALFORMED;
	*ret = all.val;
	return 0;
}

static int
read_time(struct pki_bytes *in, int64_t *ret)
{
	struct pki_tlv t;

	if (pki_tlv_next(in, &t) != 0)
		return ERR_PEER_MALFORMED;
	return pki_tlv_time(&t, ret);
}

int
pki_crl_read(struct pki_bytes tbs, struct pki_crl_view *ret)
{
	struct pki_tlv seq, version, alg, issuer;
	struct pki_crl_view v;
	int rc;

	if ((rc = pki_tlv_check(tbs)) != 0)
		return rc;
	if (pki_tlv_expect(&tbs, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &version) != 0 ||
	    version.val.len != 1 || version.val.data[0] != 1 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &alg) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &issuer) != 0)
		return ERR_PEER_MALFORMED;
	v.algorithm = alg.der;
	v.issuer = issuer.der;
	if ((rc = read_time(&seq.val, &v.this_update_ms)) != 0 ||
	    (rc = read_time(&seq.val, &v.next_update_ms)) != 0 ||
	    (rc = read_entries(&seq.val, &v.entries)) != 0 ||
	    (rc = read_extensions(seq.val, &v)) != 0)
		return rc;
	*ret = v;
	return 0;
}

int
pki_crl_assemble(struct pki_bytes tbs, struct pki_bytes signature, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	struct pki_bytes in = tbs;
	struct pki_tlv seq, version, alg;
	struct pki_der w;

	if (pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq) != 0 || in.len != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &version) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &alg) != 0)
		return ERR_PEER_MALFORMED;
	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_raw(&w, tbs);
	pki_der_raw(&w, alg.der);
	pki_der_bits(&w, signature, 0);
	pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}

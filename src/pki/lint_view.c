/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint_internal.h"

#include <string.h>

#include "pki/tlv.h"

static int
take_extensions(struct pki_lint_view *v, struct pki_bytes in)
{
	struct pki_tlv seq;
	int rc;

	if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	while (seq.val.len > 0) {
		if (v->n == PKI_CERT_EXT_MAX)
			return ERR_PEER_TOO_LARGE;
		rc = pki_cert_ext_next(&seq.val, &v->ext[v->n]);
		if (rc != 0)
			return rc;
		v->n++;
	}
	return 0;
}

static int
take_validity(struct pki_lint_view *v, struct pki_bytes in)
{
	struct pki_tlv from, to;
	int rc;

	if ((rc = pki_tlv_next(&in, &from)) != 0 ||
	    (rc = pki_tlv_next(&in, &to)) != 0)
		return rc;
	v->times_ok = pki_tlv_time(&from, &v->from_ms) == 0 &&
		      pki_tlv_time(&to, &v->to_ms) == 0;
	return in.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

/* The identifier, left empty when parameters follow: none of ours has any. */
static void
take_algorithm(struct pki_lint_view *v, struct pki_bytes in)
{
	struct pki_tlv id;

	if (pki_tlv_expect(&in, PKI_TAG_OID, &id) == 0 && in.len == 0)
		v->algorithm_oid = id.val;
}

int
pki_lint_take(const struct pki_lint_input *in, struct pki_lint_view *v)
{
	static const uint8_t v3[] = { 0x02, 0x01, 0x02 };
	struct pki_bytes rest = in->tbs;
	struct pki_tlv seq, t, alg, issuer, validity, subject, spki;
	int rc;

	memset(v, 0, sizeof(*v));
	v->in = in;
	if ((rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (rest.len != 0)
		return ERR_PEER_TRAILING;
	rest = seq.val;
	if (pki_tlv_optional(&rest, PKI_TAG_CONTEXT_C | 0, &t))
		v->v3 = pki_bytes_equal(
		    t.val, (struct pki_bytes){ v3, sizeof(v3) });
	if ((rc = pki_tlv_expect(&rest, PKI_TAG_INTEGER, &t)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &alg)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &issuer)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &validity)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &subject)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &spki)) != 0 ||
	    (rc = take_validity(v, validity.val)) != 0)
		return rc;
	take_algorithm(v, alg.val);
	v->serial = t.val;
	v->algorithm = alg.der;
	v->issuer = issuer.der;
	v->subject = subject.val;
	v->spki = spki.der;
	if (pki_tlv_optional(&rest, PKI_TAG_CONTEXT_C | 3, &t) &&
	    (rc = take_extensions(v, t.val)) != 0)
		return rc;
	return rest.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

const struct pki_cert_ext *
pki_lint_find(const struct pki_lint_view *v, enum pki_oid id)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->ext[i].id == id)
			return &v->ext[i];
	return NULL;
}

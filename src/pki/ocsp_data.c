/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pki/ocsp_response.h"
#include "pki/tlv.h"

/*
 * What a signer wants to know of a ResponseData before it signs: whose name is
 * on it and how long it will be believed.
 */
static int
responder(struct pki_bytes *in, uint8_t out[PKI_OCSP_KEY_HASH_LEN])
{
	struct pki_tlv t, hash;
	int rc;

	if (pki_tlv_optional(in, PKI_TAG_CONTEXT_C | 1, &t))
		return ERR_PEER_UNSUPPORTED;
	if ((rc = pki_tlv_expect(in, PKI_TAG_CONTEXT_C | 2, &t)) != 0 ||
	    (rc = pki_tlv_expect(&t.val, PKI_TAG_OCTET_STRING, &hash)) != 0)
		return rc;
	if (t.val.len != 0 || hash.val.len != PKI_OCSP_KEY_HASH_LEN)
		return ERR_PEER_MALFORMED;
	memcpy(out, hash.val.data, PKI_OCSP_KEY_HASH_LEN);
	return 0;
}

static int
time_of(struct pki_bytes *in, int64_t *ret)
{
	struct pki_tlv t;
	int rc;

	rc = pki_tlv_expect(in, PKI_TAG_GENERALIZED_TIME, &t);
	return rc == 0 ? pki_tlv_generalized(&t, ret) : rc;
}

static bool
is_status(unsigned tag)
{
	return tag == (PKI_TAG_CONTEXT | 0) || tag == (PKI_TAG_CONTEXT_C | 1) ||
	       tag == (PKI_TAG_CONTEXT | 2);
}

static int
single(struct pki_bytes *in, struct pki_ocsp_times *ret, bool first)
{
	struct pki_tlv one, t;
	struct pki_bytes rest;
	int64_t from, to;
	int rc;

	if ((rc = pki_tlv_expect(in, PKI_TAG_SEQUENCE, &one)) != 0)
		return rc;
	rest = one.val;
	if ((rc = pki_tlv_expect(&rest, PKI_TAG_SEQUENCE, &t)) != 0 ||
	    (rc = pki_tlv_next(&rest, &t)) != 0)
		return rc;
	if (!is_status(t.tag))
		return ERR_PEER_MALFORMED;
	if ((rc = time_of(&rest, &from)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_CONTEXT_C | 0, &t)) != 0 ||
	    (rc = time_of(&t.val, &to)) != 0)
		return rc;
	if (t.val.len != 0 || rest.len != 0 || to < from)
		return ERR_PEER_MALFORMED;
	if (first || from < ret->this_first_ms)
		ret->this_first_ms = from;
	if (first || from > ret->this_last_ms)
		ret->this_last_ms = from;
	if (first || to - from > ret->life_max_ms)
		ret->life_max_ms = to - from;
	return 0;
}

int
pki_ocsp_data_parse(struct pki_bytes der, struct pki_ocsp_times *ret)
{
	struct pki_ocsp_times out;
	struct pki_tlv all, list, t;
	size_t n = 0;
	int rc;

	if (der.len > PKI_OCSP_DATA_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = pki_tlv_check(der)) != 0 ||
	    (rc = pki_tlv_expect(&der, PKI_TAG_SEQUENCE, &all)) != 0 ||
	    (rc = responder(&all.val, out.key_hash)) != 0 ||
	    (rc = time_of(&all.val, &out.produced_ms)) != 0 ||
	    (rc = pki_tlv_expect(&all.val, PKI_TAG_SEQUENCE, &list)) != 0)
		return rc;
	(void)pki_tlv_optional(&all.val, PKI_TAG_CONTEXT_C | 1, &t);
	if (all.val.len != 0 || list.val.len == 0)
		return ERR_PEER_MALFORMED;
	while (list.val.len > 0) {
		if (n == PKI_OCSP_SINGLES_MAX)
			return ERR_PEER_TOO_LARGE;
		if ((rc = single(&list.val, &out, n++ == 0)) != 0)
			return rc;
	}
	*ret = out;
	return 0;
}

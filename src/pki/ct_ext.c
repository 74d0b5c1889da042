/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ct.h"

#include "pki/ct_internal.h"
#include "pki/der.h"
#include "pki/tlv.h"

int
pki_ct_list_parse(
    struct pki_bytes ext_value, struct pki_ct_sct *ret, size_t *ret_n)
{
	struct pki_tlv octets;

	if (pki_tlv_expect(&ext_value, PKI_TAG_OCTET_STRING, &octets) != 0 ||
	    ext_value.len != 0)
		return ERR_PEER_MALFORMED;
	return pki_ct_tls_parse(octets.val, ret, ret_n);
}

int
pki_ct_list_encode(const struct pki_ct_sct *scts, size_t n, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	uint8_t tls[2 + PKI_CT_LIST_MAX * (2 + PKI_CT_SCT_MAX)];
	struct pki_der w;
	size_t len;
	int rc;

	if ((rc = pki_ct_tls_encode(scts, n, tls, sizeof(tls), &len)) != 0)
		return rc;
	pki_der_init(&w, out, cap);
	pki_der_put(&w, PKI_TAG_OCTET_STRING, tls, len);
	return pki_der_finish(&w, ret_len);
}

/* The extension to leave out, what takes its place, how often it was there. */
struct edit {
	enum pki_oid drop;
	struct pki_bytes list; /* len 0: nothing */
	unsigned dropped;
};

static void
put_list(struct pki_der *w, struct pki_bytes list)
{
	struct pki_bytes id = pki_oid_get(PKI_OID_CT_SCT_LIST);

	if (list.len == 0)
		return;
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_put(w, PKI_TAG_OID, id.data, id.len);
	pki_der_put(w, PKI_TAG_OCTET_STRING, list.data, list.len);
	pki_der_close(w);
}

static int
copy_extensions(struct pki_der *w, struct pki_bytes in, struct edit *e)
{
	struct pki_tlv seq, one, oid;
	struct pki_bytes rest;
	int rc;

	if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (in.len != 0)
		return ERR_PEER_MALFORMED;
	pki_der_open(w, PKI_TAG_SEQUENCE);
	while (rc == 0 && seq.val.len > 0) {
		rc = pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &one);
		if (rc != 0)
			break;
		rest = one.val;
		if ((rc = pki_tlv_expect(&rest, PKI_TAG_OID, &oid)) != 0)
			break;
		if (pki_oid_is(oid.val, e->drop)) {
			e->dropped++;
			put_list(w, e->list);
		} else {
			pki_der_raw(w, one.der);
		}
	}
	pki_der_close(w);
	return rc;
}

static int
copy(struct pki_bytes tbs, struct edit *e, struct pki_der *w)
{
	struct pki_tlv seq, t;
	int rc;

	if ((rc = pki_tlv_expect(&tbs, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (tbs.len != 0)
		return ERR_PEER_TRAILING;
	pki_der_open(w, PKI_TAG_SEQUENCE);
	while (rc == 0 && seq.val.len > 0) {
		if ((rc = pki_tlv_next(&seq.val, &t)) != 0)
			break;
		if (t.tag != (PKI_TAG_CONTEXT_C | 3)) {
			pki_der_raw(w, t.der);
			continue;
		}
		pki_der_open(w, t.tag);
		rc = copy_extensions(w, t.val, e);
		pki_der_close(w);
	}
	pki_der_close(w);
	if (rc == 0 && e->dropped != 1)
		rc = e->dropped == 0 ? ERR_STATE_NOT_FOUND : ERR_PEER_DUPLICATE;
	return rc;
}

int
pki_ct_strip(struct pki_bytes tbs, enum pki_oid ext, uint8_t *out, size_t cap,
    size_t *ret_len)
{
	struct edit e = { ext, { NULL, 0 }, 0 };
	struct pki_der w;
	int rc;

	pki_der_init(&w, out, cap);
	if ((rc = copy(tbs, &e, &w)) != 0)
		return rc;
	return pki_der_finish(&w, ret_len);
}

int
pki_ct_embed(struct pki_bytes tbs, struct pki_bytes list, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	struct edit e = { PKI_OID_CT_POISON, list, 0 };
	struct pki_der w;
	int rc;

	pki_der_init(&w, out, cap);
	if ((rc = copy(tbs, &e, &w)) != 0)
		return rc;
	return pki_der_finish(&w, ret_len);
}

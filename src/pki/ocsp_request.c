/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ocsp.h"

#include <string.h>

#include "pki/oid.h"
#include "pki/tlv.h"

/* AlgorithmIdentifier of a digest: parameters are absent or NULL. */
static int
digest(struct pki_bytes *in, enum pki_ocsp_hash *ret)
{
	struct pki_tlv alg, oid, null;
	struct pki_bytes rest;
	int rc;

	if ((rc = pki_tlv_expect(in, PKI_TAG_SEQUENCE, &alg)) != 0)
		return rc;
	rest = alg.val;
	if ((rc = pki_tlv_expect(&rest, PKI_TAG_OID, &oid)) != 0)
		return rc;
	*ret = PKI_OCSP_HASH_OTHER;
	if (pki_oid_is(oid.val, PKI_OID_SHA1))
		*ret = PKI_OCSP_SHA1;
	else if (pki_oid_is(oid.val, PKI_OID_SHA256))
		*ret = PKI_OCSP_SHA256;
	else
		return 0;
	if (rest.len > 0 &&
	    (rc = pki_tlv_expect(&rest, PKI_TAG_NULL, &null)) != 0)
		return rc;
	return rest.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

static int
cert_id(struct pki_bytes *in, struct pki_ocsp_id *ret)
{
	static const size_t lens[] = { 20, 32 };
	struct pki_tlv id, name, key, serial;
	struct pki_bytes rest;
	int rc;

	if ((rc = pki_tlv_expect(in, PKI_TAG_SEQUENCE, &id)) != 0)
		return rc;
	rest = id.val;
	if ((rc = digest(&rest, &ret->hash)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_OCTET_STRING, &name)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_OCTET_STRING, &key)) != 0 ||
	    (rc = pki_tlv_expect(&rest, PKI_TAG_INTEGER, &serial)) != 0)
		return rc;
	if (rest.len != 0 || serial.val.len > PKI_OCSP_SERIAL_MAX)
		return ERR_PEER_MALFORMED;
	if (ret->hash != PKI_OCSP_HASH_OTHER &&
	    (name.val.len != lens[ret->hash] || key.val.len != lens[ret->hash]))
		return ERR_PEER_MALFORMED;
	ret->der = id.der;
	ret->name_hash = name.val;
	ret->key_hash = key.val;
	ret->serial = serial.val;
	return 0;
}

/* RFC 9654 section 2.1: an OCTET STRING of 1 to 128 octets. */
static int
nonce(struct pki_bytes value, struct pki_bytes *ret)
{
	struct pki_tlv t;
	int rc;

	if (ret->data != NULL)
		return ERR_PEER_DUPLICATE;
	if ((rc = pki_tlv_expect(&value, PKI_TAG_OCTET_STRING, &t)) != 0)
		return rc;
	if (value.len != 0 || t.val.len == 0 || t.val.len > PKI_OCSP_NONCE_MAX)
		return ERR_PEER_MALFORMED;
	*ret = t.val;
	return 0;
}

static int
extension(struct pki_bytes *in, struct pki_bytes *ret_nonce)
{
	struct pki_tlv ext, oid, critical, value;
	struct pki_bytes rest;
	bool must;
	int rc;

	if ((rc = pki_tlv_expect(in, PKI_TAG_SEQUENCE, &ext)) != 0)
		return rc;
	rest = ext.val;
	if ((rc = pki_tlv_expect(&rest, PKI_TAG_OID, &oid)) != 0)
		return rc;
	must = pki_tlv_optional(&rest, PKI_TAG_BOOLEAN, &critical);
	/* DER leaves a value out that is the default. */
	if (must && critical.val.data[0] != 0xff)
		return ERR_PEER_ENCODING;
	if ((rc = pki_tlv_expect(&rest, PKI_TAG_OCTET_STRING, &value)) != 0)
		return rc;
	if (rest.len != 0)
		return ERR_PEER_MALFORMED;
	if (ret_nonce != NULL && pki_oid_is(oid.val, PKI_OID_OCSP_NONCE))
		return nonce(value.val, ret_nonce);
	/* RFC 6960 section 4.4: not recognised, and not to be ignored. */
	return must ? ERR_PEER_UNSUPPORTED : 0;
}

/* ${ret_nonce} is NULL where none belongs: in a single request. */
static int
extensions(struct pki_bytes in, struct pki_bytes *ret_nonce)
{
	struct pki_tlv list;
	int rc;

	if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &list)) != 0)
		return rc;
	if (in.len != 0 || list.val.len == 0)
		return ERR_PEER_MALFORMED;
	while (list.val.len > 0)
		if ((rc = extension(&list.val, ret_nonce)) != 0)
			return rc;
	return 0;
}

static int
requests(struct pki_bytes in, struct pki_ocsp_request *ret)
{
	struct pki_tlv one, more;
	int rc;

	while (in.len > 0) {
		if (ret->n == PKI_OCSP_CERTS_MAX)
			return ERR_PEER_TOO_LARGE;
		if ((rc = pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &one)) != 0 ||
		    (rc = cert_id(&one.val, &ret->id[ret->n++])) != 0)
			return rc;
		if (pki_tlv_optional(&one.val, PKI_TAG_CONTEXT_C | 0, &more) &&
		    (rc = extensions(more.val, NULL)) != 0)
			return rc;
		if (one.val.len != 0)
			return ERR_PEER_MALFORMED;
	}
	return ret->n > 0 ? 0 : ERR_PEER_MALFORMED;
}

int
pki_ocsp_request_parse(struct pki_bytes der, struct pki_ocsp_request *ret)
{
	struct pki_tlv all, tbs, list, t;
	int rc;

	if (der.len > PKI_OCSP_REQUEST_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = pki_tlv_check(der)) != 0)
		return rc;
	memset(ret, 0, sizeof(*ret));
	if ((rc = pki_tlv_expect(&der, PKI_TAG_SEQUENCE, &all)) != 0 ||
	    (rc = pki_tlv_expect(&all.val, PKI_TAG_SEQUENCE, &tbs)) != 0)
		return rc;
	/* optionalSignature: anybody may ask, so it is not verified. */
	(void)pki_tlv_optional(&all.val, PKI_TAG_CONTEXT_C | 0, &t);
	if (all.val.len != 0)
		return ERR_PEER_MALFORMED;
	/* requestorName; a version would not be v1, which DER leaves out. */
	(void)pki_tlv_optional(&tbs.val, PKI_TAG_CONTEXT_C | 1, &t);
	if ((rc = pki_tlv_expect(&tbs.val, PKI_TAG_SEQUENCE, &list)) != 0 ||
	    (rc = requests(list.val, ret)) != 0)
		return rc;
	if (pki_tlv_optional(&tbs.val, PKI_TAG_CONTEXT_C | 2, &t) &&
	    (rc = extensions(t.val, &ret->nonce)) != 0)
		return rc;
	return tbs.val.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

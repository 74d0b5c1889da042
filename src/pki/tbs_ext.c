/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs_internal.h"

#include <string.h>

#include "pki/der.h"
#include "pki/san.h"
#include "pki/usage.h"

enum { CN_MAX = 64 };

void
pki_tbs_put_oid(struct pki_der *w, enum pki_oid id)
{
	struct pki_bytes o = pki_oid_get(id);

	pki_der_put(w, PKI_TAG_OID, o.data, o.len);
}

void
pki_tbs_put_attribute(struct pki_der *w, enum pki_oid id, const char *text)
{

	if (text == NULL)
		return;
	pki_der_open(w, PKI_TAG_SET);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(w, id);
	/* RFC 5280 appendix A.1: countryName is a PrintableString. */
	pki_der_put(w, id == PKI_OID_C ? PKI_TAG_PRINTABLE : PKI_TAG_UTF8, text,
	    strlen(text));
	pki_der_close(w);
	pki_der_close(w);
}

void
pki_tbs_ext_begin(struct pki_der *w, enum pki_oid id, bool critical)
{

	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(w, id);
	if (critical)
		pki_der_true(w);
	pki_der_open(w, PKI_TAG_OCTET_STRING);
}

void
pki_tbs_ext_end(struct pki_der *w)
{

	pki_der_close(w);
	pki_der_close(w);
}

void
pki_tbs_ext_basic(struct pki_der *w, uint32_t pathlen)
{

	pki_tbs_ext_begin(w, PKI_OID_BASIC_CONSTRAINTS, true);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_true(w);
	pki_der_small(w, pathlen);
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

void
pki_tbs_ext_usage(struct pki_der *w, unsigned usage)
{
	uint8_t octet = 0;
	unsigned i, unused = 0;

	for (i = 0; i < 8; i++)
		if ((usage & (1U << i)) != 0) {
			octet |= (uint8_t)(0x80 >> i);
			unused = 7 - i;
		}
	pki_tbs_ext_begin(w, PKI_OID_KEY_USAGE, true);
	pki_der_bits(w, (struct pki_bytes){ &octet, 1 }, unused);
	pki_tbs_ext_end(w);
}

void
pki_tbs_ext_eku(struct pki_der *w, unsigned eku)
{

	pki_tbs_ext_begin(w, PKI_OID_EXT_KEY_USAGE, false);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	if ((eku & PKI_EKU_SERVER) != 0)
		pki_tbs_put_oid(w, PKI_OID_EKU_SERVER);
	if ((eku & PKI_EKU_CLIENT) != 0)
		pki_tbs_put_oid(w, PKI_OID_EKU_CLIENT);
	if ((eku & PKI_EKU_OCSP) != 0)
		pki_tbs_put_oid(w, PKI_OID_EKU_OCSP);
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

static void
uri(struct pki_der *w, const char *url)
{

	pki_der_put(w, PKI_TAG_CONTEXT | 6, url, strlen(url));
}

void
pki_tbs_ext_aia(struct pki_der *w, const char *ocsp, const char *issuers)
{

	pki_tbs_ext_begin(w, PKI_OID_AUTHORITY_INFO, false);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	if (ocsp != NULL) {
		pki_der_open(w, PKI_TAG_SEQUENCE);
		pki_tbs_put_oid(w, PKI_OID_AD_OCSP);
		uri(w, ocsp);
		pki_der_close(w);
	}
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(w, PKI_OID_AD_CA_ISSUERS);
	uri(w, issuers);
	pki_der_close(w);
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

/* One DistributionPoint; its fullName is one URI. */
void
pki_tbs_ext_cdp(struct pki_der *w, const char *url)
{

	pki_tbs_ext_begin(w, PKI_OID_CRL_POINTS, false);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	uri(w, url);
	pki_der_close(w);
	pki_der_close(w);
	pki_der_close(w);
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

void
pki_tbs_ext_san(
    struct pki_der *w, const struct pki_san_list *list, bool critical)
{
	size_t i;

	pki_tbs_ext_begin(w, PKI_OID_SUBJECT_ALT_NAME, critical);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	for (i = 0; i < list->n; i++)
		pki_der_put(w, PKI_TAG_CONTEXT | list->item[i].type,
		    list->item[i].value, list->item[i].len);
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

const char *
pki_tbs_cn(const struct pki_san_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->item[i].type == PKI_SAN_DNS)
			return list->item[i].len <= CN_MAX
				   ? (const char *)list->item[i].value
				   : NULL;
	return NULL;
}

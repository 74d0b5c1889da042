/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint_internal.h"

#include <stdio.h>
#include <string.h>

#include "pki/der.h"
#include "pki/profile.h"
#include "pki/usage.h"

/* These are compared with octets written anew, not with octets parsed. */
enum { URL_MAX = 512, VALUE_MAX = 2 * URL_MAX };

static bool
holds(const struct pki_cert_ext *e, const struct pki_der *w)
{

	return e != NULL && !e->critical && w->rc == 0 &&
	       pki_bytes_equal(e->value, (struct pki_bytes){ w->buf, w->len });
}

static void
oid(struct pki_der *w, enum pki_oid id)
{
	struct pki_bytes o = pki_oid_get(id);

	pki_der_put(w, PKI_TAG_OID, o.data, o.len);
}

bool
pki_lint_l07(const struct pki_lint_view *v)
{
	static const uint8_t ds[] = { 0x03, 0x02, 0x07, 0x80 };
	const struct pki_cert_ext *ku = pki_lint_find(v, PKI_OID_KEY_USAGE);
	uint8_t buf[VALUE_MAX];
	struct pki_der w;

	if (ku == NULL || !ku->critical ||
	    !pki_bytes_equal(ku->value, (struct pki_bytes){ ds, sizeof(ds) }))
		return false;
	pki_der_init(&w, buf, sizeof(buf));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	if ((v->in->profile->eku & PKI_EKU_SERVER) != 0)
		oid(&w, PKI_OID_EKU_SERVER);
	if ((v->in->profile->eku & PKI_EKU_CLIENT) != 0)
		oid(&w, PKI_OID_EKU_CLIENT);
	pki_der_close(&w);
	return holds(pki_lint_find(v, PKI_OID_EXT_KEY_USAGE), &w);
}

static void
location(struct pki_der *w, enum pki_oid id, const char *url)
{

	pki_der_open(w, PKI_TAG_SEQUENCE);
	oid(w, id);
	pki_der_put(w, PKI_TAG_CONTEXT | 6, url, strlen(url));
	pki_der_close(w);
}

static bool
aia_matches(
    const struct pki_lint_view *v, const struct pki_cert_ext *e, bool ocsp)
{
	uint8_t buf[VALUE_MAX];
	char url[URL_MAX];
	struct pki_der w;

	pki_der_init(&w, buf, sizeof(buf));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	if (ocsp) {
		snprintf(url, sizeof(url), "%s/ocsp", v->in->status_url);
		location(&w, PKI_OID_AD_OCSP, url);
	}
	snprintf(url, sizeof(url), "%s/aia/%s.cer", v->in->status_url,
	    v->in->issuer_id);
	location(&w, PKI_OID_AD_CA_ISSUERS, url);
	pki_der_close(&w);
	return holds(e, &w);
}

static bool
cdp_matches(const struct pki_lint_view *v, const struct pki_cert_ext *e)
{
	uint8_t buf[VALUE_MAX];
	char url[URL_MAX];
	struct pki_der w;
	int i;

	snprintf(url, sizeof(url), "%s/crl/%s/%u.crl", v->in->status_url,
	    v->in->issuer_id, v->in->crl_shard);
	pki_der_init(&w, buf, sizeof(buf));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_open(&w, PKI_TAG_CONTEXT_C | 0);
	pki_der_open(&w, PKI_TAG_CONTEXT_C | 0);
	pki_der_put(&w, PKI_TAG_CONTEXT | 6, url, strlen(url));
	for (i = 0; i < 4; i++)
		pki_der_close(&w);
	return holds(e, &w);
}

bool
pki_lint_l10(const struct pki_lint_view *v)
{
	const struct pki_cert_ext *aia, *cdp;
	const struct pki_profile *p = v->in->profile;

	aia = pki_lint_find(v, PKI_OID_AUTHORITY_INFO);
	cdp = pki_lint_find(v, PKI_OID_CRL_POINTS);
	if ((pki_lint_find(v, PKI_OID_NO_REV_AVAIL) != NULL) != p->no_rev_avail)
		return false;
	if (p->status_pointers == PKI_STATUS_NONE)
		return aia == NULL && cdp == NULL;
	if (p->no_rev_avail)
		return cdp == NULL && aia_matches(v, aia, false);
	return aia_matches(v, aia, p->status_pointers == PKI_STATUS_BOTH) &&
	       cdp_matches(v, cdp);
}

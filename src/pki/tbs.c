/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs.h"

#include <stdio.h>

#include "pki/der.h"
#include "pki/profile.h"
#include "pki/tbs_internal.h"
#include "pki/tbs_start_internal.h"
#include "pki/usage.h"

enum { URL_MAX = 512 };

void
pki_tbs_put_start(struct pki_der *w, const uint8_t *serial)
{

	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_small(w, 2);
	pki_der_close(w);
	pki_der_uint(w, (struct pki_bytes){ serial, PKI_SERIAL_LEN });
}

void
pki_tbs_put_validity(struct pki_der *w, int64_t from_ms, int64_t to_ms)
{

	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_time(w, from_ms);
	pki_der_time(w, to_ms);
	pki_der_close(w);
}

static void
status_pointers(struct pki_der *w, const struct pki_tbs_leaf *in)
{
	char ocsp[URL_MAX], aia[URL_MAX], crl[URL_MAX];
	enum pki_status_pointers p = in->profile->status_pointers;

	if (p != PKI_STATUS_NONE) {
		snprintf(ocsp, sizeof(ocsp), "%s/ocsp", in->status_url);
		snprintf(aia, sizeof(aia), "%s/aia/%s.cer", in->status_url,
		    in->issuer_id);
		snprintf(crl, sizeof(crl), "%s/crl/%s/%u.crl", in->status_url,
		    in->issuer_id, in->crl_shard);
		if (in->profile->no_rev_avail)
			p = PKI_STATUS_CRL;
		pki_tbs_ext_aia(w, p == PKI_STATUS_BOTH ? ocsp : NULL, aia);
		if (!in->profile->no_rev_avail)
			pki_tbs_ext_cdp(w, crl);
	}
	if (in->profile->no_rev_avail) {
		/* RFC 9608 section 3: NULL, not critical. */
		pki_tbs_ext_begin(w, PKI_OID_NO_REV_AVAIL, false);
		pki_der_put(w, PKI_TAG_NULL, NULL, 0);
		pki_tbs_ext_end(w);
	}
}

static int
leaf_extensions(struct pki_der *w, const struct pki_tbs_leaf *in,
    enum pki_tbs_variant variant)
{
	int rc;

	pki_der_open(w, PKI_TAG_CONTEXT_C | 3);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_ext_usage(w, PKI_KU_DIGITAL_SIGNATURE);
	pki_tbs_ext_eku(w, in->profile->eku);
	pki_tbs_ext_begin(w, PKI_OID_BASIC_CONSTRAINTS, true);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_close(w);
	pki_tbs_ext_end(w);
	rc = pki_tbs_ext_key_ids(w, in->issuer, in->spki);
	/* RFC 5280 section 4.2.1.6: critical when there is no subject. */
	pki_tbs_ext_san(w, in->sans, pki_tbs_cn(in->sans) == NULL);
	status_pointers(w, in);
	pki_tbs_ext_policies(w, in->profile);
	if (variant == PKI_TBS_PRECERT) {
		pki_tbs_ext_begin(w, PKI_OID_CT_POISON, true);
		pki_der_put(w, PKI_TAG_NULL, NULL, 0);
		pki_tbs_ext_end(w);
	} else if (variant == PKI_TBS_FINAL) {
		pki_tbs_ext_begin(w, PKI_OID_CT_SCT_LIST, false);
		pki_der_raw(w, in->sct_list);
		pki_tbs_ext_end(w);
	}
	pki_der_close(w);
	pki_der_close(w);
	return rc;
}

int
pki_tbs_leaf(const struct pki_tbs_leaf *in, enum pki_tbs_variant variant,
    uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_der w;
	int rc, rc2;

	pki_der_init(&w, out, cap);
	pki_tbs_put_start(&w, in->serial);
	rc = pki_tbs_put_algorithm(&w, in->issuer, in->spki);
	pki_tbs_put_issuer(&w, in->issuer);
	pki_tbs_put_validity(&w, in->not_before_ms, in->not_after_ms);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_tbs_put_attribute(&w, PKI_OID_CN, pki_tbs_cn(in->sans));
	pki_der_close(&w);
	pki_der_raw(&w, in->spki);
	rc2 = leaf_extensions(&w, in, variant);
	pki_der_close(&w);
	if (rc != 0 || rc2 != 0)
		return rc != 0 ? rc : rc2;
	return pki_der_finish(&w, ret_len);
}

/* anyPolicy, 2.5.29.32.0. */
static const struct pki_profile any_policy = { .n_policies = 1,
	.policy = { { 4, 0x55, 0x1d, 0x20, 0x00 } } };

static int
ca_extensions(struct pki_der *w, const struct pki_tbs_ca *in)
{
	int rc;

	pki_der_open(w, PKI_TAG_CONTEXT_C | 3);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_ext_basic(w, in->pathlen);
	pki_tbs_ext_usage(w, PKI_KU_CERT_SIGN | PKI_KU_CRL_SIGN);
	if (in->permitted != NULL)
		pki_tbs_ext_names(w, in->permitted);
	rc = pki_tbs_ext_key_ids(w, in->issuer, in->spki);
	if (in->issuer != NULL) {
		if (in->aia_url != NULL)
			pki_tbs_ext_aia(w, NULL, in->aia_url);
		if (in->cdp_url != NULL)
			pki_tbs_ext_cdp(w, in->cdp_url);
		pki_tbs_ext_eku(w, PKI_EKU_SERVER | PKI_EKU_CLIENT);
		/* Without it no policy of a leaf would be valid. */
		pki_tbs_ext_policies(w, &any_policy);
	}
	pki_der_close(w);
	pki_der_close(w);
	return rc;
}

static void
ca_subject(struct pki_der *w, const struct pki_tbs_ca *in)
{

	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_attribute(w, PKI_OID_CN, in->cn);
	pki_tbs_put_attribute(w, PKI_OID_C, in->c);
	pki_tbs_put_attribute(w, PKI_OID_O, in->o);
	pki_tbs_put_attribute(w, PKI_OID_OU, in->ou);
	pki_der_close(w);
}

int
pki_tbs_ca(
    const struct pki_tbs_ca *in, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_der w;
	int rc, rc2;

	pki_der_init(&w, out, cap);
	pki_tbs_put_start(&w, in->serial);
	rc = pki_tbs_put_algorithm(&w, in->issuer, in->spki);
	if (in->issuer != NULL)
		pki_tbs_put_issuer(&w, in->issuer);
	else
		ca_subject(&w, in);
	pki_tbs_put_validity(&w, in->not_before_ms, in->not_after_ms);
	ca_subject(&w, in);
	pki_der_raw(&w, in->spki);
	rc2 = ca_extensions(&w, in);
	pki_der_close(&w);
	if (rc != 0 || rc2 != 0)
		return rc != 0 ? rc : rc2;
	return pki_der_finish(&w, ret_len);
}

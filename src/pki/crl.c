/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl.h"

#include <string.h>

#include "pki/der.h"
#include "pki/pubkey.h"
#include "pki/tbs_internal.h"

int
pki_crl_entry(const struct pki_crl_entry *e, uint8_t out[PKI_CRL_ENTRY_MAX],
    size_t *ret_len)
{
	uint8_t reason = (uint8_t)e->reason;
	struct pki_der w;

	if (e->serial.len == 0 || e->serial.len > PKI_CRL_SERIAL_MAX)
		return ERR_SYS_LIMIT;
	pki_der_init(&w, out, PKI_CRL_ENTRY_MAX);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_uint(&w, e->serial);
	pki_der_time(&w, e->revoked_ms);
	if (reason != 0) {
		pki_der_open(&w, PKI_TAG_SEQUENCE);
		pki_tbs_ext_begin(&w, PKI_OID_REASON, false);
		pki_der_put(&w, PKI_TAG_ENUMERATED, &reason, 1);
		pki_tbs_ext_end(&w);
		pki_der_close(&w);
	}
	pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}

static void
put_number(struct pki_der *w, uint64_t number)
{
	uint8_t octets[8];
	int i;

	for (i = 0; i < 8; i++)
		octets[i] = (uint8_t)(number >> (56 - 8 * i));
	pki_tbs_ext_begin(w, PKI_OID_CRL_NUMBER, false);
	pki_der_uint(w, (struct pki_bytes){ octets, sizeof(octets) });
	pki_tbs_ext_end(w);
}

/* RFC 5280 section 5.2.5: {fullName = ${url}, onlyContainsUserCerts}. */
static void
put_idp(struct pki_der *w, const char *url)
{
	static const uint8_t yes = 0xff;

	pki_tbs_ext_begin(w, PKI_OID_CRL_IDP, true);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_put(w, PKI_TAG_CONTEXT | 6, url, strlen(url));
	pki_der_close(w);
	pki_der_close(w);
	pki_der_put(w, PKI_TAG_CONTEXT | 1, &yes, 1);
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

static int
put_extensions(struct pki_der *w, const struct pki_crl *crl)
{
	uint8_t key_id[20];
	int rc;

	rc = pki_pubkey_key_id(crl->issuer_spki, key_id);
	if (rc != 0)
		return rc;
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_ext_begin(w, PKI_OID_AUTHORITY_KEY_ID, false);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_put(w, PKI_TAG_CONTEXT | 0, key_id, sizeof(key_id));
	pki_der_close(w);
	pki_tbs_ext_end(w);
	put_number(w, crl->number);
	if (crl->idp_url != NULL)
		put_idp(w, crl->idp_url);
	pki_der_close(w);
	pki_der_close(w);
	return 0;
}

int
pki_crl_tbs(const struct pki_crl *crl, struct pki_bytes entries, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	struct pki_der w;
	int rc, rc2;

	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_small(&w, 1);
	rc = pki_tbs_put_algorithm(&w, NULL, crl->issuer_spki);
	pki_der_raw(&w, crl->issuer);
	pki_der_time(&w, crl->this_update_ms);
	pki_der_time(&w, crl->next_update_ms);
	/* Section 5.1.2.6: absent rather than empty. */
	if (entries.len > 0)
		pki_der_put(&w, PKI_TAG_SEQUENCE, entries.data, entries.len);
	rc2 = put_extensions(&w, crl);
	pki_der_close(&w);
	if (rc != 0 || rc2 != 0)
		return rc != 0 ? rc : rc2;
	return pki_der_finish(&w, ret_len);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint_internal.h"

#include "pki/profile.h"
#include "pki/pubkey.h"
#include "pki/signer.h"

bool
pki_lint_l09(const struct pki_lint_view *v)
{
	const struct pki_cert_ext *ski, *aki;
	uint8_t s[22] = { 0x04, 0x14 }, a[24] = { 0x30, 0x16, 0x80, 0x14 };

	ski = pki_lint_find(v, PKI_OID_SUBJECT_KEY_ID);
	aki = pki_lint_find(v, PKI_OID_AUTHORITY_KEY_ID);
	if (ski == NULL || aki == NULL || ski->critical || aki->critical ||
	    pki_pubkey_key_id(v->spki, s + 2) != 0 ||
	    pki_pubkey_key_id(v->issuer_spki, a + 4) != 0)
		return false;
	return pki_bytes_equal(
		   ski->value, (struct pki_bytes){ s, sizeof(s) }) &&
	       pki_bytes_equal(aki->value, (struct pki_bytes){ a, sizeof(a) });
}

/* Inner algorithm = that of the issuer's key = outer; issuer = its name. */
bool
pki_lint_l14(const struct pki_lint_view *v)
{
	enum pki_oid want;

	if (pki_signer_algorithm(v->issuer_spki, &want) != 0)
		return false;
	return pki_oid_is(v->algorithm_oid, want) &&
	       pki_bytes_equal(v->issuer, v->issuer_name) &&
	       (v->in->outer_algorithm.len == 0 ||
		   pki_bytes_equal(v->in->outer_algorithm, v->algorithm));
}

bool
pki_lint_l15(const struct pki_lint_view *v)
{
	const char *why;

	if (v->in->checked_key.len != 0 &&
	    pki_bytes_equal(v->spki, v->in->checked_key))
		return true;
	return pki_pubkey_check(v->spki,
		   pki_signer_allows(v->issuer_spki, v->in->profile->key_types),
		   NULL, &why) == 0;
}

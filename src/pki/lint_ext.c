/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint_internal.h"

bool
pki_lint_l08(const struct pki_lint_view *v)
{
	static const uint8_t empty[] = { 0x30, 0x00 };
	const struct pki_cert_ext *e;

	e = pki_lint_find(v, PKI_OID_BASIC_CONSTRAINTS);
	return e != NULL && e->critical &&
	       pki_bytes_equal(
		   e->value, (struct pki_bytes){ empty, sizeof(empty) });
}

bool
pki_lint_l11(const struct pki_lint_view *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->ext[i].id == PKI_OID_COUNT && v->ext[i].critical)
			return false;
	return true;
}

/* The order of identity spec section 4; what is not in it may not be there. */
bool
pki_lint_l12(const struct pki_lint_view *v)
{
	static const enum pki_oid order[] = { PKI_OID_KEY_USAGE,
		PKI_OID_EXT_KEY_USAGE, PKI_OID_BASIC_CONSTRAINTS,
		PKI_OID_SUBJECT_KEY_ID, PKI_OID_AUTHORITY_KEY_ID,
		PKI_OID_SUBJECT_ALT_NAME, PKI_OID_AUTHORITY_INFO,
		PKI_OID_CRL_POINTS, PKI_OID_NO_REV_AVAIL, PKI_OID_POLICIES,
		PKI_OID_CT_POISON, PKI_OID_CT_SCT_LIST };
	const size_t count = sizeof(order) / sizeof(order[0]);
	size_t at = 0, i;

	for (i = 0; i < v->n; i++) {
		/* An unknown critical one is L11's. */
		if (v->ext[i].id == PKI_OID_COUNT && v->ext[i].critical)
			continue;
		while (at < count && order[at] != v->ext[i].id)
			at++;
		if (at == count)
			return false;
		at++;
	}
	return pki_lint_find(v, PKI_OID_CT_POISON) == NULL ||
	       pki_lint_find(v, PKI_OID_CT_SCT_LIST) == NULL;
}

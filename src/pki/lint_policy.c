/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint_internal.h"

#include "pki/name.h"

bool
pki_lint_l06(const struct pki_lint_view *v)
{
	const char *why;
	size_t at;

	/* No name to read is L05's. */
	return pki_name_check_all(v->names, v->in->names, &at, &why) == 0 ||
	       pki_lint_find(v, PKI_OID_SUBJECT_ALT_NAME) == NULL;
}

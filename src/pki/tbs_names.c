/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs_internal.h"

#include "pki/constraints.h"

void
pki_tbs_ext_names(struct pki_der *w, const struct pki_constraints *permitted)
{

	/* RFC 5280 section 4.2.1.10: critical. */
	pki_tbs_ext_begin(w, PKI_OID_NAME_CONSTRAINTS, true);
	pki_constraints_put(w, permitted);
	pki_tbs_ext_end(w);
}

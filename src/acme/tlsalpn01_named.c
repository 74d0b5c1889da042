/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/tlsalpn01_internal.h"

#include <stdlib.h>

#include "acme/ident_list.h"
#include "pki/cert.h"
#include "pki/san.h"

int
acme_tlsalpn01_named(
    const struct pki_cert *c, const struct acme_ident *ident, bool *ret)
{
	struct pki_san_list *want = calloc(2, sizeof(*want)), *have;
	int rc;

	if (want == NULL)
		return ERR_SYS_NOMEM;
	have = want + 1;
	rc = acme_ident_list_sans(ident, 1, want);
	if (rc == 0)
		*ret = pki_cert_sans(c, have) == 0 && pki_san_same(want, have);
	free(want);
	return rc;
}

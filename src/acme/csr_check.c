/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/csr_check.h"

#include <stdlib.h>

#include "acme/ident_list.h"
#include "acme/jwk.h"
#include "acme/problem_type.h"
#include "pki/csr.h"
#include "pki/san.h"

static int
bad(struct acme_problem *p, const char *what)
{
	return acme_problem_set(
	    p, ACME_PROBLEM_BAD_CSR, "RFC 8555 section 7.4: %s", what);
}

static int
names_match(const struct acme_csr_check *c, const struct pki_csr *csr,
    struct arena *arena, struct acme_problem *problem)
{
	struct pki_san_list *want, *have;
	struct acme_ident *ident;
	size_t n;
	int rc = acme_ident_list_decode(c->identifiers, arena, &ident, &n);

	if (rc != 0)
		return rc;
	want = calloc(2, sizeof(*want));
	if (want == NULL)
		return ERR_SYS_NOMEM;
	have = want + 1;
	rc = acme_ident_list_sans(ident, n, want);
	if (rc == 0 && pki_csr_names(csr, have) != 0)
		rc = bad(problem, "the CSR holds a name of another form");
	else if (rc == 0 && !pki_san_same(want, have))
		rc = bad(problem, "the names of the CSR are not the order's");
	free(want);
	return rc;
}

int
acme_csr_check(const struct acme_csr_check *c, struct arena *arena,
    struct acme_problem *problem)
{
	const struct pki_bytes der = { c->csr, c->csr_len };
	struct pki_csr *csr;
	struct pki_bytes spki;
	int rc = pki_csr_parse(der, &csr);

	if (rc == ERR_SYS_NOMEM)
		return rc;
	if (rc != 0)
		return bad(problem, base_err_text(rc));
	spki = pki_csr_spki(csr);
	if (acme_jwk_is_spki(c->key, spki.data, spki.len))
		rc = bad(problem, "the CSR's key is the account's");
	if (rc == 0)
		rc = names_match(c, csr, arena, problem);
	pki_csr_free(csr);
	return rc;
}

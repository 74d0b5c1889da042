/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/ident_check.h"

#include <stdio.h>
#include <string.h>

#include "acme/eab_covers.h"
#include "acme/ident_address.h"
#include "acme/ident_type.h"
#include "acme/order_request.h"
#include "acme/problem.h"
#include "acme/server_internal.h"
#include "acme/turn_internal.h"

/* Why an identifier cannot be ordered: NULL, or a text, and its type. */
static const char *
objection(struct acme_turn *t, const struct acme_ident *ident,
    const char *profile, enum acme_problem_type *type)
{
	const struct acme_server_config *c = &t->srv->config;
	const char *why = NULL;

	*type = ACME_PROBLEM_UNSUPPORTED_IDENTIFIER;
	if (strcmp(ident->type, "dns") != 0 && strcmp(ident->type, "ip") != 0)
		return "identifiers of this type are not taken";
	*type = ACME_PROBLEM_MALFORMED;
	if (strcmp(ident->type, "ip") == 0 && !acme_ident_address(ident->value))
		return "RFC 8738 section 3: the value is not the text of an "
		       "address";
	*type = ACME_PROBLEM_REJECTED_IDENTIFIER;
	if (c->ident_allowed == NULL ||
	    c->ident_allowed(c->ident_ctx, ident, profile, &why) == 0)
		return NULL;
	return why == NULL ? "refused by policy" : why;
}

int
acme_ident_check(struct acme_turn *t, const struct acme_order_request *m)
{
	struct acme_subproblem *sub;
	enum acme_problem_type type;
	const char *why;
	size_t i, n = 0;
	int rc;

	sub = acme_turn_alloc(t, m->n_idents * sizeof(*sub));
	if (sub == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < m->n_idents; i++) {
		why = objection(t, &m->ident[i], m->profile, &type);
		if (why == NULL && !acme_eab_covers(m->eab, &m->ident[i]))
			why = "outside what the account's binding allows";
		if (why == NULL)
			continue;
		sub[n].type = type;
		sub[n].ident_type = m->ident[i].type;
		sub[n].ident_value = m->ident[i].value;
		(void)snprintf(sub[n].detail, sizeof(sub[n].detail), "%s", why);
		n++;
	}
	if (n == 0)
		return 0;
	/* RFC 8555 section 6.7.1. */
	rc = acme_problem_set(t->problem,
	    n == 1 ? sub[0].type : ACME_PROBLEM_COMPOUND,
	    n == 1 ? "%s" : "several identifiers are refused", sub[0].detail);
	t->problem->sub = sub;
	t->problem->n_sub = n;
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/issue.h"

#include "acme/outcome.h"
#include "acme/turn_internal.h"

int
acme_issue_effect(struct acme_turn *t, const struct acme_order *o,
    const struct acme_authz *authz, size_t n)
{
	t->out->effect = ACME_EFFECT_ISSUE;
	t->out->order = o;
	t->out->authz = authz;
	t->out->n_authzs = n;
	return 0;
}

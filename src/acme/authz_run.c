/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/authz_run.h"

#include "acme/load_authz.h"
#include "acme/outcome.h"
#include "acme/turn_internal.h"

int
acme_authz_run(struct acme_turn *t, const struct acme_authz *a,
    const struct acme_challenge *c)
{
	if (c->status != ACME_PROCESSING ||
	    acme_load_authz_state(a, t->now_ms) != ACME_PENDING)
		return 0;
	t->out->effect = ACME_EFFECT_VALIDATE;
	t->out->authz = acme_turn_dup(t, a, sizeof(*a));
	t->out->n_authzs = 1;
	t->out->challenge = acme_turn_dup(t, c, sizeof(*c));
	if (t->out->authz == NULL || t->out->challenge == NULL)
		return ERR_SYS_NOMEM;
	return acme_turn_header(t, "retry-after", "1");
}

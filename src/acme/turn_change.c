/* SPDX-License-Identifier: Apache-2.0 */
/* What a turn changes and charges. */
#include "acme/turn_change.h"

#include <stdio.h>
#include <string.h>

#include "acme/outcome.h"

int
acme_turn_put(struct acme_turn *t, int kind, const void *object)
{
	return acme_outcome_put(
	    t->out, t->arena, (enum acme_change_kind)kind, object);
}

int
acme_turn_audit(struct acme_turn *t, const char *event, const char *id,
    const char *eab_kid)
{
	size_t len = strlen(id) + (eab_kid == NULL ? 0 : strlen(eab_kid)) + 64;
	char *fields = acme_turn_alloc(t, len);
	int rc;

	if (fields == NULL)
		return ERR_SYS_NOMEM;
	if (eab_kid == NULL)
		(void)snprintf(fields, len, "{\"account\":\"%s\"}", id);
	else
		(void)snprintf(fields, len,
		    "{\"account\":\"%s\",\"eab_kid\":\"%s\"}", id, eab_kid);
	rc = acme_turn_put(t, ACME_AUDIT, NULL);
	if (rc != 0)
		return rc;
	t->out->change[t->out->n_changes - 1].event = event;
	t->out->change[t->out->n_changes - 1].fields = fields;
	return 0;
}

void
acme_turn_charge(struct acme_turn *t, int kind, const char *key)
{
	struct acme_outcome *o = t->out;

	if (o->n_charges == ACME_CHARGES_MAX)
		return;
	o->charge[o->n_charges].limit = kind;
	o->charge[o->n_charges++].key = key;
}

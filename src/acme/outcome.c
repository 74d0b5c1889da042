/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/outcome.h"

#include "base/arena.h"

int
acme_outcome_put(struct acme_outcome *o, struct arena *arena,
    enum acme_change_kind kind, const void *object)
{
	if (o->change == NULL)
		o->change = base_arena_alloc(
		    arena, ACME_CHANGES_MAX * sizeof(*o->change));
	if (o->change == NULL)
		return ERR_SYS_NOMEM;
	if (o->n_changes == ACME_CHANGES_MAX)
		return ERR_SYS_LIMIT;
	o->change[o->n_changes].kind = kind;
	o->change[o->n_changes++].object = object;
	return 0;
}

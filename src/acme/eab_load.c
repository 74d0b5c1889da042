/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/eab_load.h"

#include "acme/store.h"
#include "acme/turn_internal.h"

int
acme_eab_load(struct acme_turn *t, const char *kid, struct acme_eab *ret)
{
	return t->store->ops->eab(t->store->ctx, kid, t->now_ms, t->arena, ret);
}

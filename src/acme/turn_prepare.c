/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn_internal.h"

#include "acme/problem.h"
#include "acme/server_internal.h"

int
acme_turn_prepare(struct acme_turn *t)
{
	t->base_url = t->srv->config.base_url;
	t->problem = acme_turn_alloc(t, sizeof(*t->problem));
	return t->problem == NULL ? ERR_SYS_NOMEM : 0;
}

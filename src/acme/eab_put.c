/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/eab_put.h"

#include "acme/eab.h"
#include "acme/kind.h"
#include "acme/server_internal.h"
#include "acme/turn_change.h"

int
acme_eab_put(struct acme_turn *t, const char *kid, const char *account)
{
	struct acme_eab_bind *bind = acme_turn_alloc(t, sizeof(*bind));

	if (bind == NULL)
		return ERR_SYS_NOMEM;
	bind->kid = kid;
	bind->account = account;
	return acme_turn_put(t, ACME_BIND_EAB, bind);
}

bool
acme_eab_needed(const struct acme_turn *t)
{
	return t->srv->config.require_eab;
}

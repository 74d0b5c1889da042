/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn.h"

#include <string.h>

#include "acme/auth.h"
#include "acme/outcome.h"
#include "acme/route.h"
#include "acme/turn_internal.h"

static int
decide(struct acme_turn *t)
{
	int rc = 0;

	/* Section 7.1: everything but the directory links to it. */
	if (t->route == NULL || strcmp(t->route->name, "directory") != 0)
		rc = acme_turn_link(
		    t, acme_turn_url(t, "directory", NULL, ""), "index");
	if (rc == 0 && t->refused)
		return ERR_STATE_REFUSED;
	/* The store may have moved on since the request was authenticated. */
	if (rc == 0 && t->account != NULL)
		rc = acme_auth_again(t);
	return rc != 0 ? rc : t->route->handle(t);
}

void
acme_turn_decide(struct acme_turn *t, int64_t now_ms, struct acme_outcome *ret)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	t->out = ret;
	t->now_ms = now_ms;
	rc = decide(t);
	if (rc != 0 && rc != ERR_STATE_REFUSED)
		acme_turn_internal(t, rc);
	if (rc != 0)
		acme_turn_fail(t, t->problem, ret);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn_change.h"

#include "acme/limit.h"
#include "acme/problem.h"
#include "acme/server_internal.h"

int
acme_turn_limited(
    struct acme_turn *t, int kind, const char *key, const char *what)
{
	int wait_s, rc;

	if (key == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_limit_check(t->srv->limit[kind], key, t->now_ms, &wait_s);
	if (rc == 0)
		return 0;
	rc = acme_problem_set(t->problem, ACME_PROBLEM_RATE_LIMITED,
	    "too many %s; retry in %d s", what, wait_s);
	t->problem->retry_after_s = wait_s;
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The smaller parts that the handlers of a turn share. */
#include "acme/turn_internal.h"

#include <string.h>

#include "acme/problem.h"
#include "base/arena.h"

void *
acme_turn_alloc(const struct acme_turn *t, size_t len)
{
	return base_arena_alloc(t->arena, len);
}

void *
acme_turn_dup(const struct acme_turn *t, const void *data, size_t len)
{
	return base_arena_dup(t->arena, data, len);
}

int
acme_turn_refuse(struct acme_turn *t, int status, enum acme_problem_type type,
    const char *text)
{
	int rc = acme_problem_set(t->problem, type, "%s", text);

	if (status != 0)
		t->problem->status = status;
	return rc;
}

void
acme_turn_internal(struct acme_turn *t, int rc)
{
	(void)acme_turn_refuse(
	    t, 0, ACME_PROBLEM_SERVER_INTERNAL, base_err_text(rc));
}

int
acme_turn_missing(struct acme_turn *t, int rc, const char *what)
{
	if (rc != ERR_STATE_NOT_FOUND)
		return rc;
	rc = acme_problem_set(
	    t->problem, ACME_PROBLEM_MALFORMED, "no such %s", what);
	t->problem->status = 404;
	return rc;
}

int
acme_turn_own(struct acme_turn *t, const char *account)
{
	if (t->account != NULL && account != NULL &&
	    strcmp(account, t->account) == 0)
		return 0;
	return acme_turn_refuse(
	    t, 0, ACME_PROBLEM_UNAUTHORIZED, "this belongs to another account");
}

int
acme_turn_read(struct acme_turn *t)
{
	if (t->payload_len == 0)
		return 0;
	return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
	    "RFC 8555 section 6.3: a POST-as-GET has an empty payload");
}

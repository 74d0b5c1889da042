/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn.h"

#include <string.h>

#include "acme/auth.h"
#include "acme/request.h"
#include "acme/route.h"
#include "acme/turn_internal.h"
#include "base/arena.h"

#define PREFIX "/acme/"
#define CURSOR "?cursor="

/* Split the path into name, id and suffix, and find its route. */
static int
find_route(struct acme_turn *t)
{
	const char *rest = t->req->path + strlen(PREFIX), *query;
	char *part[3] = { NULL, NULL, NULL };
	size_t i;

	if (strncmp(t->req->path, PREFIX, strlen(PREFIX)) != 0)
		return acme_turn_missing(t, ERR_STATE_NOT_FOUND, "resource");
	query = strchr(rest, '?');
	if (query != NULL && strncmp(query, CURSOR, strlen(CURSOR)) == 0)
		t->cursor = query + strlen(CURSOR);
	part[0] = acme_turn_dup(t, rest, strcspn(rest, "?"));
	if (part[0] == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < 2 && part[i] != NULL; i++) {
		part[i + 1] = strchr(part[i], '/');
		if (part[i + 1] != NULL)
			*part[i + 1]++ = '\0';
	}
	t->id = part[1];
	t->route = acme_route_find(part[0], part[1], part[2]);
	return t->route != NULL
		   ? 0
		   : acme_turn_missing(t, ERR_STATE_NOT_FOUND, "resource");
}

static int
check_method(struct acme_turn *t)
{
	const char *m = t->req->method;

	if (strcmp(m, "POST") == 0)
		return 0;
	if (t->route->auth == ACME_AUTH_NONE &&
	    (strcmp(m, "GET") == 0 || strcmp(m, "HEAD") == 0))
		return 0;
	return acme_turn_refuse(t, 405, ACME_PROBLEM_MALFORMED,
	    "RFC 8555 section 6.3: this resource is fetched by POST");
}

int
acme_turn_begin(struct acme_server *s, const struct acme_request *req,
    const struct acme_store *store, struct arena *arena, struct acme_turn **ret)
{
	struct acme_turn *t = base_arena_alloc(arena, sizeof(*t));
	int rc;

	if (t == NULL)
		return ERR_SYS_NOMEM;
	t->srv = s;
	t->req = req;
	t->store = store;
	t->arena = arena;
	rc = acme_turn_prepare(t);
	if (rc != 0)
		return rc;
	rc = find_route(t);
	if (rc == 0)
		rc = check_method(t);
	if (rc == 0 && strcmp(req->method, "POST") == 0)
		rc = acme_auth_check(t);
	if (rc != 0 && rc != ERR_STATE_REFUSED)
		acme_turn_internal(t, rc);
	t->refused = rc != 0;
	*ret = t;
	return 0;
}

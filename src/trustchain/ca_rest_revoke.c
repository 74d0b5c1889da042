/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "http/request.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_revoke.h"

/* POST /api/v1/ca/revoke (identity spec section 6). */

struct call {
	struct ca_rest *rest;
	struct http_request *req;
};

static void
answered(void *ctx, const struct ca_revoke_result *res)
{
	struct call *c = ctx;

	if (res->problem != CA_PROBLEM_NONE)
		ca_rest_problem(c->rest, c->req, res->problem, res->detail);
	else
		ca_rest_json(
		    c->rest, c->req, 200, json_incref(res->reply), NULL);
	free(c);
}

void
ca_rest_revoke(struct ca_rest *r, struct http_request *req)
{
	static const char *const known[] = { "serial", "fingerprint", "name",
		"eab_kid", "reason", "block" };
	static const struct ca_rest_fields fields = { known,
		sizeof(known) / sizeof(known[0]) };
	struct ca_principal *who = malloc(sizeof(*who));
	struct call *c = malloc(sizeof(*c));
	json_t *body;

	if (who == NULL || c == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
	} else if (ca_rest_auth(r, req, CA_AUTH_REVOKER, who) &&
		   ca_rest_body(r, req, &fields, &body)) {
		c->rest = r;
		c->req = req;
		ca_revoke_submit(r->o.revoke, body, who->owner, answered, c);
		json_decref(body);
		c = NULL;
	}
	free(c);
	free(who);
}

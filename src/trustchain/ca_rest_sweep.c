/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "http/request.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_sweep.h"

/*
 * POST /api/v1/ca/revoke-all, GET .../{operation_id}, POST /api/v1/ca/halt and
 * /resume (identity spec sections 6 and 8).
 */
#define REVOKE_ALL "/api/v1/ca/revoke-all"
#define BEARER "Bearer "

struct call {
	struct ca_rest *rest;
	struct http_request *req;
};

static void
answered(void *ctx, const struct ca_sweep_result *res)
{
	struct call *c = ctx;

	if (res->problem != CA_PROBLEM_NONE)
		ca_rest_problem(c->rest, c->req, res->problem, res->detail);
	else
		ca_rest_json(
		    c->rest, c->req, 200, json_incref(res->reply), NULL);
	free(c);
}

static struct call *
call_new(struct ca_rest *r, struct http_request *req)
{
	struct call *c = malloc(sizeof(*c));

	if (c == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
		return NULL;
	}
	c->rest = r;
	c->req = req;
	return c;
}

/* The emergency token of the request, or NULL. */
static const char *
token_of(const struct http_request *req)
{
	const char *h = http_request_header(req, "authorization");

	if (h == NULL || !base_str_starts(h, BEARER CA_SWEEP_TOKEN_PREFIX))
		return NULL;
	return h + strlen(BEARER);
}

/* A token that is not ours is charged to the address, as others are. */
static bool
check_token(struct ca_rest *r, struct http_request *req, const char *token)
{
	struct ca_rest_extra extra = { "too many requests", NULL, 1 };

	if (ca_sweep_check(r->o.sweep, token))
		return true;
	if (http_request_charge(req, &extra.retry_s) == 0)
		ca_rest_problem(r, req, CA_PROBLEM_UNAUTHORIZED,
		    "a valid emergency token is required");
	else
		ca_rest_problem_with(r, req, CA_PROBLEM_RATE_LIMITED, &extra);
	return false;
}

/* The optional body {scope}; it is the caller's to free, NULL without one. */
static bool
take_body(struct ca_rest *r, struct http_request *req, json_t **ret,
    const char **ret_scope)
{
	static const char *const known[] = { "scope" };
	static const struct ca_rest_fields fields = { known, 1 };
	size_t len;
	int rc;

	*ret = NULL;
	*ret_scope = NULL;
	(void)http_request_body(req, &len);
	if (len == 0)
		return true;
	if (!ca_rest_body(r, req, &fields, ret))
		return false;
	rc = wire_json_string(*ret, "scope", 32, ret_scope, &len);
	if (rc == 0 || rc == ERR_STATE_NOT_FOUND)
		return true;
	ca_rest_problem(r, req, CA_PROBLEM_MALFORMED, "scope: not a string");
	json_decref(*ret);
	return false;
}

static bool
operator_asks(struct ca_rest *r, struct http_request *req, char owner[40])
{
	struct ca_principal *who = malloc(sizeof(*who));
	bool ok = false;

	if (who == NULL)
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
	else if ((ok = ca_rest_auth(r, req, CA_AUTH_OPERATOR, who)))
		memcpy(owner, who->owner, sizeof(who->owner));
	free(who);
	return ok;
}

void
ca_rest_revoke_all(struct ca_rest *r, struct http_request *req)
{
	const char *token = token_of(req), *scope, *dry;
	char owner[40];
	struct call *c;
	json_t *body;

	dry = http_request_param(req, "dry_run");
	if (dry != NULL && strcmp(dry, "true") != 0 &&
	    strcmp(dry, "false") != 0) {
		ca_rest_problem(
		    r, req, CA_PROBLEM_MALFORMED, "dry_run: not true or false");
		return;
	}
	if (token != NULL ? !check_token(r, req, token)
			  : !operator_asks(r, req, owner))
		return;
	dry = dry != NULL && dry[0] == 't' ? dry : NULL;
	if (token == NULL && dry == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_FORBIDDEN,
		    "an emergency token is required, which two operators "
		    "make; an operator may ask with dry_run=true");
		return;
	}
	if (!take_body(r, req, &body, &scope))
		return;
	if ((c = call_new(r, req)) != NULL && dry != NULL)
		ca_sweep_count(r->o.sweep, scope, answered, c);
	else if (c != NULL)
		ca_sweep_run(r->o.sweep, token, scope, answered, c);
	json_decref(body);
}

void
ca_rest_operation(struct ca_rest *r, struct http_request *req)
{
	const char *id = http_request_path(req) + sizeof(REVOKE_ALL "/") - 1;
	char owner[40];
	struct call *c;

	if (operator_asks(r, req, owner) && (c = call_new(r, req)) != NULL)
		ca_sweep_show(r->o.sweep, id, answered, c);
}

void
ca_rest_halt(struct ca_rest *r, struct http_request *req)
{
	char owner[40];
	struct call *c;

	if (operator_asks(r, req, owner) && (c = call_new(r, req)) != NULL)
		ca_sweep_halt(r->o.sweep, owner, answered, c);
}

void
ca_rest_resume(struct ca_rest *r, struct http_request *req)
{
	static const char *const known[] = { "operation_id" };
	static const struct ca_rest_fields fields = { known, 1 };
	json_t *body = NULL;
	const char *id = NULL;
	char owner[40];
	struct call *c;
	size_t len;
	int rc = 0;

	if (!operator_asks(r, req, owner))
		return;
	(void)http_request_body(req, &len);
	if (len > 0 && !ca_rest_body(r, req, &fields, &body))
		return;
	if (body != NULL)
		rc = wire_json_string(body, "operation_id", 32, &id, &len);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		ca_rest_problem(r, req, CA_PROBLEM_MALFORMED,
		    "operation_id: not a string of 32");
	else if ((c = call_new(r, req)) != NULL)
		ca_sweep_resume(r->o.sweep, id, owner, answered, c);
	json_decref(body);
}

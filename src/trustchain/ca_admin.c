/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "base/arena.h"
#include "base/clock.h"
#include "http/request.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_mtls.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_store.h"
#include "trustchain/trustchain_auditor.h"
#include "wire/time.h"

#define ARENA_MAX ((size_t)8 << 20)
#define ORDERS_MAX 500

struct ca_admin {
	struct ca_admin_opts o;
};

static void
failed(struct ca_admin *a, struct http_request *r, int rc)
{
	ca_rest_problem(a->o.rest, r,
	    rc == ERR_SYS_NOMEM ? CA_PROBLEM_INTERNAL
				: CA_PROBLEM_STORAGE_UNAVAILABLE,
	    base_err_text(rc));
}

/* {name: list}; takes over ${list}. */
static void
answer(struct ca_admin *a, struct http_request *r, int rc, const char *name,
    json_t *list)
{
	if (rc == 0) {
		ca_rest_json(
		    a->o.rest, r, 200, json_pack("{s:o}", name, list), NULL);
		return;
	}
	json_decref(list);
	failed(a, r, rc);
}

static void
get_config(struct ca_admin *a, struct http_request *r)
{
	ca_rest_json(a->o.rest, r, 200, ca_config_dump(a->o.config), NULL);
}

static void
get_tokens(struct ca_admin *a, struct http_request *r)
{
	struct arena *arena = base_arena_new(ARENA_MAX);
	int64_t now = base_clock_now_ms(a->o.clock);
	json_t *list = json_array();
	struct ca_token *v = NULL;
	int rc = ERR_SYS_NOMEM;
	size_t n = 0, i;

	if (arena != NULL)
		rc = a->o.store->ops->list_tokens(a->o.store, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(
			list, ca_control_token_json(&v[i], now)) != 0)
			rc = ERR_SYS_NOMEM;
	base_arena_free(arena);
	answer(a, r, rc, "tokens", list);
}

static void
get_eab(struct ca_admin *a, struct http_request *r)
{
	const char *after = http_request_param(r, "cursor");
	struct arena *arena = base_arena_new(ARENA_MAX);
	int64_t now = base_clock_now_ms(a->o.clock);
	json_t *list = json_array();
	struct ca_eab *v = NULL;
	int rc = ERR_SYS_NOMEM;
	size_t n = 0, i;

	if (arena != NULL)
		rc = a->o.store->ops->list_eabs(
		    a->o.store, after, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(
			list, ca_control_eab_json(&v[i], now)) != 0)
			rc = ERR_SYS_NOMEM;
	base_arena_free(arena);
	answer(a, r, rc, "eabs", list);
}

static json_t *
order_json(const struct ca_acme_order *o)
{
	char created[WIRE_TIME_TEXT_MAX], expires[WIRE_TIME_TEXT_MAX];
	json_t *ids = NULL;

	wire_time_format(o->created, created);
	wire_time_format(o->expires, expires);
	if (wire_json_parse(
		o->identifiers, strlen(o->identifiers), &ids, NULL) != 0)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id", o->id,
	    "account", o->account, "status", o->status, "profile",
	    o->profile != NULL ? o->profile : "", "created", created, "expires",
	    expires, "identifiers", ids);
}

static int
add_orders(
    struct ca_admin *a, const char *account, struct arena *arena, json_t *list)
{
	const struct ca_order_page page = { account, NULL,
		ORDERS_MAX - json_array_size(list) };
	struct ca_acme_order *v = NULL;
	size_t n = 0, i;
	int rc;

	if (page.limit == 0)
		return 0;
	rc = a->o.store->ops->list_orders(a->o.store, &page, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(list, order_json(&v[i])) != 0)
			rc = ERR_SYS_NOMEM;
	return rc;
}

/* Those of ?account=, or of all accounts, ORDERS_MAX at most. */
static void
get_orders(struct ca_admin *a, struct http_request *r)
{
	const char *account = http_request_param(r, "account"), *after = NULL;
	struct arena *arena = base_arena_new(ARENA_MAX);
	struct ca_acme_account *v = NULL;
	json_t *list = json_array();
	int rc = ERR_SYS_NOMEM;
	size_t n = 1, i;

	if (arena != NULL && account != NULL) {
		rc = add_orders(a, account, arena, list);
	} else if (arena != NULL) {
		rc = 0;
		while (rc == 0 && n > 0 && json_array_size(list) < ORDERS_MAX) {
			rc = a->o.store->ops->list_accounts(
			    a->o.store, after, arena, &v, &n);
			for (i = 0; rc == 0 && i < n; i++)
				rc = add_orders(a, v[i].id, arena, list);
			after = rc == 0 && n > 0 ? v[n - 1].id : NULL;
		}
	}
	/* What no longer fits into the arena is not shown. */
	if (rc == ERR_SYS_LIMIT)
		rc = 0;
	answer(a, r, rc, "orders", list);
	base_arena_free(arena);
}

static void
get_logs(struct ca_admin *a, struct http_request *r)
{
	ca_rest_lines(a->o.rest, r);
}

static void
audit(struct ca_admin *a, bool on, const char *owner)
{
	char target[160];
	const struct audit_event ev = { .action = "ca.config.changed",
		.target = target };

	(void)snprintf(target, sizeof(target),
	    "{\"changed\":\"maintenance\",\"on\":%s,\"by\":\"%s\"}",
	    on ? "true" : "false", owner);
	if (a->o.auditor != NULL)
		(void)!trustchain_auditor_post(a->o.auditor, &ev, NULL, NULL);
}

static void
put_maintenance(
    struct ca_admin *a, struct http_request *r, const struct ca_principal *who)
{
	static const char *const names[] = { "on" };
	json_t *o = NULL;
	const uint8_t *body;
	size_t len;
	bool on;

	body = http_request_body(r, &len);
	if (wire_json_parse((const char *)body, len, &o, NULL) != 0 ||
	    !json_is_object(o) || wire_json_only(o, names, 1) != NULL ||
	    wire_json_bool(o, "on", &on) != 0) {
		json_decref(o);
		ca_rest_problem(a->o.rest, r, CA_PROBLEM_MALFORMED,
		    "the body is {\"on\": true} or {\"on\": false}");
		return;
	}
	json_decref(o);
	if (ca_issue_maintenance(a->o.issue, on))
		audit(a, on, who->owner);
	ca_rest_json(
	    a->o.rest, r, 200, json_pack("{s:b}", "maintenance", on), NULL);
}

static const struct {
	const char *path;
	void (*fn)(struct ca_admin *a, struct http_request *r);
} pages[] = {
	{ "/api/v1/admin/config", get_config },
	{ "/api/v1/admin/tokens", get_tokens },
	{ "/api/v1/admin/eab", get_eab },
	{ "/api/v1/admin/orders", get_orders },
	{ "/api/v1/admin/logs", get_logs },
};

/* The certificate decides, and nothing else. */
static bool
may(struct ca_admin *a, struct http_request *r, struct ca_principal *ret)
{
	struct ca_rest_extra extra = { "too many requests", NULL, 1 };
	const uint8_t *der;
	size_t len = 0;
	unsigned wait = 1;
	int rc = ERR_STATE_UNAUTHORIZED;

	der = http_request_client_cert(r, &len);
	if (der != NULL)
		rc = ca_mtls_check(
		    a->o.mtls, der, len, CA_AUTH_OPERATOR, ret, &wait);
	if (rc == 0)
		return true;
	if (rc == ERR_STATE_UNAUTHORIZED)
		rc = http_request_charge(r, &wait) == 0 ? ERR_STATE_UNAUTHORIZED
							: ERR_PEER_RATE;
	extra.retry_s = wait;
	if (rc == ERR_PEER_RATE)
		ca_rest_problem_with(
		    a->o.rest, r, CA_PROBLEM_RATE_LIMITED, &extra);
	else if (rc == ERR_STATE_UNAUTHORIZED)
		ca_rest_problem(a->o.rest, r, CA_PROBLEM_UNAUTHORIZED,
		    "a valid client certificate of this CA is required");
	else if (rc == ERR_STATE_FORBIDDEN)
		ca_rest_problem(a->o.rest, r, CA_PROBLEM_FORBIDDEN,
		    "the certificate has no role operator");
	else
		failed(a, r, rc);
	return false;
}

void
ca_admin_handle(void *ctx, struct http_request *r)
{
	static const char maintenance[] = "/api/v1/admin/maintenance";
	enum http_method m = http_request_method(r);
	const char *path = http_request_path(r);
	struct ca_admin *a = ctx;
	struct ca_principal who;
	bool put = strcmp(path, maintenance) == 0;
	size_t i;

	if (!may(a, r, &who))
		return;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(path, pages[i].path) == 0)
			break;
	if (!put && i == sizeof(pages) / sizeof(pages[0]))
		ca_rest_not_found(a->o.rest, r);
	else if (put ? m != HTTP_METHOD_PUT
		     : m != HTTP_METHOD_GET && m != HTTP_METHOD_HEAD)
		ca_rest_problem(a->o.rest, r, CA_PROBLEM_METHOD_NOT_ALLOWED,
		    put ? "only PUT" : "only GET and HEAD");
	else if (put)
		put_maintenance(a, r, &who);
	else
		pages[i].fn(a, r);
}

void
ca_admin_refuse(void *ctx, struct http_request *r, int status, unsigned wait_s)
{
	struct ca_admin *a = ctx;

	ca_rest_refuse(a->o.rest, r, status, wait_s);
}

int
ca_admin_new(const struct ca_admin_opts *opts, struct ca_admin **ret)
{
	struct ca_admin *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return ERR_SYS_NOMEM;
	a->o = *opts;
	*ret = a;
	return 0;
}

void
ca_admin_free(struct ca_admin *a)
{
	free(a);
}

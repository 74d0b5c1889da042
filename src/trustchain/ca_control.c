/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ops/control.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"
#include "wire/time.h"

#define ARENA_MAX (8U << 20)
#define RATE_DEFAULT 60000

/* A change on its way to the disk, and what to answer when it is there. */
struct pending {
	struct ops_control_call *call;
	json_t *reply;
};

static void
committed(void *ctx, int rc)
{
	struct pending *p = ctx;

	if (rc == 0) {
		ops_control_reply(p->call, p->reply);
	} else {
		json_decref(p->reply);
		ops_control_error(
		    p->call, rc, "not stored: %s", base_err_text(rc));
	}
	free(p);
}

void
ca_control_commit(struct ca_control *c, struct ops_control_call *call,
    struct ca_batch *b, json_t *reply)
{
	struct pending *p = malloc(sizeof(*p));
	int rc = ERR_SYS_NOMEM;

	if (p == NULL) {
		ca_batch_free(b);
	} else {
		p->call = call;
		p->reply = reply;
		rc = c->o.store->ops->submit(c->o.store, b, committed, p);
	}
	if (rc != 0) {
		free(p);
		json_decref(reply);
		ops_control_error(
		    call, rc, "not stored: %s", base_err_text(rc));
	}
}

static void
token_create(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *roles[8], *scopes[CA_AUTH_SCOPES_MAX], *profiles[32];
	struct ca_auth_spec s = { .roles = roles,
		.scopes = scopes,
		.profiles = profiles,
		.rate_per_min = RATE_DEFAULT };
	int64_t ttl_max_s = c->o.config->auth.token_max_ttl_d * 86400, ttl_s;
	char text[CA_AUTH_TOKEN_MAX], id[17];
	struct ca_batch *b;
	int rc;

	if (wire_json_strings(req, "role", roles, 8, &s.nroles) != 0 ||
	    wire_json_strings(req, "name_scope", scopes, CA_AUTH_SCOPES_MAX,
		&s.nscopes) != 0 ||
	    wire_json_strings(req, "profile", profiles, 32, &s.nprofiles) !=
		0 ||
	    wire_json_int(req, "ttl_s", 1, INT32_MAX, &ttl_s) != 0) {
		ops_control_error(call, ERR_STATE_USAGE,
		    "role, name_scope, profile and ttl are needed");
		return;
	}
	rc = wire_json_int(req, "rate", 1, 1000000, &s.rate_per_min);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND) {
		ops_control_error(call, ERR_STATE_USAGE,
		    "rate must be 1 to 1000000 a minute");
		return;
	}
	if (ttl_s > ttl_max_s) {
		ops_control_error(call, ERR_STATE_REFUSED,
		    "ttl is longer than token_max_ttl_d = %d days",
		    (int)c->o.config->auth.token_max_ttl_d);
		return;
	}
	s.ttl_ms = ttl_s * 1000;
	if ((b = ca_batch_new()) == NULL)
		rc = ERR_SYS_NOMEM;
	else
		rc = ca_auth_mint(c->o.auth, &s, b, text, id);
	if (rc != 0) {
		ca_batch_free(b);
		ops_control_error(call, rc,
		    "the token is not possible: role is one of issuer, "
		    "revoker, operator, auditor, registrar, issuer-keygen");
		return;
	}
	ca_control_commit(c, call, b,
	    json_pack("{s:b, s:s, s:s}", "ok", 1, "token", text, "id", id));
}

json_t *
ca_control_token_json(const struct ca_token *t, int64_t now_ms)
{
	char created[WIRE_TIME_TEXT_MAX], expires[WIRE_TIME_TEXT_MAX];
	json_t *scopes = NULL;

	wire_time_format(t->created, created);
	wire_time_format(t->expires, expires);
	if (wire_json_parse(
		t->name_scopes, strlen(t->name_scopes), &scopes, NULL) != 0)
		return NULL;
	return json_pack("{s:s, s:s, s:o, s:s, s:I, s:s, s:s, s:s}", "id",
	    t->id, "roles", t->roles, "name_scopes", scopes, "profiles",
	    t->profiles, "rate_per_min", (json_int_t)t->rate_per_min, "created",
	    created, "expires", expires, "status",
	    t->revoked_at != 0	   ? "Revoked"
	    : t->expires <= now_ms ? "Expired"
				   : "Valid");
}

static void
token_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	struct arena *arena = base_arena_new(ARENA_MAX);
	int64_t now = base_clock_now_ms(c->o.clock);
	struct ca_token *v = NULL;
	json_t *list = json_array();
	size_t n = 0, i;
	int rc;

	(void)req;
	rc = arena == NULL
		 ? ERR_SYS_NOMEM
		 : c->o.store->ops->list_tokens(c->o.store, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(
			list, ca_control_token_json(&v[i], now)) != 0)
			rc = ERR_SYS_NOMEM;
	base_arena_free(arena);
	if (rc == 0) {
		ops_control_reply(
		    call, json_pack("{s:b, s:o}", "ok", 1, "tokens", list));
	} else {
		json_decref(list);
		ops_control_error(call, rc, "%s", base_err_text(rc));
	}
}

static void
token_revoke(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	int64_t now = base_clock_now_ms(c->o.clock);
	struct ca_batch *b;
	const char *id;
	char fields[64];
	size_t len;

	if (wire_json_string(req, "id", 32, &id, &len) != 0 ||
	    strspn(id, "0123456789abcdef") != len) {
		ops_control_error(call, ERR_STATE_USAGE,
		    "the id is the 16 hex digits after tc_");
		return;
	}
	if ((b = ca_batch_new()) == NULL) {
		ops_control_error(call, ERR_SYS_NOMEM, "out of memory");
		return;
	}
	(void)snprintf(fields, sizeof(fields), "{\"id\":\"%s\"}", id);
	ca_batch_revoke_token(b, id, now);
	ca_batch_outbox(b, now, "token.revoked", fields);
	ca_control_commit(
	    c, call, b, json_pack("{s:b, s:s}", "ok", 1, "id", id));
}

static void
show(struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	struct arena *arena = base_arena_new(ARENA_MAX);
	struct ca_cert row;
	uint8_t serial[20];
	const char *hex;
	json_t *o = NULL;
	size_t len;
	int rc;

	if (wire_json_string(req, "serial", 40, &hex, &len) != 0 ||
	    wire_hex_decode(hex, len, serial, sizeof(serial), &len) != 0) {
		base_arena_free(arena);
		ops_control_error(
		    call, ERR_STATE_USAGE, "the serial is written in hex");
		return;
	}
	rc = arena == NULL ? ERR_SYS_NOMEM
			   : c->o.store->ops->get_cert(c->o.store, NULL,
				 (struct ca_blob){ serial, len }, arena, &row);
	if (rc == 0 && (o = ca_record_full(c->o.authority, &row,
			    base_clock_now_ms(c->o.clock))) == NULL)
		rc = ERR_SYS_NOMEM;
	base_arena_free(arena);
	if (rc == 0) {
		(void)json_object_set_new(o, "ok", json_true());
		ops_control_reply(call, o);
	} else {
		ops_control_error(
		    call, rc, "serial %s: %s", hex, base_err_text(rc));
	}
}

static int
list_filter(const json_t *req, int64_t now, struct ca_cert_filter *ret)
{
	const char *status = NULL;
	int64_t limit = 100, cursor = 0;
	size_t len;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = wire_json_int(req, "limit", 1, 500, &limit);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	rc = wire_json_int(req, "cursor", 0, INT64_MAX, &cursor);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	ret->limit = (size_t)limit;
	ret->after_id = cursor;
	rc = wire_json_string(req, "status", 16, &status, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc != 0)
		return rc;
	if (strcmp(status, "Valid") == 0) {
		ret->state = CA_CERT_ISSUED;
		ret->not_after_from = now;
		ret->revoked = -1;
	} else if (strcmp(status, "Expired") == 0) {
		ret->state = CA_CERT_ISSUED;
		ret->not_after_before = now;
		ret->revoked = -1;
	} else if (strcmp(status, "Revoked") == 0) {
		ret->state = CA_CERT_ISSUED;
		ret->revoked = 1;
	} else if (strcmp(status, "Abandoned") == 0) {
		ret->state = CA_CERT_ABANDONED;
	} else {
		return ERR_PEER_MALFORMED;
	}
	return 0;
}

static void
list(struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	int64_t now = base_clock_now_ms(c->o.clock);
	struct arena *arena = base_arena_new(ARENA_MAX);
	struct ca_cert_filter filter;
	struct ca_cert *v = NULL;
	json_t *rows = json_array(), *reply;
	size_t n = 0, i;
	int rc;

	if ((rc = list_filter(req, now, &filter)) == 0)
		rc = arena == NULL ? ERR_SYS_NOMEM
				   : c->o.store->ops->list_certs(
					 c->o.store, &filter, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(
			rows, ca_record_brief(c->o.store, &v[i], now)) != 0)
			rc = ERR_SYS_NOMEM;
	if (rc != 0) {
		json_decref(rows);
		ops_control_error(call, rc, "%s", base_err_text(rc));
	} else {
		reply = json_pack("{s:b, s:o}", "ok", 1, "certificates", rows);
		if (n == filter.limit)
			(void)json_object_set_new(
			    reply, "next", json_integer(v[n - 1].id));
		ops_control_reply(call, reply);
	}
	base_arena_free(arena);
}

static const struct {
	const char *op;
	void (*fn)(
	    struct ca_control *, struct ops_control_call *, const json_t *);
} ops[] = {
	{ "token.create", token_create },
	{ "token.list", token_list },
	{ "token.revoke", token_revoke },
	{ "issue", ca_control_issue },
	{ "show", show },
	{ "list", list },
	{ "rotate", ca_control_rotate },
	{ "cleanup", ca_control_cleanup },
	{ "backup.done", ca_control_backup },
	{ "revoke", ca_control_revoke },
	{ "eab.create", ca_control_eab_create },
	{ "eab.list", ca_control_eab_list },
	{ "eab.revoke", ca_control_eab_revoke },
	{ "account.list", ca_control_account_list },
	{ "account.deactivate", ca_control_account_deactivate },
	{ "halt", ca_control_halt },
	{ "resume", ca_control_resume },
	{ "emergency.approve", ca_control_approve },
	{ "emergency.show", ca_control_emergencies },
	{ "revoke-all", ca_control_revoke_all },
	{ "crl.publish", ca_control_crl },
	{ "block.add", ca_control_block_add },
	{ "block.list", ca_control_block_list },
	{ "block.remove", ca_control_block_remove },
};

int
ca_control_new(const struct ca_control_opts *opts, struct ca_control **ret)
{
	struct ca_control *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ERR_SYS_NOMEM;
	c->o = *opts;
	*ret = c;
	return 0;
}

void
ca_control_free(struct ca_control *c)
{
	free(c);
}

void
ca_control_handle(
    void *ctx, struct ops_control_call *call, const json_t *request)
{
	const char *op = json_string_value(json_object_get(request, "op"));
	size_t i;

	for (i = 0; op != NULL && i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i].op, op) == 0) {
			ops[i].fn(ctx, call, request);
			return;
		}
	ops_control_error(call, ERR_STATE_USAGE,
	    "this daemon has no such "
	    "operation");
}

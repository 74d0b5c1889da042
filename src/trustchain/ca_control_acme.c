/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "ops/control.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_batch_acme.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_eab.h"
#include "trustchain/ca_store.h"
#include "wire/time.h"

/* Operations eab.* and account.*: the commands of section 12. */

enum {
	ARENA_MAX = 8 << 20,
	DAY_MS = 86400 * 1000,
	PAGE = 500, /* what the store gives at once */
	ID_MAX = 64
};

/* ---- binding keys ------------------------------------------------------- */

static int
mint(struct ca_control *c, const json_t *req, struct ca_batch *b,
    struct ca_eab_made *made, const char **why)
{
	const char *scopes[CA_SCOPES_MAX], *profiles[CA_EAB_PROFILES_MAX];
	const struct ca_eab_maker maker = { c->o.authority, c->o.clock,
		c->o.rng, c->o.config->auth.token_max_ttl_d * DAY_MS };
	struct ca_principal who;
	struct ca_eab_spec s = {
		.who = &who, .scopes = scopes, .profiles = profiles
	};
	int64_t ttl_s;
	int rc;

	*why = "name_scope, profile and ttl are needed";
	if (wire_json_strings(
		req, "name_scope", scopes, CA_SCOPES_MAX, &s.nscopes) != 0 ||
	    wire_json_strings(req, "profile", profiles, CA_EAB_PROFILES_MAX,
		&s.nprofiles) != 0 ||
	    wire_json_int(req, "ttl_s", 1, INT32_MAX, &ttl_s) != 0)
		return ERR_STATE_USAGE;
	rc = wire_json_bool(req, "preauthorized", &s.preauthorized);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return ERR_STATE_USAGE;
	ca_auth_system(&who);
	s.expires_ms = base_clock_now_ms(c->o.clock) + ttl_s * 1000;
	return ca_eab_mint(&maker, &s, b, made, why);
}

void
ca_control_eab_create(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	struct ca_batch *b = ca_batch_new();
	struct ca_eab_made made;
	const char *why = "out of memory";
	int rc = ERR_SYS_NOMEM;

	if (b != NULL)
		rc = mint(c, req, b, &made, &why);
	if (rc != 0) {
		ca_batch_free(b);
		ops_control_error(call, rc, "%s", why);
		return;
	}
	ca_control_commit(c, call, b,
	    json_pack("{s:b, s:s, s:s}", "ok", 1, "kid", made.kid, "hmac_key",
		made.hmac_key));
	base_wipe(&made, sizeof(made));
}

static const char *
eab_status(const struct ca_eab *e, int64_t now_ms)
{
	return e->revoked_at != 0     ? "Revoked"
	       : e->account != NULL   ? "Bound"
	       : e->expires <= now_ms ? "Expired"
				      : "Open";
}

json_t *
ca_control_eab_json(const struct ca_eab *e, int64_t now_ms)
{
	char created[WIRE_TIME_TEXT_MAX], expires[WIRE_TIME_TEXT_MAX];
	json_t *scopes = NULL;

	wire_time_format(e->created, created);
	wire_time_format(e->expires, expires);
	if (wire_json_parse(
		e->name_scopes, strlen(e->name_scopes), &scopes, NULL) != 0)
		return NULL;
	return json_pack("{s:s, s:s, s:o, s:s, s:b, s:s, s:s, s:s}", "kid",
	    e->kid, "status", eab_status(e, now_ms), "name_scopes", scopes,
	    "profiles", e->profiles != NULL ? e->profiles : "", "preauthorized",
	    (int)e->preauthorized, "created", created, "expires", expires,
	    "account", e->account != NULL ? e->account : "");
}

/* Answer a page and, if there may be more, where to go on. */
static void
answer(struct ops_control_call *call, int rc, const char *name, json_t *list,
    const char *last)
{
	json_t *reply;

	if (rc != 0) {
		json_decref(list);
		ops_control_error(call, rc, "%s", base_err_text(rc));
		return;
	}
	reply = json_pack("{s:b, s:o}", "ok", 1, name, list);
	if (json_array_size(list) == PAGE)
		(void)json_object_set_new(reply, "next", json_string(last));
	ops_control_reply(call, reply);
}

void
ca_control_eab_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *after = json_string_value(json_object_get(req, "cursor"));
	struct arena *arena = base_arena_new(ARENA_MAX);
	int64_t now = base_clock_now_ms(c->o.clock);
	json_t *list = json_array();
	struct ca_eab *v = NULL;
	size_t n = 0, i;
	int rc = ERR_SYS_NOMEM;

	if (arena != NULL)
		rc = c->o.store->ops->list_eabs(
		    c->o.store, after, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(
			list, ca_control_eab_json(&v[i], now)) != 0)
			rc = ERR_SYS_NOMEM;
	answer(call, rc, "eabs", list, n > 0 ? v[n - 1].kid : "");
	base_arena_free(arena);
}

/* ---- changes of one object ---------------------------------------------- */

struct change {
	const char *id, *event, *member;
	void (*add)(struct ca_batch *b, const char *id, int64_t now_ms);
};

static void
commit(struct ca_control *c, struct ops_control_call *call,
    const struct change *ch)
{
	int64_t now = base_clock_now_ms(c->o.clock);
	struct ca_batch *b = ca_batch_new();
	char fields[128];

	if (b == NULL) {
		ops_control_error(call, ERR_SYS_NOMEM, "out of memory");
		return;
	}
	(void)snprintf(
	    fields, sizeof(fields), "{\"%s\":\"%s\"}", ch->member, ch->id);
	ch->add(b, ch->id, now);
	ca_batch_outbox(b, now, ch->event, fields);
	ca_control_commit(
	    c, call, b, json_pack("{s:b, s:s}", "ok", 1, ch->member, ch->id));
}

void
ca_control_eab_revoke(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	struct change ch = { .event = "eab.revoked",
		.member = "kid",
		.add = ca_batch_revoke_eab };
	size_t len;

	if (wire_json_string(req, "kid", ID_MAX, &ch.id, &len) != 0 ||
	    !ca_eab_kid_ok(ch.id)) {
		ops_control_error(
		    call, ERR_STATE_USAGE, "a kid is written in 32 hex digits");
		return;
	}
	commit(c, call, &ch);
}

static void
end_account(struct ca_batch *b, const char *id, int64_t now_ms)
{
	(void)now_ms;
	ca_batch_end_account(b, id);
}

void
ca_control_account_deactivate(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct change ch = { .event = "acme.account.deactivated",
		.member = "account",
		.add = end_account };
	size_t len;

	if (wire_json_string(req, "account", ID_MAX, &ch.id, &len) != 0 ||
	    len == 0 || strspn(ch.id, letters) != len) {
		ops_control_error(call, ERR_STATE_USAGE,
		    "an account's id is the last part of its URL");
		return;
	}
	commit(c, call, &ch);
}

/* ---- accounts ----------------------------------------------------------- */

static json_t *
account_json(const struct ca_acme_account *a)
{
	const char *contact = a->contact != NULL ? a->contact : "[]";
	char created[WIRE_TIME_TEXT_MAX];
	json_t *list = NULL;

	wire_time_format(a->created, created);
	if (wire_json_parse(contact, strlen(contact), &list, NULL) != 0)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "account", a->id,
	    "status", a->status, "created", created, "contact", list,
	    "thumbprint", a->thumbprint, "eab_kid",
	    a->eab_kid != NULL ? a->eab_kid : "");
}

void
ca_control_account_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *after = json_string_value(json_object_get(req, "cursor"));
	struct arena *arena = base_arena_new(ARENA_MAX);
	struct ca_acme_account *v = NULL;
	json_t *list = json_array();
	size_t n = 0, i;
	int rc = ERR_SYS_NOMEM;

	if (arena != NULL)
		rc = c->o.store->ops->list_accounts(
		    c->o.store, after, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(list, account_json(&v[i])) != 0)
			rc = ERR_SYS_NOMEM;
	answer(call, rc, "accounts", list, n > 0 ? v[n - 1].id : "");
	base_arena_free(arena);
}

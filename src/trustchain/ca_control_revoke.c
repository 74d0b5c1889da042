/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ops/control.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_revoke.h"
#include "trustchain/ca_store.h"
#include "wire/time.h"

/* Operations revoke, crl.publish and block.*: the commands of section 12. */

#define ARENA_MAX (4U << 20)

static int
class_of(enum ca_problem p)
{
	switch (p) {
	case CA_PROBLEM_MALFORMED:
		return ERR_STATE_USAGE;
	case CA_PROBLEM_NOT_FOUND:
		return ERR_STATE_NOT_FOUND;
	case CA_PROBLEM_RATE_LIMITED:
	case CA_PROBLEM_STORAGE_UNAVAILABLE:
		return ERR_SYS_UNAVAILABLE;
	default:
		return ERR_SYS_NOMEM;
	}
}

static void
revoked(void *ctx, const struct ca_revoke_result *r)
{
	struct ops_control_call *call = ctx;

	if (r->problem != CA_PROBLEM_NONE) {
		ops_control_error(call, class_of(r->problem), "%s", r->detail);
		return;
	}
	(void)json_object_set_new(r->reply, "ok", json_true());
	ops_control_reply(call, json_incref(r->reply));
}

void
ca_control_revoke(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	ca_revoke_submit(c->o.revoke, req, "system", revoked, call);
}

/* The canonical form of a name; "*." stays in front. */
static bool
name_ok(const char *value, char out[256])
{
	struct ca_name_octets n;

	if (ca_name_parse(value, &n) != 0)
		return false;
	/* As issuing looks it up: lower case, addresses as written there. */
	ca_name_text(&n.name, out, 256);
	return true;
}

/* NULL, or what is wrong; ${out} is the value as it is stored. */
static const char *
block_value(const json_t *req, const char **kind, char out[256])
{
	const char *value;
	size_t len, klen;

	if (wire_json_string(req, "kind", 8, kind, &klen) != 0 ||
	    wire_json_string(req, "value", 255, &value, &len) != 0 || len == 0)
		return "written as name=, spki= or eab=, and what to refuse";
	memcpy(out, value, len + 1);
	if (strcmp(*kind, "name") == 0)
		return name_ok(value, out) ? NULL : "that is no name";
	if (strcmp(*kind, "spki") == 0)
		return len == 64 && strspn(value, "0123456789abcdef") == 64
			   ? NULL
			   : "a key is the SHA-256 of its SubjectPublicKeyInfo"
			     " in 64 lower-case hex digits";
	return strcmp(*kind, "eab") == 0 ? NULL
					 : "the kind is name, spki or eab";
}

static void
block_change(struct ca_control *c, struct ops_control_call *call,
    const json_t *req, bool adding)
{
	int64_t now = base_clock_now_ms(c->o.clock);
	struct ca_block row = { .at = now, .by = "system" };
	struct ca_batch *b;
	char value[256], fields[64];
	const char *wrong;

	if ((wrong = block_value(req, &row.kind, value)) != NULL) {
		ops_control_error(call, ERR_STATE_USAGE, "%s", wrong);
		return;
	}
	if ((b = ca_batch_new()) == NULL) {
		ops_control_error(call, ERR_SYS_NOMEM, "out of memory");
		return;
	}
	row.value = value;
	(void)snprintf(fields, sizeof(fields), "{\"kind\":\"%s\"}", row.kind);
	if (adding)
		ca_batch_put_block(b, &row);
	else
		ca_batch_drop_block(b, row.kind, value);
	ca_batch_outbox(
	    b, now, adding ? "block.added" : "block.removed", fields);
	ca_control_commit(c, call, b,
	    json_pack(
		"{s:b, s:s, s:s}", "ok", 1, "kind", row.kind, "value", value));
}

void
ca_control_block_add(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	block_change(c, call, req, true);
}

void
ca_control_block_remove(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	block_change(c, call, req, false);
}

static json_t *
block_json(const struct ca_block *row)
{
	char at[WIRE_TIME_TEXT_MAX];

	wire_time_format(row->at, at);
	return json_pack("{s:s, s:s, s:s, s:s}", "kind", row->kind, "value",
	    row->value, "at", at, "by", row->by != NULL ? row->by : "");
}

void
ca_control_block_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	struct arena *arena = base_arena_new(ARENA_MAX);
	struct ca_block *v = NULL;
	json_t *list = json_array();
	size_t n = 0, i;
	int rc;

	(void)req;
	rc = arena == NULL
		 ? ERR_SYS_NOMEM
		 : c->o.store->ops->list_blocks(c->o.store, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if (json_array_append_new(list, block_json(&v[i])) != 0)
			rc = ERR_SYS_NOMEM;
	base_arena_free(arena);
	if (rc == 0) {
		ops_control_reply(
		    call, json_pack("{s:b, s:o}", "ok", 1, "blocks", list));
	} else {
		json_decref(list);
		ops_control_error(call, rc, "%s", base_err_text(rc));
	}
}

static void
published(void *ctx, int rc, const struct ca_crl_published *all, size_t n)
{
	struct ops_control_call *call = ctx;
	char at[WIRE_TIME_TEXT_MAX];
	json_t *list;
	size_t i;

	if (rc != 0) {
		ops_control_error(
		    call, rc, "CRLs not published: %s", base_err_text(rc));
		return;
	}
	list = json_array();
	for (i = 0; i < n; i++) {
		wire_time_format(all[i].at, at);
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:I, s:I, s:s}", "issuer", all[i].issuer,
			"number", (json_int_t)all[i].number, "entries",
			(json_int_t)all[i].entries, "at", at));
	}
	ops_control_reply(
	    call, json_pack("{s:b, s:o}", "ok", 1, "issuers", list));
}

void
ca_control_crl(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	int rc;

	(void)req;
	if ((rc = ca_crl_publish(c->o.crl, published, call)) != 0)
		ops_control_error(call, rc, "%s", base_err_text(rc));
}

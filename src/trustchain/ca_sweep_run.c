/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ct.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/sha2.h"
#include "loop/work.h"
#include "ops/faults.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_status.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_emergency_note.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_sweep_internal.h"
#include "wire/base64.h"

/* Revoke-all itself, and what it would revoke. */

enum { SECRET_LEN = 32, SECRET_CHARS = 43 };

/* "tcE_<operation>_<43 base64url>"; the hash is that of the 32 octets. */
static bool
split(const char *token, char id[CA_EMERGENCY_ID_LEN + 1],
    uint8_t hash[CRYPTO_SHA256_LEN])
{
	const char *at = token + sizeof(CA_SWEEP_TOKEN_PREFIX) - 1;
	uint8_t secret[SECRET_LEN];
	size_t len;
	int rc;

	if (!base_str_starts(token, CA_SWEEP_TOKEN_PREFIX) ||
	    strlen(at) != CA_EMERGENCY_ID_LEN + 1 + SECRET_CHARS ||
	    strspn(at, "0123456789abcdef") != CA_EMERGENCY_ID_LEN ||
	    at[CA_EMERGENCY_ID_LEN] != '_')
		return false;
	memcpy(id, at, CA_EMERGENCY_ID_LEN);
	id[CA_EMERGENCY_ID_LEN] = '\0';
	rc = wire_base64_decode(WIRE_BASE64_URL, at + CA_EMERGENCY_ID_LEN + 1,
	    SECRET_CHARS, secret, sizeof(secret), &len);
	if (rc != 0 || len != sizeof(secret))
		return false;
	crypto_sha2_256(secret, sizeof(secret), hash);
	base_wipe(secret, sizeof(secret));
	return true;
}

/* The operation of a token. */
static int
find(struct ca_sweep *s, const char *token, struct arena *a,
    struct ca_emergency *ret)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	char id[CA_EMERGENCY_ID_LEN + 1];
	int rc;

	if (!split(token, id, hash))
		return ERR_STATE_UNAUTHORIZED;
	rc = s->o.store->ops->get_emergency(s->o.store, id, a, ret);
	if (rc == ERR_STATE_NOT_FOUND)
		return ERR_STATE_UNAUTHORIZED;
	if (rc == 0 &&
	    (ret->token_hash.len != sizeof(hash) ||
		!base_ct_equal(ret->token_hash.data, hash, sizeof(hash))))
		return ERR_STATE_UNAUTHORIZED;
	return rc;
}

bool
ca_sweep_check(struct ca_sweep *s, const char *token)
{
	struct arena *a = base_arena_new(65536);
	struct ca_emergency row;
	bool ok = a != NULL && find(s, token, a, &row) == 0;

	base_arena_free(a);
	return ok;
}

static void
tally_work(void *ctx)
{
	struct ca_sweep_job *j = ctx;
	struct ca_store *s = j->s->o.store;
	struct ca_tally *part, *all;
	size_t i, n;

	for (i = 0; i < j->n_scopes && j->rc == 0; i++) {
		j->rc = s->ops->tally(s, &j->scopes[i], j->arena, &part, &n);
		if (j->rc != 0 || n == 0)
			continue;
		all =
		    base_arena_alloc(j->arena, (j->n_tally + n) * sizeof(*all));
		if (all == NULL) {
			j->rc = ERR_SYS_LIMIT;
			continue;
		}
		if (j->n_tally > 0)
			memcpy(all, j->tally, j->n_tally * sizeof(*all));
		memcpy(all + j->n_tally, part, n * sizeof(*all));
		j->tally = all;
		j->n_tally += n;
	}
}

void
ca_sweep_tally(struct ca_sweep_job *j, void (*done)(void *ctx))
{
	j->rc = 0;
	j->n_tally = 0;
	if (loop_pool_submit(j->s->o.pool, tally_work, done, j) != 0) {
		tally_work(j);
		done(j);
	}
}

/* NULL, not a sum that is too small, when memory is short. */
static void
add(json_t **o, const char *key, int64_t n)
{
	n += json_integer_value(json_object_get(*o, key));
	if (json_object_set_new(*o, key, json_integer(n)) == 0)
		return;
	json_decref(*o);
	*o = NULL;
}

void
ca_sweep_tally_json(const struct ca_sweep_job *j, int64_t *total,
    json_t **by_issuer, json_t **by_profile)
{
	size_t i;

	*total = 0;
	*by_issuer = json_object();
	*by_profile = json_object();
	for (i = 0; i < j->n_tally; i++) {
		*total += j->tally[i].n;
		add(by_issuer, j->tally[i].issuer, j->tally[i].n);
		add(by_profile, j->tally[i].profile, j->tally[i].n);
	}
}

/* What is live now, of every issuer in the scope. */
static int
scopes_now(struct ca_sweep_job *j, const char *scope)
{
	const struct ca_authority *a = j->s->o.authority;
	struct ca_store *s = j->s->o.store;
	struct ca_tally_scope *t;
	struct ca_issuer is;
	size_t i;
	int rc;

	j->scopes =
	    base_arena_alloc(j->arena, a->n_issuers * sizeof(*j->scopes));
	if (j->scopes == NULL)
		return ERR_SYS_LIMIT;
	for (i = 0; i < a->n_issuers; i++) {
		if (!ca_sweep_covers(scope, a->issuer[i].id))
			continue;
		t = &j->scopes[j->n_scopes++];
		t->issuer = a->issuer[i].id;
		t->now = j->at;
		if ((rc = s->ops->get_issuer(s, t->issuer, j->arena, &is)) !=
			0 ||
		    (rc = s->ops->swept_epoch(s, t->issuer, &t->above)) != 0)
			return rc;
		t->epoch = is.epoch;
	}
	return 0;
}

static void
counted_dry(void *ctx)
{
	struct ca_sweep_job *j = ctx;
	json_t *by_issuer, *by_profile;
	int64_t total;

	if (j->rc != 0) {
		ca_sweep_failed(j, j->rc);
		return;
	}
	ca_sweep_tally_json(j, &total, &by_issuer, &by_profile);
	ca_sweep_done(
	    j, json_pack("{s:I, s:o, s:o}", "would_revoke", (json_int_t)total,
		   "by_issuer", by_issuer, "by_profile", by_profile));
}

void
ca_sweep_count(
    struct ca_sweep *s, const char *scope, ca_sweep_fn *fn, void *ctx)
{
	struct ca_sweep_job *j = ca_sweep_job(s, fn, ctx);
	int rc;

	if (j == NULL)
		return;
	if (scope == NULL)
		scope = "all";
	if (!ca_sweep_scope_known(s, scope)) {
		ca_sweep_refuse(j, CA_PROBLEM_MALFORMED,
		    "scope: all, or issuer:ID of an issuer here");
		return;
	}
	if ((rc = scopes_now(j, scope)) != 0)
		ca_sweep_failed(j, rc);
	else
		ca_sweep_tally(j, counted_dry);
}

/* Step 3: tell how it stands, and have the rest done. */
static void
stored(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;
	struct ca_sweep *s = j->s;

	(void)rc; /* counted again when it is finished */
	if (!s->stopping)
		ca_sweep_finish(s);
	ca_sweep_done(j, json_incref(j->reply));
}

static void
report(struct ca_sweep_job *j)
{
	const struct ca_sweep_opts *o = &j->s->o;
	size_t i;

	for (i = 0; i < j->n_tally && o->revoked != NULL; i++)
		o->revoked(o->ctx, j->tally[i].issuer, j->row.reason,
		    (size_t)j->tally[i].n);
}

static void
counted(void *ctx)
{
	struct ca_sweep_job *j = ctx;
	json_t *by_issuer, *by_profile, *counts;
	struct ca_batch *b = ca_batch_new();
	int64_t total;
	char *text;

	if (j->rc != 0 || j->s->stopping) {
		ca_batch_free(b);
		/* Swept it is: it has to be finished all the same. */
		if (!j->s->stopping)
			ca_sweep_finish(j->s);
		ca_sweep_failed(j, j->rc);
		return;
	}
	report(j);
	ca_sweep_tally_json(j, &total, &by_issuer, &by_profile);
	counts = json_pack(
	    "{s:o, s:o}", "by_issuer", by_issuer, "by_profile", by_profile);
	text = counts == NULL ? NULL : wire_json_dump(counts, NULL);
	json_decref(counts);
	j->row.state = "running";
	j->row.started_at = j->at;
	j->row.revoked = total;
	j->row.counts = text;
	j->reply = ca_sweep_json(&j->row);
	if (b != NULL)
		ca_batch_emergency_count(b, j->row.operation_id, total, text);
	ca_sweep_commit(j, b, stored);
	free(text);
}

/* Step 1 is durable: nothing that was issued before is good any more. */
static void
swept(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;
	struct ca_sweep *s = j->s;

	if (s->stopping || (rc != 0 && rc != ERR_STATE_STALE)) {
		ca_sweep_failed(j, rc);
		return;
	}
	if (rc == ERR_STATE_STALE) {
		/* Another request with the same token was faster. */
		rc = s->o.store->ops->get_emergency(
		    s->o.store, j->row.operation_id, j->arena, &j->row);
		if (rc != 0)
			ca_sweep_failed(j, rc);
		else
			ca_sweep_done(j, ca_sweep_json(&j->row));
		return;
	}
	(void)ops_fault_point(s->o.faults, "ca.sweep.after");
	if (s->o.swept != NULL)
		s->o.swept(s->o.ctx);
	ca_sweep_tally(j, counted);
}

/* Step 1: one transaction. */
static void
sweep(struct ca_sweep_job *j)
{
	struct ca_batch *b = ca_batch_new();
	size_t i;

	if (ops_fault_point(j->s->o.faults, "ca.sweep.before") != 0) {
		ca_batch_free(b);
		ca_sweep_failed(j, ERR_SYS_IO);
		return;
	}
	if (b != NULL) {
		ca_batch_emergency_begin(b, j->row.operation_id, j->at);
		for (i = 0; i < j->n_scopes; i++)
			ca_batch_sweep(b, j->scopes[i].issuer, j->at,
			    j->row.reason, j->row.operation_id);
		ca_sweep_event(b, j->at, "emergency.executed",
		    json_pack("{s:s, s:s, s:I}", "operation_id",
			j->row.operation_id, "scope", j->row.scope, "reason",
			(json_int_t)j->row.reason));
		ca_sweep_event(b, j->at, "issuance.halted",
		    json_pack("{s:s, s:s}", "scope", j->row.scope,
			"operation_id", j->row.operation_id));
	}
	ca_sweep_commit(j, b, swept);
}

/* The statement is judged again: operators may have left since. */
static void
judge(struct ca_sweep_job *j, const char *scope)
{
	struct ca_sweep *s = j->s;
	struct ca_emergency_signers signers;
	struct ca_emergency_note note;
	struct fault f;
	int rc;

	rc = ca_emergency_note_open(j->row.note, strlen(j->row.note),
	    &s->o.config->auth.operators, &note, &signers);
	if (rc != 0)
		ca_sweep_forbid(j, j->row.operation_id,
		    "the stored statement is not signed by operators");
	else if (note.action != CA_EMERGENCY_REVOKE_ALL ||
		 strcmp(note.operation_id, j->row.operation_id) != 0 ||
		 strcmp(note.scope, j->row.scope) != 0 ||
		 note.reason != j->row.reason)
		ca_sweep_forbid(j, j->row.operation_id,
		    "the stored statement is about something else");
	else if (ca_emergency_note_judge(&note, &signers, j->at, &f) != 0)
		ca_sweep_forbid(j, j->row.operation_id, f.msg);
	else if ((scope != NULL && strcmp(scope, note.scope) != 0) ||
		 !ca_sweep_scope_known(s, note.scope))
		ca_sweep_forbid(
		    j, j->row.operation_id, "the token is for another scope");
	else if ((rc = scopes_now(j, note.scope)) != 0)
		ca_sweep_failed(j, rc);
	else
		sweep(j);
}

void
ca_sweep_run(struct ca_sweep *s, const char *token, const char *scope,
    ca_sweep_fn *fn, void *ctx)
{
	struct ca_sweep_job *j = ca_sweep_job(s, fn, ctx);
	int rc;

	if (j == NULL)
		return;
	rc = find(s, token, j->arena, &j->row);
	if (rc == ERR_STATE_UNAUTHORIZED)
		ca_sweep_refuse(j, CA_PROBLEM_UNAUTHORIZED,
		    "no emergency token of this deployment");
	else if (rc != 0)
		ca_sweep_failed(j, rc);
	else if (strcmp(j->row.state, "armed") != 0)
		ca_sweep_done(j, ca_sweep_json(&j->row));
	else
		judge(j, scope);
}

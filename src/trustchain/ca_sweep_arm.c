/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/sha2.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_status.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_emergency_note.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_sweep_internal.h"
#include "wire/base64.h"
#include "wire/time.h"

/* What two operators signed is registered. */

enum { SECRET_LEN = 32 };

static json_t *
answer_json(const struct ca_emergency_note *n)
{
	char until[WIRE_TIME_TEXT_MAX];

	wire_time_format(n->not_after_s * 1000, until);
	return json_pack("{s:s, s:s, s:s, s:I, s:s}", "operation_id",
	    n->operation_id, "action",
	    n->action == CA_EMERGENCY_RESUME ? "resume" : "revoke-all", "scope",
	    n->scope, "reason", (json_int_t)n->reason, "not_after", until);
}

static void
registered(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;

	if (rc == ERR_STATE_EXISTS)
		ca_sweep_refuse(j, CA_PROBLEM_CONFLICT,
		    "this operation is registered already; its token was "
		    "printed then");
	else if (rc == ERR_STATE_STALE)
		ca_sweep_refuse(j, CA_PROBLEM_CONFLICT,
		    "the operation has not been executed, or is over");
	else if (rc != 0)
		ca_sweep_failed(j, rc);
	else
		ca_sweep_done(j, json_incref(j->reply));
}

/* The names of those who signed: they are no secret, and no subscribers. */
static json_t *
signers_json(const struct ca_emergency_signers *signers)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < signers->n; i++)
		if (json_array_append_new(a, json_string(signers->name[i])) !=
		    0) {
			json_decref(a);
			return NULL;
		}
	return a;
}

static void
put_events(struct ca_sweep_job *j, struct ca_batch *b,
    const struct ca_emergency_note *n,
    const struct ca_emergency_signers *signers)
{
	const char *action =
	    n->action == CA_EMERGENCY_RESUME ? "resume" : "revoke-all";

	ca_sweep_event(b, j->at, "emergency.armed",
	    json_pack("{s:s, s:s, s:s, s:I}", "operation_id", n->operation_id,
		"action", action, "scope", n->scope, "reason",
		(json_int_t)n->reason));
	ca_sweep_event(b, j->at, "emergency.approved",
	    json_pack("{s:s, s:s, s:o}", "operation_id", n->operation_id,
		"action", action, "signers", signers_json(signers)));
}

/* A new token: its text is in the answer, its hash in the row. */
static int
mint(struct ca_sweep_job *j, const char *id, uint8_t hash[CRYPTO_SHA256_LEN])
{
	char text[WIRE_BASE64_ENCODED_MAX(SECRET_LEN)];
	char token[CA_SWEEP_TOKEN_MAX];
	uint8_t secret[SECRET_LEN];
	int rc;

	rc = base_rng_fill(j->s->o.rng, secret, sizeof(secret));
	if (rc != 0)
		return rc;
	crypto_sha2_256(secret, sizeof(secret), hash);
	(void)wire_base64_encode(WIRE_BASE64_URL, secret, sizeof(secret), text);
	(void)snprintf(
	    token, sizeof(token), CA_SWEEP_TOKEN_PREFIX "%s_%s", id, text);
	if (json_object_set_new(j->reply, "token", json_string(token)) != 0)
		rc = ERR_SYS_NOMEM;
	base_wipe(secret, sizeof(secret));
	base_wipe(text, sizeof(text));
	base_wipe(token, sizeof(token));
	return rc;
}

static void
arm(struct ca_sweep_job *j, const struct ca_emergency_note *n,
    const struct ca_emergency_signers *signers, const char *text)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	struct ca_emergency row = { .operation_id = n->operation_id,
		.note = text,
		.token_hash = { hash, sizeof(hash) },
		.scope = n->scope,
		.reason = n->reason,
		.state = "armed",
		.armed_at = j->at,
		.not_after = n->not_after_s * 1000 };
	struct ca_batch *b;
	int rc;

	if ((rc = mint(j, n->operation_id, hash)) != 0) {
		ca_sweep_failed(j, rc);
		return;
	}
	if ((b = ca_batch_new()) != NULL) {
		ca_batch_emergency_arm(b, &row);
		put_events(j, b, n, signers);
	}
	ca_sweep_commit(j, b, registered);
}

static void
allow(struct ca_sweep_job *j, const struct ca_emergency_note *n,
    const struct ca_emergency_signers *signers, const char *text)
{
	struct ca_store *s = j->s->o.store;
	struct ca_batch *b;
	int rc;

	rc = s->ops->get_emergency(s, n->operation_id, j->arena, &j->row);
	if (rc == ERR_STATE_NOT_FOUND) {
		ca_sweep_forbid(j, n->operation_id, "no such operation here");
		return;
	}
	if (rc != 0) {
		ca_sweep_failed(j, rc);
		return;
	}
	if (strcmp(j->row.scope, n->scope) != 0) {
		ca_sweep_forbid(
		    j, n->operation_id, "the operation has another scope");
		return;
	}
	if ((b = ca_batch_new()) != NULL) {
		ca_batch_emergency_allow(b, n->operation_id, text);
		put_events(j, b, n, signers);
	}
	ca_sweep_commit(j, b, registered);
}

void
ca_sweep_arm(struct ca_sweep *s, const char *note, size_t len, ca_sweep_fn *fn,
    void *ctx)
{
	struct ca_sweep_job *j = ca_sweep_job(s, fn, ctx);
	struct ca_emergency_signers signers;
	struct ca_emergency_note n;
	const char *text;
	struct fault f;
	int rc;

	if (j == NULL)
		return;
	rc = ca_emergency_note_open(
	    note, len, &s->o.config->auth.operators, &n, &signers);
	if (rc == ERR_PEER_SIGNATURE) {
		ca_sweep_forbid(
		    j, "", "a signature in an operator's name is wrong");
		return;
	}
	if (rc != 0) {
		ca_sweep_refuse(j, CA_PROBLEM_MALFORMED,
		    "not a signed emergency statement");
		return;
	}
	if (ca_emergency_note_judge(&n, &signers, j->at, &f) != 0) {
		ca_sweep_forbid(j, n.operation_id, f.msg);
		return;
	}
	if (!ca_sweep_scope_known(s, n.scope)) {
		ca_sweep_forbid(
		    j, n.operation_id, "the scope is not of this deployment");
		return;
	}
	/* With its zero; a note holds none (merkle/note.h). */
	text = base_arena_dup(j->arena, note, len);
	if (text == NULL || (j->reply = answer_json(&n)) == NULL)
		ca_sweep_failed(j, ERR_SYS_NOMEM);
	else if (n.action == CA_EMERGENCY_RESUME)
		allow(j, &n, &signers, text);
	else
		arm(j, &n, &signers, text);
}

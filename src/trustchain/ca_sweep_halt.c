/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_status.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_emergency_note.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_sweep_internal.h"

/* Halt and resume. */

static void
halted(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;

	if (rc != 0)
		ca_sweep_failed(j, rc);
	else
		ca_sweep_done(j, json_pack("{s:s}", "issuance", "halted"));
}

void
ca_sweep_halt(struct ca_sweep *s, const char *by, ca_sweep_fn *fn, void *ctx)
{
	const struct ca_authority *a = s->o.authority;
	struct ca_sweep_job *j = ca_sweep_job(s, fn, ctx);
	struct ca_batch *b;
	size_t i;

	if (j == NULL)
		return;
	if ((b = ca_batch_new()) != NULL) {
		for (i = 0; i < a->n_issuers; i++)
			ca_batch_issuer_state(b, a->issuer[i].id, "halted");
		ca_sweep_event(b, j->at, "issuance.halted",
		    json_pack("{s:s, s:s}", "scope", "all", "by", by));
	}
	ca_sweep_commit(j, b, halted);
}

/* {issuance, halted[]}: which issuers issue. */
static json_t *
issuance(struct ca_sweep_job *j)
{
	const struct ca_authority *a = j->s->o.authority;
	struct ca_store *s = j->s->o.store;
	json_t *list = json_array();
	struct ca_issuer is;
	size_t i;

	for (i = 0; i < a->n_issuers; i++) {
		if (s->ops->get_issuer(s, a->issuer[i].id, j->arena, &is) ==
			0 &&
		    strcmp(is.state, "open") == 0)
			continue;
		/* One that is missing would be taken for open. */
		if (json_array_append_new(
			list, json_string(a->issuer[i].id)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return json_pack("{s:s, s:o}", "issuance",
	    json_array_size(list) < a->n_issuers ? "open" : "halted", "halted",
	    list);
}

static void
resumed(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;

	if (rc == ERR_STATE_HALTED)
		ca_sweep_refuse(j, CA_PROBLEM_FORBIDDEN,
		    "halted by a revoke-all; two operators let it resume: "
		    "emergency arm --action resume; an issuer swept with "
		    "reason 1 never issues again: configure a new one");
	else if (rc == ERR_STATE_STALE)
		ca_sweep_refuse(j, CA_PROBLEM_FORBIDDEN,
		    "two operators have to let this operation resume first: "
		    "emergency arm --action resume, emergency approve");
	else if (rc != 0)
		ca_sweep_failed(j, rc);
	else
		ca_sweep_done(j, issuance(j));
}

/* A plain halt: those that are open already are left alone. */
static void
resume_all(struct ca_sweep_job *j)
{
	const struct ca_authority *a = j->s->o.authority;
	struct ca_batch *b;
	size_t i;

	if ((b = ca_batch_new()) != NULL) {
		for (i = 0; i < a->n_issuers; i++)
			ca_batch_open(b, a->issuer[i].id);
		ca_sweep_event(b, j->at, "issuance.resumed",
		    json_pack("{s:s, s:s}", "scope", "all", "by", j->by));
	}
	ca_sweep_commit(j, b, resumed);
}

/* Whether the stored statement to resume is good, today too. */
static int
allowed(struct ca_sweep_job *j, struct fault *f)
{
	struct ca_emergency_signers signers;
	struct ca_emergency_note note;
	const char *text = j->row.resume_note;
	int rc;

	if (text == NULL)
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "two operators have to let this operation resume first: "
		    "emergency arm --action resume, emergency approve");
	rc = ca_emergency_note_open(text, strlen(text),
	    &j->s->o.config->auth.operators, &note, &signers);
	if (rc != 0 || note.action != CA_EMERGENCY_RESUME ||
	    strcmp(note.operation_id, j->row.operation_id) != 0)
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "the stored statement does not let it resume");
	return ca_emergency_note_judge(&note, &signers, j->at, f);
}

static void
resume_one(struct ca_sweep_job *j, const char *id)
{
	struct ca_store *s = j->s->o.store;
	struct ca_batch *b;
	struct fault f;
	int rc;

	rc = s->ops->get_emergency(s, id, j->arena, &j->row);
	if (rc == ERR_STATE_NOT_FOUND) {
		ca_sweep_refuse(j, CA_PROBLEM_NOT_FOUND, "no such operation");
		return;
	}
	if (rc != 0) {
		ca_sweep_failed(j, rc);
		return;
	}
	if (strcmp(j->row.state, "resumed") == 0) {
		ca_sweep_done(j, issuance(j));
		return;
	}
	if (allowed(j, &f) != 0) {
		ca_sweep_forbid(j, id, f.msg);
		return;
	}
	if ((b = ca_batch_new()) != NULL) {
		ca_batch_emergency_resume(b, id);
		ca_sweep_event(b, j->at, "issuance.resumed",
		    json_pack("{s:s, s:s, s:s}", "scope", j->row.scope,
			"operation_id", id, "by", j->by));
	}
	ca_sweep_commit(j, b, resumed);
}

void
ca_sweep_resume(struct ca_sweep *s, const char *id, const char *by,
    ca_sweep_fn *fn, void *ctx)
{
	struct ca_sweep_job *j = ca_sweep_job(s, fn, ctx);

	if (j == NULL)
		return;
	if ((j->by = base_arena_dup(j->arena, by, strlen(by))) == NULL)
		ca_sweep_failed(j, ERR_SYS_NOMEM);
	else if (id != NULL)
		resume_one(j, id);
	else
		resume_all(j);
}

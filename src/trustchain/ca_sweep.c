/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_sweep_internal.h"
#include "wire/time.h"

enum { ARENA_MAX = 4 << 20, AT_ONCE_MAX = 32 };

struct ca_sweep_job *
ca_sweep_job(struct ca_sweep *s, ca_sweep_fn *fn, void *ctx)
{
	const struct ca_sweep_result busy = { CA_PROBLEM_RATE_LIMITED,
		"too many operations under way", NULL };
	struct ca_sweep_job *j = NULL;

	if (!s->stopping && s->n_jobs < AT_ONCE_MAX)
		j = calloc(1, sizeof(*j));
	if (j != NULL && (j->arena = base_arena_new(ARENA_MAX)) == NULL) {
		free(j);
		j = NULL;
	}
	if (j == NULL) {
		if (fn != NULL)
			fn(ctx, &busy);
		return NULL;
	}
	j->s = s;
	j->fn = fn;
	j->ctx = ctx;
	j->at = base_clock_now_ms(s->o.clock);
	base_list_init(&j->node);
	base_list_push_back(&s->jobs, &j->node);
	s->n_jobs++;
	return j;
}

static void
job_free(struct ca_sweep_job *j)
{
	base_list_remove(&j->node);
	j->s->n_jobs--;
	json_decref(j->reply);
	base_arena_free(j->arena);
	free(j);
}

static void
answer(struct ca_sweep_job *j, enum ca_problem p, const char *detail,
    json_t *reply)
{
	const struct ca_sweep_result r = { p, detail, reply };
	ca_sweep_fn *fn = j->fn;

	j->fn = NULL;
	if (fn != NULL)
		fn(j->ctx, &r);
}

void
ca_sweep_done(struct ca_sweep_job *j, json_t *reply)
{
	if (reply != NULL)
		answer(j, CA_PROBLEM_NONE, NULL, reply);
	else
		answer(j, CA_PROBLEM_INTERNAL, "out of memory", NULL);
	json_decref(reply);
	job_free(j);
}

void
ca_sweep_refuse(struct ca_sweep_job *j, enum ca_problem p, const char *detail)
{
	answer(j, p, detail, NULL);
	job_free(j);
}

void
ca_sweep_failed(struct ca_sweep_job *j, int rc)
{
	ca_sweep_refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE, base_err_text(rc));
}

void
ca_sweep_commit(
    struct ca_sweep_job *j, struct ca_batch *b, void (*done)(void *ctx, int rc))
{
	struct ca_store *s = j->s->o.store;
	int rc = ERR_SYS_NOMEM;

	if (b != NULL)
		rc = s->ops->submit(s, b, done, j);
	if (rc != 0)
		done(j, rc);
}

void
ca_sweep_event(
    struct ca_batch *b, int64_t at, const char *event, json_t *fields)
{
	char *text = fields == NULL ? NULL : wire_json_dump(fields, NULL);

	ca_batch_outbox(b, at, event, text);
	free(text);
	json_decref(fields);
}

static void
forbidden(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;

	(void)rc; /* refused it is in any case */
	ca_sweep_refuse(j, CA_PROBLEM_FORBIDDEN, j->by);
}

void
ca_sweep_forbid(struct ca_sweep_job *j, const char *id, const char *why)
{
	struct ca_batch *b = ca_batch_new();

	j->by = base_arena_dup(j->arena, why, strlen(why));
	if (b == NULL || j->by == NULL) {
		ca_batch_free(b);
		ca_sweep_refuse(j, CA_PROBLEM_FORBIDDEN, "refused");
		return;
	}
	ca_sweep_event(b, j->at, "emergency.refused",
	    json_pack("{s:s, s:s}", "operation_id", id, "reason", why));
	ca_sweep_commit(j, b, forbidden);
}

bool
ca_sweep_covers(const char *scope, const char *issuer)
{
	static const char one[] = "issuer:";

	if (strcmp(scope, "all") == 0)
		return true;
	return base_str_starts(scope, one) &&
	       strcmp(scope + sizeof(one) - 1, issuer) == 0;
}

bool
ca_sweep_scope_known(const struct ca_sweep *s, const char *scope)
{
	size_t i;

	for (i = 0; i < s->o.authority->n_issuers; i++)
		if (ca_sweep_covers(scope, s->o.authority->issuer[i].id))
			return true;
	return false;
}

/* Whether it could be; 0 ms is no time. */
static bool
put_time(json_t *o, const char *key, int64_t ms)
{
	char text[WIRE_TIME_TEXT_MAX];

	if (ms == 0)
		return true;
	wire_time_format(ms, text);
	return json_object_set_new(o, key, json_string(text)) == 0;
}

static bool
put_progress(json_t *o, const struct ca_emergency *row)
{
	const char *issuance =
	    strcmp(row->state, "resumed") == 0 ? "open" : "halted";

	if (strcmp(row->state, "armed") == 0)
		return true;
	return json_object_set_new(o, "issuance", json_string(issuance)) == 0 &&
	       json_object_set_new(o, "revoked", json_integer(row->revoked)) ==
		   0 &&
	       json_object_set_new(o, "resume_approved",
		   json_boolean(row->resume_note != NULL)) == 0;
}

static bool
put_counts(json_t *o, const struct ca_emergency *row)
{
	json_t *counts = NULL;

	if (row->counts == NULL)
		return true;
	/* How it stands is told even if that cannot be read. */
	if (wire_json_parse(
		row->counts, strlen(row->counts), &counts, NULL) != 0)
		return true;
	return json_object_update_new(o, counts) == 0;
}

json_t *
ca_sweep_json(const struct ca_emergency *row)
{
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:I}", "operation_id", row->operation_id,
	    "state", row->state, "scope", row->scope, "reason",
	    (json_int_t)row->reason);
	if (o != NULL && put_time(o, "armed_at", row->armed_at) &&
	    put_time(o, "not_after", row->not_after) &&
	    put_time(o, "started_at", row->started_at) &&
	    put_time(o, "crl_published_at", row->done_at) &&
	    put_progress(o, row) && put_counts(o, row))
		return o;
	json_decref(o);
	return NULL;
}

static void
show_one(struct ca_sweep_job *j, const char *id)
{
	struct ca_store *s = j->s->o.store;
	int rc = s->ops->get_emergency(s, id, j->arena, &j->row);

	if (rc == ERR_STATE_NOT_FOUND)
		ca_sweep_refuse(j, CA_PROBLEM_NOT_FOUND, "no such operation");
	else if (rc != 0)
		ca_sweep_failed(j, rc);
	else
		ca_sweep_done(j, ca_sweep_json(&j->row));
}

void
ca_sweep_show(struct ca_sweep *s, const char *id, ca_sweep_fn *fn, void *ctx)
{
	struct ca_sweep_job *j = ca_sweep_job(s, fn, ctx);
	struct ca_emergency *rows;
	json_t *list;
	size_t n, i;
	int rc;

	if (j == NULL)
		return;
	if (id != NULL) {
		show_one(j, id);
		return;
	}
	rc = s->o.store->ops->list_emergencies(s->o.store, j->arena, &rows, &n);
	if (rc != 0) {
		ca_sweep_failed(j, rc);
		return;
	}
	list = json_array();
	for (i = 0; i < n; i++)
		if (json_array_append_new(list, ca_sweep_json(&rows[i])) != 0)
			rc = ERR_SYS_NOMEM;
	if (rc == 0) {
		ca_sweep_done(j, json_pack("{s:o}", "operations", list));
		return;
	}
	json_decref(list);
	ca_sweep_done(j, NULL);
}

int
ca_sweep_new(const struct ca_sweep_opts *opts, struct ca_sweep **ret)
{
	struct ca_sweep *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return ERR_SYS_NOMEM;
	s->o = *opts;
	base_list_init(&s->jobs);
	if ((rc = ca_sweep_finish_start(s)) != 0) {
		free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void
ca_sweep_stop(struct ca_sweep *s)
{
	struct list *it, *tmp;

	if (s == NULL)
		return;
	s->stopping = true;
	LIST_FOREACH (it, tmp, &s->jobs)
		answer(LIST_ENTRY(it, struct ca_sweep_job, node),
		    CA_PROBLEM_STORAGE_UNAVAILABLE, "the service is stopping",
		    NULL);
}

void
ca_sweep_free(struct ca_sweep *s)
{
	struct list *it, *tmp;

	if (s == NULL)
		return;
	ca_sweep_stop(s);
	LIST_FOREACH (it, tmp, &s->jobs)
		job_free(LIST_ENTRY(it, struct ca_sweep_job, node));
	ca_sweep_finish_end(s);
	free(s);
}

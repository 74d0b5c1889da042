/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_status.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_sweep_internal.h"

/*
 * Step 4 of a revoke-all, also after a crash: what was swept is counted if it
 * was not yet, the CRLs are published, the operation is done.
 */
enum { RETRY_MS = 5000, ARENA_MAX = 4 << 20 };

/* Operations that are not counted, or that a publication would finish. */
static int
running(struct ca_sweep *s, struct arena *a, struct ca_emergency **ret,
    size_t *ret_n)
{
	size_t n, i, kept = 0;
	int rc;

	rc = s->o.store->ops->list_emergencies(s->o.store, a, ret, &n);
	for (i = 0; rc == 0 && i < n; i++)
		if ((*ret)[i].started_at != 0 &&
		    ((*ret)[i].done_at == 0 || (*ret)[i].counts == NULL))
			(*ret)[kept++] = (*ret)[i];
	*ret_n = kept;
	return rc;
}

static void
again(struct ca_sweep *s)
{
	loop_timer_start(s->timer, RETRY_MS, 0);
}

static void
noted(void *ctx, int rc)
{
	struct ca_sweep_job *j = ctx;
	struct ca_sweep *s = j->s;

	if (!s->stopping && rc != 0)
		again(s);
	else if (!s->stopping)
		ca_sweep_finish(s); /* others that began meanwhile */
	ca_sweep_done(j, NULL);
}

/* What was swept before this was asked for is on the CRLs. */
static void
published(void *ctx, int rc, const struct ca_crl_published *all, size_t n)
{
	struct ca_sweep *s = ctx;
	struct ca_sweep_job *j;
	struct ca_batch *b;
	size_t i;

	(void)all;
	(void)n;
	s->publishing = false;
	if (s->stopping)
		return;
	if (rc != 0 || (j = ca_sweep_job(s, NULL, NULL)) == NULL) {
		again(s);
		return;
	}
	if ((b = ca_batch_new()) != NULL)
		for (i = 0; i < s->n_finishing; i++) {
			ca_batch_emergency_done(b, s->finishing[i], j->at);
			OPS_LOG(s->o.log, OPS_LOG_WARN, "emergency",
			    "revoke-all is on the CRLs",
			    OPS_LOG_STR("operation", s->finishing[i]));
		}
	ca_sweep_commit(j, b, noted);
}

static void
counted(void *ctx)
{
	struct ca_sweep_job *j = ctx;
	json_t *by_issuer, *by_profile, *counts;
	struct ca_batch *b = NULL;
	int64_t total;
	char *text;

	if (j->rc != 0 || j->s->stopping) {
		if (!j->s->stopping)
			again(j->s);
		ca_sweep_done(j, NULL);
		return;
	}
	ca_sweep_tally_json(j, &total, &by_issuer, &by_profile);
	counts = json_pack(
	    "{s:o, s:o}", "by_issuer", by_issuer, "by_profile", by_profile);
	text = counts == NULL ? NULL : wire_json_dump(counts, NULL);
	json_decref(counts);
	if (text != NULL && (b = ca_batch_new()) != NULL)
		ca_batch_emergency_count(b, j->row.operation_id, total, text);
	free(text);
	ca_sweep_commit(j, b, noted);
}

/* A crash came between the sweep and its count. */
static void
count(struct ca_sweep *s, const char *id)
{
	struct ca_sweep_job *j = ca_sweep_job(s, NULL, NULL);

	if (j != NULL &&
	    s->o.store->ops->get_emergency(s->o.store, id, j->arena, &j->row) ==
		0 &&
	    s->o.store->ops->sweep_scopes(
		s->o.store, id, j->arena, &j->scopes, &j->n_scopes) == 0) {
		ca_sweep_tally(j, counted);
		return;
	}
	again(s);
	if (j != NULL)
		ca_sweep_done(j, NULL);
}

static void
publish(struct ca_sweep *s, const struct ca_emergency *rows, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < n && k < CA_SWEEP_FINISHING_MAX; i++)
		if (rows[i].done_at == 0 &&
		    base_str_copy(s->finishing[k], sizeof(s->finishing[k]),
			rows[i].operation_id) == 0)
			k++;
	s->n_finishing = k;
	if (k == 0)
		return;
	if (ca_crl_publish(s->o.crl, published, s) == 0)
		s->publishing = true;
	else
		again(s);
}

void
ca_sweep_finish(struct ca_sweep *s)
{
	struct arena *a = base_arena_new(ARENA_MAX);
	struct ca_emergency *rows;
	size_t n = 0, i;

	if (a == NULL || running(s, a, &rows, &n) != 0) {
		base_arena_free(a);
		again(s);
		return;
	}
	for (i = 0; i < n; i++)
		if (rows[i].counts == NULL && !s->publishing)
			count(s, rows[i].operation_id);
	if (n > 0 && !s->publishing)
		publish(s, rows, n);
	base_arena_free(a);
}

static void
on_timer(void *ctx)
{
	ca_sweep_finish(ctx);
}

int
ca_sweep_finish_start(struct ca_sweep *s)
{
	int rc = loop_timer_new(s->o.loop, on_timer, s, &s->timer);

	if (rc == 0)
		loop_timer_start(s->timer, 1, 0);
	return rc;
}

void
ca_sweep_finish_end(struct ca_sweep *s)
{
	loop_timer_free(s->timer);
}

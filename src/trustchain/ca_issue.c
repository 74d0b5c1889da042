/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_issue.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "ops/faults.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "pki/san.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_issue_internal.h"
#include "trustchain/ca_store.h"

enum { ROLL_MS = 5000 };

const char *const ca_issue_points[] = { "ca.admit.before", "ca.admit.after",
	"ca.validate.before", "ca.validate.after", "ca.lint.before",
	"ca.lint.after", "ca.precert.before", "ca.precert.after",
	"ca.c1.before", "ca.c1.after", "ca.log.before", "ca.log.after",
	"ca.final.before", "ca.final.after", "ca.check.before",
	"ca.check.after", "ca.c2.before", "ca.c2.after", "ca.abandon.before",
	"ca.abandon.after", "ca.reply.before", "ca.reply.after",
	/* of the publication of CRLs, and of emergencies */
	"ca.crl.collect", "ca.crl.write", "ca.sweep.before", "ca.sweep.after" };
const size_t ca_issue_points_len =
    sizeof(ca_issue_points) / sizeof(ca_issue_points[0]);

int
ca_issue_point(struct ca_issue_job *j, const char *name)
{
	return ops_fault_point(j->ci->o.faults, name);
}

void
ca_issue_fail(struct ca_issue_job *j, enum pki_issue_event event,
    enum ca_problem problem, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->detail, sizeof(j->detail), fmt, ap);
	va_end(ap);
	j->event = event;
	j->problem = problem;
}

int
ca_issue_job_new(struct ca_issue *ci, struct ca_issue_job **ret)
{
	struct ca_issue_job *j;

	if ((j = calloc(1, sizeof(*j))) == NULL)
		return ERR_SYS_NOMEM;
	if ((j->arena = base_arena_new(CA_ISSUE_ARENA_MAX)) == NULL) {
		free(j);
		return ERR_SYS_NOMEM;
	}
	j->ci = ci;
	j->started_us = j->step_us = loop_monotonic_us();
	base_list_init(&j->node);
	base_list_init(&j->waiters);
	base_list_push_back(&ci->jobs, &j->node);
	ci->n_jobs++;
	*ret = j;
	return 0;
}

void
ca_issue_job_end(struct ca_issue_job *j)
{
	struct list *it;

	while ((it = base_list_pop_front(&j->waiters)) != NULL)
		free(LIST_ENTRY(it, struct ca_issue_waiter, node));
	base_list_remove(&j->node);
	j->ci->n_jobs--;
	base_arena_free(j->arena);
	free(j);
}

struct ca_issue_job *
ca_issue_find(struct ca_issue *ci, const uint8_t serial[PKI_SERIAL_LEN])
{
	struct list *it, *tmp;
	struct ca_issue_job *j;

	LIST_FOREACH (it, tmp, &ci->jobs) {
		j = LIST_ENTRY(it, struct ca_issue_job, node);
		/* Before that a thread of the pool may be writing it. */
		if ((j->resumed || j->machine.state >= PKI_ISSUE_PRECERT) &&
		    memcmp(j->serial, serial, PKI_SERIAL_LEN) == 0)
			return j;
	}
	return NULL;
}

/* Tell everybody who waits. */
static void
answer(struct ca_issue_job *j, const struct ca_cert *row)
{
	struct ca_issue_result r;
	struct ca_issue_waiter *w;
	struct list *it;

	memset(&r, 0, sizeof(r));
	r.status = row != NULL ? 201 : ca_problem_status(j->problem);
	if (row == NULL) {
		r.code = ca_problem_code(j->problem);
		r.rc =
		    r.status >= 500 ? ERR_SYS_UNAVAILABLE : ERR_STATE_REFUSED;
		r.retry_after_s = ca_problem_retry_s(j->problem);
		snprintf(r.detail, sizeof(r.detail), "%s", j->detail);
	}
	if (j->machine.stored)
		snprintf(r.serial, sizeof(r.serial), "%s", j->serial_hex);
	r.row = row;
	while ((it = base_list_pop_front(&j->waiters)) != NULL) {
		w = LIST_ENTRY(it, struct ca_issue_waiter, node);
		r.replayed = w->replay;
		w->fn(w->ctx, &r);
		free(w);
	}
}

/* The row as C2 left it. */
static void
make_row(const struct ca_issue_job *j, struct ca_cert *row)
{
	memset(row, 0, sizeof(*row));
	row->issuer = j->issuer->id;
	row->serial = (struct ca_blob){ j->serial, PKI_SERIAL_LEN };
	row->epoch = j->epoch;
	row->state = CA_CERT_ISSUED;
	row->profile = j->profile_name;
	row->not_before = j->not_before_ms;
	row->not_after = j->not_after_ms;
	row->created = j->created_ms;
	row->shard = j->crl_shard;
	row->spki = (struct ca_blob){ j->spki_hash, 32 };
	row->fp = (struct ca_blob){ j->fp, 32 };
	row->precert = (struct ca_blob){ j->precert.data, j->precert.len };
	row->final = (struct ca_blob){ j->final.data, j->final.len };
	row->scts = (struct ca_blob){ j->list.data, j->list.len };
	row->sct_json = j->sct_json;
	row->owner = j->owner;
	row->order_id = j->order_id;
}

static void
took(struct ca_issue_job *j, enum ca_issue_part part)
{
	uint64_t now = loop_monotonic_us();
	uint64_t from = part == CA_ISSUE_TOTAL ? j->started_us : j->step_us;

	if (j->ci->o.took != NULL && !j->resumed)
		j->ci->o.took(
		    j->ci->o.ctx, j->via, part, (double)(now - from) / 1e6);
	j->step_us = now;
}

static void
reply_issued(struct ca_issue_job *j)
{
	struct ca_issue *ci = j->ci;
	struct ca_cert row;

	make_row(j, &row);
	if (ci->o.issued != NULL)
		ci->o.issued(ci->o.ctx, &row, j->via);
	(void)ca_issue_point(j, "ca.reply.before");
	answer(j, &row);
	(void)ca_issue_point(j, "ca.reply.after");
	took(j, CA_ISSUE_TOTAL);
}

static void
reply_error(struct ca_issue_job *j)
{
	struct ca_issue *ci = j->ci;

	/* A request that found its answer elsewhere is no failure. */
	if (ci->o.failed != NULL && j->problem != CA_PROBLEM_NONE &&
	    !j->resumed)
		ci->o.failed(ci->o.ctx, ca_problem_code(j->problem), j->via);
	if (ca_problem_status(j->problem) >= 500)
		OPS_LOG(ci->o.log, OPS_LOG_WARN, "issue", "not issued",
		    OPS_LOG_STR("code", ca_problem_code(j->problem)),
		    OPS_LOG_STR(
			"state", pki_issue_state_name(j->machine.state)),
		    OPS_LOG_STR("serial", j->serial_hex));
	answer(j, NULL);
}

/* CPU work on the pool, or here without one. */
struct step {
	void (*work)(struct ca_issue_job *j);
	void (*after)(struct ca_issue_job *j); /* on the loop */
	struct ca_issue_job *j;
};

static void
run_work(void *ctx)
{
	struct step *s = ctx;

	s->work(s->j);
}

static void
run_done(void *ctx)
{
	struct step *s = ctx;

	s->after(s->j);
}

static void
offload(struct ca_issue_job *j, void (*work)(struct ca_issue_job *),
    void (*after)(struct ca_issue_job *))
{
	struct step *s = base_arena_alloc(j->arena, sizeof(*s));

	j->event = PKI_ISSUE_EV_OK;
	if (s == NULL) {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_INTERNAL,
		    "out of memory");
		after(j);
		return;
	}
	*s = (struct step){ work, after, j };
	if (j->ci->o.pool != NULL &&
	    loop_pool_submit(j->ci->o.pool, run_work, run_done, s) == 0)
		return;
	run_work(s);
	run_done(s);
}

/*
 * Steps 2 and 3 in one go: nothing that comes between them, on the loop, can
 * change what step 3 finds, and a way to the pool and back costs more than
 * it.  Its result waits for its turn.
 */
static void
validate_and_lint(struct ca_issue_job *j)
{
	ca_issue_validate(j);
	if (j->event != PKI_ISSUE_EV_OK)
		return;
	ca_issue_lint(j);
	j->lint_event = j->event;
	j->event = PKI_ISSUE_EV_OK;
}

static void
after_validate(struct ca_issue_job *j)
{
	if (j->event == PKI_ISSUE_EV_OK)
		ca_issue_validated(j);
	(void)ca_issue_point(j, "ca.validate.after");
	ca_issue_feed(j, j->event);
}

static void
after_lint(struct ca_issue_job *j)
{
	j->event = j->lint_event;
	(void)ca_issue_point(j, "ca.lint.after");
	took(j, CA_ISSUE_VALIDATE);
	ca_issue_feed(j, j->event);
}

static void
after_check(struct ca_issue_job *j)
{
	(void)ca_issue_point(j, "ca.check.after");
	ca_issue_feed(j, j->event);
}

/* Pass the fault point before a step; an armed error is the step's. */
static bool
enter(struct ca_issue_job *j, const char *point)
{
	if (ca_issue_point(j, point) == 0)
		return true;
	ca_issue_fail(
	    j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_INTERNAL, "injected fault");
	ca_issue_feed(j, j->event);
	return false;
}

static void
perform(struct ca_issue_job *j, enum pki_issue_action action)
{
	switch (action) {
	case PKI_ISSUE_DO_VALIDATE:
		if (enter(j, "ca.validate.before"))
			offload(j, validate_and_lint, after_validate);
		break;
	case PKI_ISSUE_DO_LINT:
		if (enter(j, "ca.lint.before"))
			after_lint(j);
		break;
	case PKI_ISSUE_DO_SIGN_PRECERT:
		if (enter(j, "ca.precert.before"))
			ca_issue_sign(j, false);
		break;
	case PKI_ISSUE_DO_COMMIT_C1:
		took(j, CA_ISSUE_SIGN);
		if (enter(j, "ca.c1.before"))
			ca_issue_c1(j);
		break;
	case PKI_ISSUE_DO_SUBMIT:
		took(j, CA_ISSUE_STORE);
		if (enter(j, "ca.log.before"))
			ca_issue_log(j);
		break;
	case PKI_ISSUE_DO_SIGN_FINAL:
		took(j, CA_ISSUE_CT);
		if (enter(j, "ca.final.before"))
			ca_issue_sign(j, true);
		break;
	case PKI_ISSUE_DO_CHECK:
		took(j, CA_ISSUE_SIGN);
		if (enter(j, "ca.check.before"))
			offload(j, ca_issue_check, after_check);
		break;
	case PKI_ISSUE_DO_COMMIT_C2:
		took(j, CA_ISSUE_VALIDATE);
		if (enter(j, "ca.c2.before"))
			ca_issue_c2(j);
		break;
	case PKI_ISSUE_DO_ABANDON:
		if (enter(j, "ca.abandon.before"))
			ca_issue_abandon(j);
		break;
	case PKI_ISSUE_DO_AUDIT_CHECK:
		ca_issue_audit_check(j);
		break;
	case PKI_ISSUE_DO_REPLY:
		took(j, CA_ISSUE_STORE);
		reply_issued(j);
		break;
	case PKI_ISSUE_DO_REPLY_ERROR:
		reply_error(j);
		break;
	}
}

/* One row less of those found at start. */
static void
count_recovered(struct ca_issue_job *j)
{
	struct ca_issue *ci = j->ci;

	if (j->resumed && ci->first_pass_left > 0)
		ci->first_pass_left--;
	if (ci->first_pass && ci->first_pass_left == 0)
		ci->recovered = true;
}

void
ca_issue_feed(struct ca_issue_job *j, enum pki_issue_event event)
{
	unsigned actions, bit;
	bool ended;
	int rc;

	/* After ca_issue_stop nothing goes on; ca_issue_free frees the job. */
	if (j->ci->stopping)
		return;
	rc = pki_issue_step(&j->machine, event, &actions);
	TROTH_ASSERT(rc == 0);
	ended = pki_issue_ended(&j->machine);
	/* A state that has not ended asks for one action, which may free j. */
	if (!ended) {
		perform(j, (enum pki_issue_action)actions);
		return;
	}
	for (bit = 1; bit <= PKI_ISSUE_DO_REPLY_ERROR; bit <<= 1)
		if ((actions & bit) != 0)
			perform(j, (enum pki_issue_action)bit);
	count_recovered(j);
	ca_issue_job_end(j);
}

static void
start(void *ctx)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	j->event = PKI_ISSUE_EV_ADMIT;
	if (ca_issue_point(j, "ca.admit.before") != 0)
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_INTERNAL,
		    "injected fault");
	else if (!ca_issue_admit(j))
		return;
	(void)ca_issue_point(j, "ca.admit.after");
	ca_issue_feed(j, j->event);
}

/* Copy a string or bytes into the job; NULL stays NULL. */
static bool
keep(struct ca_issue_job *j, const char *s, const char **ret)
{
	*ret = NULL;
	if (s == NULL)
		return true;
	*ret = base_arena_dup(j->arena, s, strlen(s));
	return *ret != NULL;
}

static bool
keep_bytes(
    struct ca_issue_job *j, const void *data, size_t len, const void **ret)
{
	*ret = NULL;
	if (data == NULL)
		return true;
	*ret = base_arena_dup(j->arena, data, len);
	return *ret != NULL;
}

static bool
fill(struct ca_issue_job *j, const struct ca_issue_request *q)
{
	const void *csr, *who, *extra;

	j->via = q->via;
	j->validity_s = q->validity_s;
	j->renewal = q->renewal;
	memcpy(j->body_hash, q->body_hash, sizeof(j->body_hash));
	if (!keep(j, q->owner, &j->owner) ||
	    !keep(j, q->idempotency_key, &j->idem_key) ||
	    !keep(j, q->order_id, &j->order_id) ||
	    !keep(j, q->profile != NULL ? q->profile : "server",
		&j->profile_name) ||
	    !keep(j, q->issuer, &j->issuer_name) ||
	    !keep_bytes(j, q->csr.data, q->csr.len, &csr) ||
	    !keep_bytes(j, q->who,
		q->who != NULL ? CA_AUTH_PRINCIPAL_LEN(q->who) : 0, &who) ||
	    !keep_bytes(j, q->names,
		q->names != NULL ? PKI_SAN_LIST_LEN(q->names) : 0, &extra))
		return false;
	j->csr = (struct pki_bytes){ csr, q->csr.len };
	j->who = who;
	j->extra = extra;
	return true;
}

int
ca_issue_submit(struct ca_issue *ci, const struct ca_issue_request *req,
    ca_issue_fn *fn, void *ctx)
{
	struct ca_issue_waiter *w;
	struct ca_issue_job *j;
	int rc;

	if (ci->stopping)
		return ERR_STATE_CLOSED;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = ca_issue_job_new(ci, &j)) != 0) {
		free(w);
		return rc;
	}
	w->fn = fn;
	w->ctx = ctx;
	base_list_init(&w->node);
	if (!fill(j, req))
		rc = ERR_SYS_NOMEM;
	else
		rc = loop_post(ci->o.loop, start, j);
	if (rc != 0) {
		ca_issue_job_end(j);
		free(w);
		return rc;
	}
	base_list_push_back(&j->waiters, &w->node);
	return 0;
}

static void
on_timer(void *ctx)
{
	ca_issue_roll(ctx);
}

/* Every issuer of the configuration is a row, with its own epoch. */
struct ca_batch *
ca_issue_issuers(const struct ca_authority *a)
{
	struct ca_batch *b;
	struct ca_issuer row;
	struct pki_bytes der;
	size_t i;

	if ((b = ca_batch_new()) == NULL)
		return NULL;
	for (i = 0; i < a->n_issuers; i++) {
		der = pki_cert_der(a->issuer[i].cert);
		memset(&row, 0, sizeof(row));
		row.id = a->issuer[i].id;
		row.cert = (struct ca_blob){ der.data, der.len };
		row.state = "open";
		row.epoch = 1;
		ca_batch_put_issuer(b, &row);
	}
	return b;
}

static int
put_issuers(struct ca_issue *ci)
{
	struct ca_batch *b = ca_issue_issuers(ci->o.authority);

	return b == NULL ? ERR_SYS_NOMEM
			 : ci->o.store->ops->submit_wait(ci->o.store, b);
}

int
ca_issue_new(const struct ca_issue_opts *opts, struct ca_issue **ret)
{
	struct ca_issue *ci;
	int rc;

	if ((ci = calloc(1, sizeof(*ci))) == NULL)
		return ERR_SYS_NOMEM;
	ci->o = *opts;
	base_list_init(&ci->jobs);
	if ((rc = loop_timer_new(opts->loop, on_timer, ci, &ci->timer)) != 0 ||
	    (rc = put_issuers(ci)) != 0 ||
	    (rc = opts->store->ops->newest_not_before(
		 opts->store, &ci->newest_not_before_ms)) != 0) {
		ca_issue_free(ci);
		return rc;
	}
	loop_timer_start(ci->timer, 1, ROLL_MS);
	*ret = ci;
	return 0;
}

void
ca_issue_stop(struct ca_issue *ci)
{
	struct list *it, *tmp;
	struct ca_issue_job *j;

	if (ci == NULL || ci->stopping)
		return;
	ci->stopping = true;
	loop_timer_stop(ci->timer);
	LIST_FOREACH (it, tmp, &ci->jobs) {
		j = LIST_ENTRY(it, struct ca_issue_job, node);
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR,
		    CA_PROBLEM_STORAGE_UNAVAILABLE, "the service is stopping");
		answer(j, NULL);
	}
}

void
ca_issue_free(struct ca_issue *ci)
{
	struct list *it, *tmp;

	if (ci == NULL)
		return;
	ca_issue_stop(ci);
	LIST_FOREACH (it, tmp, &ci->jobs)
		ca_issue_job_end(LIST_ENTRY(it, struct ca_issue_job, node));
	loop_timer_free(ci->timer);
	free(ci);
}

size_t
ca_issue_inflight(const struct ca_issue *ci)
{
	return ci->n_jobs;
}

bool
ca_issue_recovered(const struct ca_issue *ci)
{
	return ci->recovered;
}

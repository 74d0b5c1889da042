/* SPDX-License-Identifier: Apache-2.0 */
/* Finalize: CAA where it is due, the issue pipeline, the reply (section 7). */
#include "trustchain/ca_acme_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/ident_list.h"
#include "acme/order_end.h"
#include "acme/turn.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "http/request.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "pki/san.h"
#include "trustchain/ca_caa.h"
#include "trustchain/ca_issue.h"

enum { REPLY_WAIT_MS = 2000, FINAL_ARENA_MAX = 1 << 20 };

/* A name whose CAA is looked up again. */
struct due {
	const char *name, *method; /* NULL: by no challenge */
	bool wildcard;
};

/* One order on its way; it outlives the request that asked. */
struct ca_acme_final {
	struct list node;
	struct ca_acme *acme;
	struct ca_acme_job *job; /* NULL once answered */
	struct arena *arena;
	struct acme_order order; /* strings in the arena */
	struct due *caa_due;
	size_t n_caa_due, caa_at;
	struct acme_subproblem *caa_refused;
	size_t n_caa_refused;
	struct ca_caa *caa;
	struct loop_timer *timer;
	struct pki_san_list sans;
	struct acme_problem problem;
	bool waits; /* for a callback that cannot be called off */
};

static void check_caa(struct ca_acme_final *f);

static void
drop(struct ca_acme_final *f)
{
	if (f->acme != NULL && f->order.id != NULL)
		(void)base_map_take(
		    f->acme->issuing, f->order.id, strlen(f->order.id));
	base_list_remove(&f->node);
	loop_timer_free(f->timer);
	ca_caa_cancel(f->caa);
	base_arena_free(f->arena);
	free(f);
}

/* Answer with the order as it stands, if that has not been done. */
static void
reply_order(struct ca_acme_final *f)
{
	struct ca_acme *a = f->acme;
	struct ca_acme_job *job = f->job;
	struct acme_outcome *out;

	if (job == NULL)
		return;
	f->job = NULL;
	out = &job->out;
	out->effect = ACME_EFFECT_NONE;
	acme_turn_order(
	    job->turn, f->order.id, base_clock_now_ms(a->o.clock), out);
	ca_acme_reply(job);
}

static void
reply_problem(struct ca_acme_final *f, const struct acme_problem *p)
{
	struct ca_acme_job *job = f->job;

	f->job = NULL;
	if (job != NULL)
		ca_acme_fail(job, p);
}

static void
ordered(const struct ca_acme *a, const char *status)
{
	if (a->o.ordered != NULL)
		a->o.ordered(a->o.ctx, status);
}

/* ---- refusals ----------------------------------------------------------- */

static const struct {
	const char *code;
	enum acme_problem_type type;
} problems[] = {
	{ "bad_csr", ACME_PROBLEM_BAD_CSR },
	{ "bad_key", ACME_PROBLEM_BAD_CSR },
	{ "lint_failed", ACME_PROBLEM_BAD_CSR },
	{ "rejected_name", ACME_PROBLEM_REJECTED_IDENTIFIER },
	{ "forbidden", ACME_PROBLEM_UNAUTHORIZED },
	{ "rate_limited", ACME_PROBLEM_RATE_LIMITED },
};

/* identity.md section 7: the code stands in the detail. */
static void
translate(const struct ca_issue_result *r, struct acme_problem *p)
{
	enum acme_problem_type type = ACME_PROBLEM_SERVER_INTERNAL;
	size_t i;

	for (i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (strcmp(problems[i].code, r->code) == 0)
			type = problems[i].type;
	(void)acme_problem_set(p, type, "%s: %s", r->code, r->detail);
	if (type == ACME_PROBLEM_SERVER_INTERNAL)
		p->status = r->status;
	p->retry_after_s = (int)r->retry_after_s;
}

static void
on_refused(void *ctx, int rc)
{
	struct ca_acme_final *f = ctx;

	f->waits = false;
	if (f->acme == NULL) {
		drop(f);
		return;
	}
	(void)rc; /* if not kept, the order stays ready: asking again is safe */
	(void)base_map_take(f->acme->issuing, f->order.id, strlen(f->order.id));
	ordered(f->acme, "invalid");
	reply_problem(f, &f->problem);
	drop(f);
}

/* The order can never be issued as it is: it becomes invalid. */
static void
refuse(struct ca_acme_final *f)
{
	struct ca_acme *a = f->acme;
	struct acme_outcome out;
	struct acme_order now;
	char *text = acme_problem_encode(&f->problem);
	const char *error = NULL;
	int rc = ERR_SYS_NOMEM;

	if (text != NULL)
		error = base_arena_dup(f->arena, text, strlen(text));
	free(text);
	/* Read it without our own mark on it: it is ready there. */
	(void)base_map_take(a->issuing, f->order.id, strlen(f->order.id));
	if (error != NULL)
		rc = a->store.ops->order(a, f->order.id, f->arena, &now);
	if (rc == 0)
		rc = acme_order_end_refused(&now, error, f->arena, &out);
	f->waits = true;
	if (rc == 0)
		rc = ca_acme_commit(a, &out, on_refused, f);
	if (rc == 0 &&
	    base_map_put(a->issuing, f->order.id, strlen(f->order.id), f) == 0)
		return;
	if (rc != 0)
		on_refused(f, rc);
}

/* ---- the pipeline ------------------------------------------------------- */

static void
on_issued(void *ctx, const struct ca_issue_result *r)
{
	struct ca_acme_final *f = ctx;
	struct ca_acme *a = f->acme;
	struct acme_outcome charge;

	f->waits = false;
	if (a == NULL) {
		drop(f);
		return;
	}
	if (r->code != NULL && r->serial[0] == '\0') {
		translate(r, &f->problem);
		if (r->status == 422) {
			refuse(f);
			return;
		}
		/* Nothing was stored: the order stays ready. */
		(void)base_map_take(
		    a->issuing, f->order.id, strlen(f->order.id));
		reply_problem(f, &f->problem);
		drop(f);
		return;
	}
	(void)base_map_take(a->issuing, f->order.id, strlen(f->order.id));
	if (r->code == NULL) {
		ordered(a, "valid");
		if (acme_order_end_issued(&f->order, f->arena, &charge) == 0)
			ca_acme_limit_charge(a, &charge);
	}
	/* After C1 the roll-forward makes it valid or invalid. */
	reply_order(f);
	drop(f);
}

static void
submit(struct ca_acme_final *f)
{
	char owner[64];
	const struct ca_issue_request req = { .via = CA_ISSUE_ACME,
		.owner = owner,
		.profile = f->order.profile,
		.csr = { f->order.csr, f->order.csr_len },
		.names = &f->sans,
		.order_id = f->order.id,
		.renewal = f->order.replaces != NULL };

	(void)snprintf(owner, sizeof(owner), "acct:%s", f->order.account);
	f->waits = true;
	if (ca_issue_submit(f->acme->o.issue, &req, on_issued, f) == 0)
		return;
	f->waits = false;
	(void)acme_problem_set(&f->problem, ACME_PROBLEM_SERVER_INTERNAL,
	    "internal: out of memory");
	f->problem.status = 503;
	f->problem.retry_after_s = 5;
	reply_problem(f, &f->problem);
	drop(f);
}

/* ---- CAA ---------------------------------------------------------------- */

static void
on_caa(void *ctx, int rc, const char *why)
{
	struct ca_acme_final *f = ctx;
	struct acme_subproblem *sub;

	f->caa = NULL;
	if (rc != 0) {
		sub = &f->caa_refused[f->n_caa_refused++];
		sub->type = ACME_PROBLEM_CAA;
		sub->ident_type = "dns";
		sub->ident_value = f->caa_due[f->caa_at].name;
		(void)snprintf(sub->detail, sizeof(sub->detail), "%s", why);
	}
	f->caa_at++;
	check_caa(f);
}

/* All names that CAA forbids, not the first alone (RFC 8555 6.7.1). */
static void
refuse_caa(struct ca_acme_final *f)
{
	const struct acme_subproblem *first = &f->caa_refused[0];

	if (f->n_caa_refused == 1)
		(void)acme_problem_set(&f->problem, ACME_PROBLEM_CAA, "%s: %s",
		    first->ident_value, first->detail);
	else
		(void)acme_problem_set(&f->problem, ACME_PROBLEM_COMPOUND,
		    "CAA records forbid several identifiers");
	f->problem.sub = f->caa_refused;
	f->problem.n_sub = f->n_caa_refused;
	refuse(f);
}

static void
check_caa(struct ca_acme_final *f)
{
	struct ca_acme *a = f->acme;
	char uri[512];
	struct ca_caa_ask ask = { .dns = a->dns,
		.identities = a->o.config->issue.caa_identities.v,
		.n_identities = a->o.config->issue.caa_identities.n,
		.account_uri = uri,
		.timeout_ms = (unsigned)a->conf->validation_timeout_ms,
		.done = on_caa,
		.ctx = f };

	if (f->caa_at == f->n_caa_due) {
		if (f->n_caa_refused > 0)
			refuse_caa(f);
		else
			submit(f);
		return;
	}
	(void)snprintf(uri, sizeof(uri), "%s/acme/acct/%s",
	    a->o.config->server.base_url, f->order.account);
	ask.name = f->caa_due[f->caa_at].name;
	ask.wildcard = f->caa_due[f->caa_at].wildcard;
	ask.method = f->caa_due[f->caa_at].method;
	if (ca_caa_start(&ask, &f->caa) != 0)
		on_caa(
		    f, ERR_STATE_REFUSED, "CAA records could not be looked up");
}

/* ---- beginning ---------------------------------------------------------- */

/* By which method the authorization became valid (RFC 8657 section 4). */
static int
find_method(
    struct ca_acme_final *f, const struct acme_authz *z, const char **ret)
{
	struct ca_acme *a = f->acme;
	struct acme_challenge *c;
	size_t i, n;
	int rc = a->store.ops->challenges(a, z->id, f->arena, &c, &n);

	*ret = NULL;
	for (i = 0; rc == 0 && i < n; i++)
		if (c[i].status == ACME_VALID)
			*ret = c[i].type;
	return rc;
}

static int
add_due(struct ca_acme_final *f, const struct acme_authz *z)
{
	struct due *due = &f->caa_due[f->n_caa_due++];

	due->wildcard = z->wildcard != 0;
	due->name = base_arena_dup(f->arena, z->value, strlen(z->value));
	return due->name == NULL ? ERR_SYS_NOMEM
				 : find_method(f, z, &due->method);
}

/* Section 7: CAA is rechecked when older than caa_max_age_s. */
static int
find_due(struct ca_acme_final *f, const struct acme_outcome *out)
{
	struct ca_acme *a = f->acme;
	int64_t since =
	    base_clock_now_ms(a->o.clock) - a->conf->caa_max_age_s * 1000;
	const struct acme_authz *z;
	size_t i;
	int rc = 0;

	f->caa_due = base_arena_alloc(
	    f->arena, (out->n_authzs + 1) * sizeof(*f->caa_due));
	f->caa_refused = base_arena_alloc(
	    f->arena, (out->n_authzs + 1) * sizeof(*f->caa_refused));
	if (f->caa_due == NULL || f->caa_refused == NULL)
		return ERR_SYS_NOMEM;
	if (a->o.config->issue.caa == CA_CONFIG_CAA_OFF)
		return 0;
	for (i = 0; i < out->n_authzs && rc == 0; i++) {
		z = &out->authz[i];
		if (strcmp(z->type, "dns") == 0 && z->caa_checked <= since)
			rc = add_due(f, z);
	}
	return rc;
}

static const char *
keep(struct ca_acme_final *f, const char *s)
{
	return s == NULL ? NULL : base_arena_dup(f->arena, s, strlen(s));
}

static int
copy_order(struct ca_acme_final *f, const struct acme_order *o)
{
	struct acme_ident *ident;
	size_t n;
	int rc;

	f->order = *o;
	f->order.id = keep(f, o->id);
	f->order.account = keep(f, o->account);
	f->order.identifiers = keep(f, o->identifiers);
	f->order.profile = keep(f, o->profile);
	f->order.replaces = keep(f, o->replaces);
	f->order.csr = base_arena_dup(f->arena, o->csr, o->csr_len);
	if (f->order.id == NULL || f->order.account == NULL ||
	    f->order.identifiers == NULL || f->order.csr == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_ident_list_decode(f->order.identifiers, f->arena, &ident, &n);
	return rc != 0 ? rc : acme_ident_list_sans(ident, n, &f->sans);
}

static void
on_timer(void *ctx)
{
	reply_order(ctx); /* it shows as processing; work goes on */
}

static int
begin(struct ca_acme_final *f, const struct acme_outcome *out)
{
	struct ca_acme *a = f->acme;
	int rc;

	f->arena = base_arena_new(FINAL_ARENA_MAX);
	if (f->arena == NULL)
		return ERR_SYS_NOMEM;
	rc = copy_order(f, out->order);
	if (rc == 0)
		rc = find_due(f, out);
	if (rc == 0)
		rc = loop_timer_new(a->o.loop, on_timer, f, &f->timer);
	if (rc == 0)
		rc = base_map_put(
		    a->issuing, f->order.id, strlen(f->order.id), f);
	return rc;
}

void
ca_acme_finalize(struct ca_acme_job *job)
{
	struct ca_acme *a = job->acme;
	struct ca_acme_final *f = calloc(1, sizeof(*f));
	struct acme_problem p;
	int rc = ERR_SYS_NOMEM;

	if (f != NULL) {
		base_list_init(&f->node);
		f->acme = a;
		f->job = job;
		rc = begin(f, &job->out);
	}
	if (rc == 0) {
		base_list_push_back(&a->finalizing, &f->node);
		loop_timer_start(f->timer, REPLY_WAIT_MS, 0);
		check_caa(f);
		return;
	}
	if (f != NULL) {
		f->order.id = NULL; /* it is not ours in the map */
		drop(f);
	}
	(void)acme_problem_set(
	    &p, ACME_PROBLEM_SERVER_INTERNAL, "%s", base_err_text(rc));
	p.status = 503;
	p.retry_after_s = 5;
	ca_acme_fail(job, &p);
}

void
ca_acme_finalize_stop(struct ca_acme *a)
{
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &a->finalizing) {
		struct ca_acme_final *f =
		    LIST_ENTRY(it, struct ca_acme_final, node);

		f->job = NULL; /* ca_acme_free answers it */
		if (!f->waits) {
			drop(f);
			continue;
		}
		/* Its callback, if it still comes, finds nobody. */
		base_list_remove(&f->node);
		loop_timer_free(f->timer);
		f->timer = NULL;
		f->acme = NULL;
	}
}

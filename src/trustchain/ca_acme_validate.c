/* SPDX-License-Identifier: Apache-2.0 */
/* Validations: attempts at 0, 2 and 6 s, CAA, the verdict (section 7). */
#include "trustchain/ca_acme_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/account.h"
#include "acme/challenge.h"
#include "acme/verdict.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "trustchain/ca_acme_attempt.h"
#include "trustchain/ca_caa.h"
#include "trustchain/ca_repeats.h"

enum {
	QUEUE_MAX = 4096,
	PER_ACCOUNT_MAX = 8,
	ID_LEN = 22,
	TOKEN_LEN = 43,
	COMMIT_RETRY_MS = 1000
};

static const unsigned attempt_wait_ms[] = { 0, 2000, 4000, 4000, 4000 };

struct ca_acme_validation {
	struct list node;
	struct ca_acme *acme;
	bool running;
	unsigned attempts;
	char challenge[ID_LEN + 1], account[ID_LEN + 1], token[TOKEN_LEN + 1];
	char type[16]; /* of the challenge */
	char ident_type[8], name[254];
	bool wildcard;
	char keyauth[ACME_CHALLENGE_KEYAUTH_LEN + 1];
	struct loop_timer *timer;
	struct ca_acme_attempt *attempt;
	struct ca_caa *caa;
	bool caa_checked;
	bool committing;
	bool orphan; /* the server went while a commit was under way */
	/* The end. */
	bool ended, failed;
	struct acme_problem problem;
	struct arena *arena;
	struct acme_outcome out;
};

static void run_queue(struct ca_acme *a);
static void conclude(struct ca_acme_validation *v);

static void
drop(struct ca_acme_validation *v)
{
	struct ca_acme *a = v->acme;

	base_list_remove(&v->node);
	if (base_map_get(a->validating, v->challenge, ID_LEN) == v)
		(void)base_map_take(a->validating, v->challenge, ID_LEN);
	a->n_validations--;
	a->n_running -= v->running;
	loop_timer_free(v->timer);
	ca_acme_attempt_cancel(v->attempt);
	ca_caa_cancel(v->caa);
	base_arena_free(v->arena);
	free(v);
}

static void
tell(struct ca_acme_validation *v)
{
	struct ca_acme *a = v->acme;
	const char *result =
	    v->failed ? acme_problem_urn(v->problem.type) : "valid";

	if (v->failed)
		ca_repeats_count(a->failures, v->account);
	if (a->o.validated != NULL)
		a->o.validated(a->o.ctx, v->type, result);
	OPS_LOG(a->o.log, OPS_LOG_INFO, "acme", "validation ended",
	    OPS_LOG_STR("account", v->account), OPS_LOG_STR("type", v->type),
	    OPS_LOG_STR("result", result),
	    OPS_LOG_INT("attempts", v->attempts));
}

static void
on_commit(void *ctx, int rc)
{
	struct ca_acme_validation *v = ctx;
	struct ca_acme *a = v->acme;

	if (v->orphan) {
		base_arena_free(v->arena);
		free(v);
		return;
	}
	v->committing = false;
	if (rc == ERR_STATE_CONFLICT) {
		conclude(v);
		return;
	}
	if (rc == 0) {
		acme_server_charge(
		    a->core, &v->out, base_clock_now_ms(a->o.clock));
		tell(v);
	}
	/* Else the challenge stays processing, and is begun again when it is
	 * next looked at. */
	drop(v);
	run_queue(a);
}

static void
on_conclude(void *ctx)
{
	conclude(ctx);
}

/* Write down how it ended. */
static void
conclude(struct ca_acme_validation *v)
{
	struct ca_acme *a = v->acme;
	struct acme_verdict verdict = { .challenge = v->challenge,
		.caa_checked = v->caa_checked,
		.now_ms = base_clock_now_ms(a->o.clock),
		.authz_ttl_ms = a->conf->authz_ttl_s * 1000 };
	char *error = NULL;
	int rc = ERR_SYS_NOMEM;

	v->ended = true;
	base_arena_free(v->arena);
	v->arena = base_arena_new(CA_ACME_ARENA_MAX);
	if (v->arena != NULL) {
		rc = 0;
		if (v->failed) {
			error = acme_problem_encode(&v->problem);
			if (error != NULL)
				verdict.error = base_arena_dup(
				    v->arena, error, strlen(error));
			if (verdict.error == NULL)
				rc = ERR_SYS_NOMEM;
			free(error);
		}
	}
	if (rc == 0)
		rc = acme_verdict_apply(&verdict, &a->store, v->arena, &v->out);
	if (rc == 0)
		rc = ca_acme_commit(a, &v->out, on_commit, v);
	if (rc == 0) {
		v->committing = true;
		return;
	}
	if (rc == ERR_SYS_NOMEM) {
		loop_timer_free(v->timer);
		v->timer = NULL;
		if (loop_timer_new(a->o.loop, on_conclude, v, &v->timer) == 0) {
			loop_timer_start(v->timer, COMMIT_RETRY_MS, 0);
			return;
		}
	}
	/* NOT_FOUND or STALE: nobody waits for it any more. */
	drop(v);
	run_queue(a);
}

static void start_attempt(void *ctx);

static void
attempt_failed(struct ca_acme_validation *v, const struct acme_problem *p)
{
	v->problem = *p;
	if (v->attempts < (unsigned)v->acme->conf->validation_attempts) {
		loop_timer_start(v->timer, attempt_wait_ms[v->attempts], 0);
		return;
	}
	v->failed = true;
	conclude(v);
}

static void
on_caa(void *ctx, int rc, const char *why)
{
	struct ca_acme_validation *v = ctx;
	struct acme_problem p;

	v->caa = NULL;
	if (rc != 0) {
		(void)acme_problem_set(
		    &p, ACME_PROBLEM_CAA, "%s: %s", v->name, why);
		attempt_failed(v, &p);
		return;
	}
	v->caa_checked = true;
	v->failed = false;
	conclude(v);
}

static void
check_caa(struct ca_acme_validation *v)
{
	struct ca_acme *a = v->acme;
	char uri[512];
	const struct ca_caa_ask ask = { .dns = a->dns,
		.name = v->name,
		.wildcard = v->wildcard,
		.identities = a->o.config->issue.caa_identities.v,
		.n_identities = a->o.config->issue.caa_identities.n,
		.account_uri = uri,
		.method = v->type,
		.timeout_ms = (unsigned)a->conf->validation_timeout_ms,
		.done = on_caa,
		.ctx = v };

	/* RFC 8659 speaks of domain names. */
	if (a->o.config->issue.caa == CA_CONFIG_CAA_OFF ||
	    strcmp(v->ident_type, "dns") != 0) {
		v->failed = false;
		conclude(v);
		return;
	}
	(void)snprintf(uri, sizeof(uri), "%s/acme/acct/%s",
	    a->o.config->server.base_url, v->account);
	if (ca_caa_start(&ask, &v->caa) != 0)
		on_caa(
		    v, ERR_STATE_REFUSED, "CAA records could not be looked up");
}

static void
on_attempt(void *ctx, const struct acme_problem *problem)
{
	struct ca_acme_validation *v = ctx;

	v->attempt = NULL;
	if (problem != NULL)
		attempt_failed(v, problem);
	else
		check_caa(v);
}

static void
start_attempt(void *ctx)
{
	struct ca_acme_validation *v = ctx;
	const struct ca_acme_attempt_ask ask = { .acme = v->acme,
		.type = v->type,
		.ident = { v->ident_type, v->name },
		.token = v->token,
		.keyauth = v->keyauth,
		.done = on_attempt,
		.ctx = v };
	struct acme_problem p;
	int rc;

	v->attempts++;
	rc = ca_acme_attempt_start(&ask, &v->attempt);
	if (rc == 0)
		return;
	(void)acme_problem_set(&p,
	    rc == ERR_SYS_LIMIT ? ACME_PROBLEM_DNS
				: ACME_PROBLEM_SERVER_INTERNAL,
	    rc == ERR_SYS_LIMIT ? "the name is too long for this method"
				: "the attempt cannot be made");
	attempt_failed(v, &p);
}

/* ---- the queue ---------------------------------------------------------- */

static unsigned
running_of(const struct ca_acme *a, const char *account)
{
	struct list *it, *tmp;
	unsigned n = 0;

	LIST_FOREACH (it, tmp, &a->validations) {
		const struct ca_acme_validation *v =
		    LIST_ENTRY(it, struct ca_acme_validation, node);

		n += v->running && strcmp(v->account, account) == 0;
	}
	return n;
}

/* Start what may run, in order of arrival. */
static void
run_queue(struct ca_acme *a)
{
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &a->validations) {
		struct ca_acme_validation *v =
		    LIST_ENTRY(it, struct ca_acme_validation, node);

		if (a->n_running >= (unsigned)a->conf->validation_workers)
			return;
		if (v->running || running_of(a, v->account) >= PER_ACCOUNT_MAX)
			continue;
		v->running = true;
		a->n_running++;
		loop_timer_start(v->timer, 0, 0);
	}
}

static int
describe(struct ca_acme_validation *v, const struct acme_outcome *out)
{
	const struct acme_authz *z = out->authz;
	struct acme_account account;
	struct arena *arena = base_arena_new(65536);
	int rc;

	if (arena == NULL)
		return ERR_SYS_NOMEM;
	rc = v->acme->store.ops->account(v->acme, z->account, arena, &account);
	if (rc == 0)
		rc = acme_challenge_keyauth(
		    out->challenge->token, account.thumbprint, v->keyauth);
	base_arena_free(arena);
	if (rc == 0)
		rc = base_str_copy(
		    v->challenge, sizeof(v->challenge), out->challenge->id);
	if (rc == 0)
		rc = base_str_copy(v->account, sizeof(v->account), z->account);
	if (rc == 0)
		rc = base_str_copy(
		    v->token, sizeof(v->token), out->challenge->token);
	if (rc == 0)
		rc = base_str_copy(
		    v->type, sizeof(v->type), out->challenge->type);
	if (rc == 0)
		rc = base_str_copy(
		    v->ident_type, sizeof(v->ident_type), z->type);
	if (rc == 0)
		rc = base_str_copy(v->name, sizeof(v->name), z->value);
	v->wildcard = z->wildcard != 0;
	return rc;
}

void
ca_acme_validate(struct ca_acme *a, const struct acme_outcome *out)
{
	struct ca_acme_validation *v;
	int rc;

	/* When the queue is full the challenge stays processing: looking at
	 * it again asks again. */
	if (a->n_validations >= QUEUE_MAX ||
	    base_map_get(a->validating, out->challenge->id,
		strlen(out->challenge->id)) != NULL)
		return;
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return;
	v->acme = a;
	rc = describe(v, out);
	if (rc == 0)
		rc = loop_timer_new(a->o.loop, start_attempt, v, &v->timer);
	if (rc == 0)
		rc = base_map_put(a->validating, v->challenge, ID_LEN, v);
	if (rc != 0) {
		loop_timer_free(v->timer);
		free(v);
		return;
	}
	base_list_init(&v->node);
	base_list_push_back(&a->validations, &v->node);
	a->n_validations++;
	run_queue(a);
}

void
ca_acme_validate_stop(struct ca_acme *a)
{
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &a->validations) {
		struct ca_acme_validation *v =
		    LIST_ENTRY(it, struct ca_acme_validation, node);

		if (!v->committing) {
			drop(v);
			continue;
		}
		/* Its commit cannot be called off: on_commit frees it. */
		base_list_remove(&v->node);
		loop_timer_free(v->timer);
		v->orphan = true;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_acme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/ident_list.h"
#include "acme/request.h"
#include "acme/turn.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/rng.h"
#include "base/str.h"
#include "http/client.h"
#include "http/request.h"
#include "loop/timer.h"
#include "net/dns.h"
#include "pki/san.h"
#include "trustchain/ca_acme_internal.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_mtls.h"
#include "trustchain/ca_problem.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_repeats.h"

enum { PATH_MAX_OCTETS = 1024 };

/* ---- requests ---------------------------------------------------------- */

static void
job_free(struct ca_acme_job *job)
{
	base_list_remove(&job->node);
	if (job->turn != NULL)
		acme_turn_end(job->turn);
	base_arena_free(job->arena);
	free(job);
}

/* RFC 8555 section 6.5: every POST is answered with a fresh nonce. */
static size_t
reply_headers(struct ca_acme_job *job, char nonce[33],
    struct http_header h[ACME_HEADERS_MAX + 2])
{
	size_t i, n = 0;

	for (i = 0; i < job->out.n_headers; i++) {
		h[n].name = job->out.header[i].name;
		h[n++].value = job->out.header[i].value;
	}
	if ((http_request_method(job->http) == HTTP_METHOD_POST ||
		strcmp(http_request_path(job->http), "/acme/new-nonce") == 0) &&
	    acme_server_nonce(job->acme->core, nonce) == 0) {
		h[n].name = "replay-nonce";
		h[n++].value = nonce;
	}
	return n;
}

void
ca_acme_reply(struct ca_acme_job *job)
{
	struct http_header h[ACME_HEADERS_MAX + 2];
	char nonce[33];
	struct http_reply reply = { .status = job->out.status,
		.content_type = job->out.content_type,
		.headers = h,
		.body = job->out.body,
		.body_len = job->out.body_len };

	reply.headers_count = reply_headers(job, nonce, h);
	http_request_reply(job->http, &reply);
	job->http = NULL;
	if (!job->committing) {
		job_free(job);
		return;
	}
	/* Its commit cannot be called off: on_commit frees it. */
	base_list_remove(&job->node);
}

void
ca_acme_fail(struct ca_acme_job *job, const struct acme_problem *problem)
{
	acme_turn_fail(job->turn, problem, &job->out);
	ca_acme_reply(job);
}

static void
fail_store(struct ca_acme_job *job, int rc)
{
	struct acme_problem p;

	(void)acme_problem_set(&p, ACME_PROBLEM_SERVER_INTERNAL,
	    "storage_unavailable: %s", base_err_text(rc));
	p.status = 503;
	p.retry_after_s = 5;
	ca_acme_fail(job, &p);
}

static void
settled(struct ca_acme_job *job)
{
	struct ca_acme *a = job->acme;

	acme_server_charge(a->core, &job->out, base_clock_now_ms(a->o.clock));
	switch (job->out.effect) {
	case ACME_EFFECT_ISSUE:
		ca_acme_finalize(job);
		return;
	case ACME_EFFECT_REVOKE:
		ca_acme_revoke(job);
		return;
	case ACME_EFFECT_VALIDATE:
		ca_acme_validate(a, &job->out);
		break;
	case ACME_EFFECT_NONE:
		break;
	}
	ca_acme_reply(job);
}

static void decide(struct ca_acme_job *job);

/* Ruling R12: while nothing is issued, no order begins either. */
static bool
refuse_halted(struct ca_acme_job *job)
{
	struct acme_problem p;

	if (strcmp(http_request_path(job->http), "/acme/new-order") != 0 ||
	    job->out.n_changes == 0 || !ca_issue_halted(job->acme->o.issue))
		return false;
	(void)acme_problem_set(&p, ACME_PROBLEM_SERVER_INTERNAL,
	    "issuance_halted: issuance is halted");
	p.status = 503;
	p.retry_after_s = (int)ca_problem_retry_s(CA_PROBLEM_ISSUANCE_HALTED);
	ca_acme_fail(job, &p);
	return true;
}

static void
on_commit(void *ctx, int rc)
{
	struct ca_acme_job *job = ctx;

	job->committing = false;
	if (job->http == NULL)
		job_free(job); /* answered when the server stopped */
	else if (rc == 0)
		settled(job);
	else if ((rc == ERR_STATE_CONFLICT || rc == ERR_STATE_EXISTS) &&
		 ++job->tries < CA_ACME_TRIES_MAX)
		decide(job);
	else
		fail_store(job, rc);
}

static void
decide(struct ca_acme_job *job)
{
	struct ca_acme *a = job->acme;
	int rc;

	acme_turn_decide(job->turn, base_clock_now_ms(a->o.clock), &job->out);
	if (refuse_halted(job))
		return;
	if (job->out.n_changes == 0) {
		settled(job);
		return;
	}
	rc = ca_acme_commit(a, &job->out, on_commit, job);
	if (rc == 0)
		job->committing = true;
	else
		fail_store(job, rc);
}

/* The request as the core takes it, in the job's arena. */
static int
describe(struct ca_acme_job *job, struct acme_request *ret)
{
	const char *cursor = http_request_param(job->http, "cursor");
	struct net_prefix prefix;
	char path[PATH_MAX_OCTETS], peer[NET_ADDR_TEXT_MAX];

	if (base_str_format(path, sizeof(path), "%s%s%s",
		http_request_path(job->http), cursor == NULL ? "" : "?cursor=",
		cursor == NULL ? "" : cursor) != 0)
		return ERR_PEER_TOO_LARGE;
	net_prefix_of_peer(http_request_peer(job->http), &prefix);
	net_prefix_format(&prefix, peer, sizeof(peer));
	ret->method = http_method_name(http_request_method(job->http));
	ret->path = base_arena_dup(job->arena, path, strlen(path));
	ret->peer = base_arena_dup(job->arena, peer, strlen(peer));
	ret->content_type = http_request_header(job->http, "content-type");
	ret->body = (const char *)http_request_body(job->http, &ret->body_len);
	return ret->path == NULL || ret->peer == NULL ? ERR_SYS_NOMEM : 0;
}

void
ca_acme_handle(struct ca_acme *a, struct http_request *r)
{
	struct ca_acme_job *job = calloc(1, sizeof(*job));
	struct acme_request *req = NULL;
	int rc = ERR_SYS_NOMEM;

	if (job != NULL) {
		base_list_init(&job->node);
		job->acme = a;
		job->http = r;
		job->arena = base_arena_new(CA_ACME_ARENA_MAX);
	}
	if (job != NULL && job->arena != NULL)
		req = base_arena_alloc(job->arena, sizeof(*req));
	if (req != NULL)
		rc = describe(job, req);
	if (rc == 0)
		rc = acme_turn_begin(
		    a->core, req, &a->store, job->arena, &job->turn);
	if (rc != 0) {
		if (job != NULL)
			job_free(job);
		http_request_reply_text(r, rc == ERR_PEER_TOO_LARGE ? 414 : 503,
		    "text/plain", "not served\n");
		return;
	}
	base_list_push_back(&a->jobs, &job->node);
	decide(job);
}

/* ---- policy ------------------------------------------------------------- */

static int
name_allowed(const struct acme_ident *ident,
    const struct pki_name_policy *policy, const char **ret_why)
{
	struct pki_san_list list;
	int rc;

	if (strcmp(ident->type, "dns") == 0)
		return pki_name_check_dns(ident->value, policy, ret_why);
	rc = acme_ident_list_sans(ident, 1, &list);
	return rc != 0 ? rc : pki_name_check(&list.item[0], policy, ret_why);
}

static bool
is_reserved(const struct ca_acme *a, const struct acme_ident *ident)
{
	struct pki_san_list list = { 0 };

	return acme_ident_list_sans(ident, 1, &list) == 0 &&
	       ca_mtls_reserved(a->o.config, &list.item[0]);
}

/* What the core asks before it takes an identifier into an order. */
static int
ident_allowed(void *ctx, const struct acme_ident *ident, const char *profile,
    const char **ret_why)
{
	struct ca_acme *a = ctx;
	const struct pki_profile *p =
	    ca_authority_profile(a->o.authority, profile);
	struct pki_name_policy policy;
	struct arena *arena;
	const char *base = ident->value;
	struct ca_block block;
	int rc;

	if (p == NULL) {
		*ret_why = "the profile is not known";
		return ERR_PEER_NAME;
	}
	ca_authority_names(a->o.authority, p, &policy);
	rc = name_allowed(ident, &policy, ret_why);
	if (rc == 0 && is_reserved(a, ident)) {
		*ret_why = "the name is reserved";
		rc = ERR_PEER_NAME;
	}
	if (rc != 0)
		return rc;
	arena = base_arena_new(65536);
	if (arena == NULL)
		return ERR_SYS_NOMEM;
	base += base_str_starts(base, "*.") ? 2 : 0;
	rc =
	    a->o.store->ops->get_block(a->o.store, "name", base, arena, &block);
	base_arena_free(arena);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	*ret_why = "the name is blocked";
	return ERR_PEER_NAME;
}

/* ---- life --------------------------------------------------------------- */

static int
make_core(struct ca_acme *a)
{
	const struct ca_config_acme *c = a->conf;
	const struct ca_authority *auth = a->o.authority;
	struct acme_server_config conf = { .base_url =
					       a->o.config->server.base_url,
		.terms_url = c->terms_url == NULL ? "" : c->terms_url,
		.website = c->website == NULL ? "" : c->website,
		.caa_identities = a->o.config->issue.caa_identities.v,
		.n_caa_identities = a->o.config->issue.caa_identities.n,
		.max_identifiers = (size_t)c->max_identifiers,
		.order_ttl_ms = c->order_ttl_s * 1000,
		.limit = { [ACME_LIMIT_ACCOUNTS] =
			       (uint32_t)c->limit_accounts_3h,
		    [ACME_LIMIT_ORDERS] = (uint32_t)c->limit_orders_h,
		    [ACME_LIMIT_FAILED] = (uint32_t)c->limit_failed_h,
		    [ACME_LIMIT_DUPLICATES] =
			(uint32_t)c->limit_duplicate_day },
		.limit_pending_authz = (uint32_t)c->limit_pending_authz,
		.renewal = { c->ari_start_s * 1000, c->ari_end_s * 1000,
		    (int)c->ari_retry_s },
		.require_eab = c->require_eab,
		.ident_allowed = ident_allowed,
		.ident_ctx = a };
	size_t i;

	a->profiles = calloc(auth->n_profiles + 1, sizeof(*a->profiles));
	if (a->profiles == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < auth->n_profiles; i++) {
		const struct pki_profile *p = &auth->profile[i];

		if (!p->acme)
			continue;
		a->profiles[conf.n_profiles].name = p->name;
		a->profiles[conf.n_profiles++].description = p->description;
		/* The first is the default. */
		if (strcmp(p->name, "server") == 0) {
			struct acme_server_profile first = a->profiles[0];

			a->profiles[0] = a->profiles[conf.n_profiles - 1];
			a->profiles[conf.n_profiles - 1] = first;
		}
	}
	if (conf.n_profiles == 0)
		return ERR_STATE_CONFIG;
	conf.profiles = a->profiles;
	return acme_server_new(&conf, a->o.rng, &a->core);
}

static int
make_tally(struct ca_acme *a)
{
	const struct ca_repeats_opts o = { a->o.loop, a->o.store, a->o.clock,
		"acme.validation.failed", "account" };

	return ca_repeats_new(&o, &a->failures);
}

static int
make_dns(struct ca_acme *a, struct fault *f)
{
	const struct ca_config_acme *c = a->conf;
	const struct net_dns_opts o = { .loop = a->o.loop,
		.forward = c->dns_forward.v,
		.n_forward = c->dns_forward.n,
		.trust_anchor = c->dns_trust_anchor,
		.insecure = c->dns_insecure.v,
		.n_insecure = c->dns_insecure.n };

	return net_dns_new(&o, f, &a->dns);
}

static int
make_maps(struct ca_acme *a)
{
	uint8_t key[16];
	int rc = base_rng_fill(a->o.rng, key, sizeof(key));

	if (rc != 0)
		return rc;
	a->issuing = base_map_new(CA_ACME_ISSUING_MAX, key);
	a->validating = base_map_new(CA_ACME_ISSUING_MAX, key);
	return a->issuing == NULL || a->validating == NULL ? ERR_SYS_NOMEM : 0;
}

int
ca_acme_new(
    const struct ca_acme_opts *opts, struct ca_acme **ret, struct fault *f)
{
	const struct http_client_opts http = {
		.connections_max =
		    (unsigned)opts->config->acme.validation_workers,
		.user_agent = "trustchain-ca (ACME validation)",
	};
	struct ca_acme *a = calloc(1, sizeof(*a));
	int rc;

	if (a == NULL)
		return ERR_SYS_NOMEM;
	a->o = *opts;
	a->conf = &opts->config->acme;
	a->store.ops = &ca_acme_store_ops;
	a->store.certs = &ca_acme_cert_ops;
	a->store.ctx = a;
	base_list_init(&a->jobs);
	base_list_init(&a->finalizing);
	base_list_init(&a->validations);
	base_list_init(&a->reached);
	rc = make_maps(a);
	if (rc == 0)
		rc = ca_acme_address_load(a, f);
	if (rc == 0)
		rc = make_core(a);
	if (rc == 0)
		rc = make_dns(a, f);
	if (rc == 0)
		rc = http_client_new(a->o.loop, &http, &a->http);
	if (rc == 0)
		rc = ca_acme_limit_load(a);
	if (rc == 0)
		rc = make_tally(a);
	if (rc != 0) {
		ca_acme_free(a);
		return rc;
	}
	*ret = a;
	return 0;
}

void
ca_acme_free(struct ca_acme *a)
{
	struct acme_problem p;
	struct list *it, *tmp;

	if (a == NULL)
		return;
	ca_acme_validate_stop(a);
	ca_acme_finalize_stop(a);
	(void)acme_problem_set(
	    &p, ACME_PROBLEM_SERVER_INTERNAL, "the server is stopping");
	p.status = 503;
	p.retry_after_s = 5;
	LIST_FOREACH (it, tmp, &a->jobs)
		ca_acme_fail(LIST_ENTRY(it, struct ca_acme_job, node), &p);
	ca_repeats_free(a->failures);
	http_client_free(a->http);
	net_dns_free(a->dns);
	acme_server_free(a->core);
	base_map_free(a->issuing);
	base_map_free(a->validating);
	free(a->profiles);
	free(a);
}

size_t
ca_acme_validations(const struct ca_acme *a)
{
	return a->n_validations;
}

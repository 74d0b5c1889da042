/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ACME_INTERNAL_H
#define TRUSTCHAIN_CA_ACME_INTERNAL_H

#include <stdbool.h>

#include "acme/authz.h"
#include "acme/order.h"
#include "acme/outcome.h"
#include "acme/problem.h"
#include "acme/server.h"
#include "acme/store.h"
#include "base/list.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "trustchain/ca_acme.h"
#include "trustchain/ca_config.h"

struct acme_eab;
struct ca_acme_order;
struct ca_batch;
struct acme_turn;
struct arena;
struct ca_acme_validation;
struct http_client;
struct loop_timer;
struct map;
struct net_dns;

enum {
	CA_ACME_ARENA_MAX = 4 << 20, /* of one request */
	CA_ACME_TRIES_MAX = 5,	     /* decisions when the store moves on */
	CA_ACME_PREFIXES_MAX = 256,
	CA_ACME_OWN_MAX = 64,
	CA_ACME_ISSUING_MAX = 8192
};

struct ca_acme {
	struct ca_acme_opts o;
	const struct ca_config_acme *conf;
	struct acme_server *core;
	struct acme_store store;
	struct acme_server_profile *profiles;
	struct net_dns *dns;
	struct http_client *http;
	struct list jobs;	 /* requests being answered */
	struct list finalizing;	 /* orders being issued */
	struct map *issuing;	 /* order id -> struct ca_acme_final */
	struct map *validating;	 /* challenge id -> validation */
	struct list validations; /* in order of arrival */
	struct list reached;	 /* struct ca_acme_reach, connected */
	unsigned n_validations, n_running;
	struct net_prefix deny[CA_ACME_PREFIXES_MAX];
	struct net_prefix allow[CA_ACME_PREFIXES_MAX];
	size_t n_deny, n_allow;
	struct net_addr own[CA_ACME_OWN_MAX]; /* our listeners' hosts */
	size_t n_own;
	struct ca_repeats *failures; /* of validations */
};

/* One request. */
struct ca_acme_job {
	struct list node;
	struct ca_acme *acme;
	struct http_request *http;
	struct arena *arena;
	struct acme_turn *turn;
	struct acme_outcome out;
	unsigned tries;
	bool committing;
};

/**
 * ca_acme_store_ops:
 * What the core reads, over struct ca_store; ctx is the struct ca_acme.  An
 * order that is being issued is shown as processing.
 */
extern const struct acme_store_ops ca_acme_store_ops;

/**
 * ca_acme_eab_read(ctx, kid, now_ms, arena, ret):
 * The eab call of ca_acme_store_ops.
 */
MUST_CHECK int ca_acme_eab_read(void *ctx, const char *kid, int64_t now_ms,
    struct arena *arena, struct acme_eab *ret);

/**
 * ca_acme_cert_ops:
 * The same for certificates.
 */
extern const struct acme_store_certs ca_acme_cert_ops;

/**
 * ca_acme_order_of_row(a, row, ret):
 * The core's order of a row; one that is being issued shows as processing.
 */
MUST_CHECK int ca_acme_order_of_row(const struct ca_acme *a,
    const struct ca_acme_order *row, struct acme_order *ret);

/**
 * ca_acme_revoke(job):
 * Revoke as the outcome of ${job} says, then reply.
 */
void ca_acme_revoke(struct ca_acme_job *job);

/**
 * ca_acme_limit_put(b, out, now_ms), ca_acme_limit_charge(a, out),
 * ca_acme_limit_load(a):
 * Add the charges of ${out} to a batch; charge them now and store that; read
 * at start what was charged before.
 */
void ca_acme_limit_put(
    struct ca_batch *b, const struct acme_outcome *out, int64_t now_ms);
void ca_acme_limit_charge(struct ca_acme *a, const struct acme_outcome *out);
MUST_CHECK int ca_acme_limit_load(struct ca_acme *a);

/**
 * ca_acme_commit(a, out, done, ctx):
 * Make the changes of ${out} durable, then call ${done} once, later.  On
 * failure ${done} is not called.  ERR_STATE_CONFLICT and ERR_STATE_EXISTS
 * mean: read and decide again.
 */
MUST_CHECK int ca_acme_commit(struct ca_acme *a, const struct acme_outcome *out,
    void (*done)(void *ctx, int rc), void *ctx);

/**
 * ca_acme_reply(job), ca_acme_fail(job, problem):
 * Send the outcome of ${job}, or a problem, and free it.
 */
void ca_acme_reply(struct ca_acme_job *job);
void ca_acme_fail(struct ca_acme_job *job, const struct acme_problem *problem);

/**
 * ca_acme_validate(a, out):
 * Start the validation that ${out} asks for, unless it runs already.
 */
void ca_acme_validate(struct ca_acme *a, const struct acme_outcome *out);

/**
 * ca_acme_validate_stop(a):
 * Forget all validations.
 */
void ca_acme_validate_stop(struct ca_acme *a);

/**
 * ca_acme_finalize(job):
 * Issue for the order of ${job}: CAA where it is due, the pipeline, the
 * reply.
 */
void ca_acme_finalize(struct ca_acme_job *job);

/**
 * ca_acme_finalize_stop(a):
 * Let go of all requests that wait for the pipeline.
 */
void ca_acme_finalize_stop(struct ca_acme *a);

/**
 * ca_acme_address_load(a, f):
 * Read validation_deny and _allow and our own addresses.  ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_acme_address_load(struct ca_acme *a, struct fault *f);

/**
 * ca_acme_address_allowed(a, addr):
 * Return whether a validation may connect to ${addr}.
 */
bool ca_acme_address_allowed(
    const struct ca_acme *a, const struct net_addr *addr);

#endif

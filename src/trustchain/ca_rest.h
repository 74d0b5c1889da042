/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_REST_H
#define TRUSTCHAIN_CA_REST_H

#include <stdbool.h>

#include "base/err.h"
#include "trustchain/ca_problem.h"

/*
 * The REST API of trustchain-ca (identity.md section 6): issue, certificates,
 * the CA's own certificates, health.  Loop thread only.
 */
struct ca_auth;
struct ca_authority;
struct ca_config;
struct ca_issue;
struct ca_points;
struct ca_mtls;
struct ca_rest;
struct ca_revoke;
struct ca_sweep;
struct ca_store;
struct clock;
struct http_request;
struct loop;
struct loop_pool;
struct net_tls;
struct ops_log;
struct ops_web;
struct rng;
struct trustchain_auditor;

#define CA_REST_LINES_MAX 5000 /* of the log, kept for auditors */

struct ca_rest_opts {
	struct loop *loop;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	struct ca_auth *auth;
	const struct ca_mtls *mtls; /* NULL: tokens only */
	struct ca_issue *issue;
	struct ca_revoke *revoke;
	struct loop_pool *pool; /* where keys are made */
	struct ca_sweep *sweep;
	struct ca_points *points;  /* who sends CRLs */
	struct net_tls *tls;	   /* whose certificate /api/v1/ca/cert shows */
	const struct ops_web *web; /* the health document */
	struct ops_log *log;	   /* whose last lines auditors may read */
	struct trustchain_auditor *auditor; /* NULL: no audit/test */
	const struct clock *clock;
	const struct rng *rng;
};

/**
 * ca_rest_new(opts, ret):
 * What ${opts} names outlives the result.  ERR_SYS_NOMEM, _OS, _RNG.
 */
MUST_CHECK int ca_rest_new(
    const struct ca_rest_opts *opts, struct ca_rest **ret);

/**
 * ca_rest_free(r):
 * After the last request was answered (ca_issue_stop answers those that are
 * being issued); before the auditor.  NULL is legal.
 */
void ca_rest_free(struct ca_rest *r);

/**
 * ca_rest_handle(r, req):
 * Answer ${req} if its path is one of the API's and return true; else leave
 * it alone and return false.
 */
bool ca_rest_handle(struct ca_rest *r, struct http_request *req);

/**
 * ca_rest_status_handle(r, req):
 * The same for the plain HTTP status listener: /health only.
 */
bool ca_rest_status_handle(struct ca_rest *r, struct http_request *req);

/**
 * ca_rest_not_found(r, req):
 * Answer 404 as problem+json: for the end of a listener's handlers.
 */
void ca_rest_not_found(struct ca_rest *r, struct http_request *req);

/**
 * ca_rest_refuse(ctx, req, status, wait_s):
 * An http_refuse_fn; ${ctx} is a struct ca_rest.
 */
void ca_rest_refuse(
    void *ctx, struct http_request *req, int status, unsigned wait_s);

#endif

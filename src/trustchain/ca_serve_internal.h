/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SERVE_INTERNAL_H
#define TRUSTCHAIN_CA_SERVE_INTERNAL_H

#include <stdbool.h>

#include "base/fault.h"
#include "trustchain/ca_backups.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_mtls.h"
#include "trustchain/ca_sealed.h"

struct http_request;

/* What makes up the main process, in the order of making. */
struct ca_serve {
	const struct ops_cli *cli;
	struct ca_config *conf;
	struct trustchain_daemon *d;
	struct ca_authority *authority;
	struct ca_store *store;
	struct ca_log *ctlog;
	struct loop_pool *pool;
	struct ca_issue *issue;
	struct ca_revoke *revoke;
	struct ca_crl *crl;
	struct ca_sweep *sweep;
	struct ca_signer *signer;
	struct ca_ocsp *ocsp;
	struct ca_points *points;
	struct ca_auth *auth;
	struct ca_mtls mtls;
	struct ca_backups backups;
	struct ca_rest *rest;
	struct ca_admin *admin;
	struct ca_acme *acme; /* NULL when it is not enabled */
	struct ca_reload *reload;
	struct ca_cleanup *cleanup;
	struct ca_control *control;
	struct ca_tls *tls;
	struct ca_sealed sealed;
	struct ca_serve_watch *watch;
	/* The count of live certificates, made on the pool. */
	struct {
		bool busy;
		uint64_t at_ms;
		int64_t live;
		int rc;
	} census;
	struct trustchain_auditor *auditor;
	struct ca_drain *drain;
	struct ca_gc *gc;
	int audit_rc; /* how opening the audit log went */
};

/**
 * ca_serve_open_store(s, loop, ret, f), ca_serve_confine(s, f):
 * Open the store; make the files that the sandbox has to find, and enter it.
 */
MUST_CHECK int ca_serve_open_store(struct ca_serve *s, struct loop *loop,
    struct ca_store **ret, struct fault *f);
MUST_CHECK int ca_serve_confine(struct ca_serve *s, struct fault *f);

/**
 * ca_serve_route_keys(s), ca_serve_points(s, status_only, f),
 * ca_serve_points_free(s):
 * Tell the key client what is on tokens; make what certificates point to and
 * its OCSP signers; free all but the signers, after the daemon's front.
 */
void ca_serve_route_keys(struct ca_serve *s);
MUST_CHECK int ca_serve_points(
    struct ca_serve *s, bool status_only, struct fault *f);
void ca_serve_points_free(struct ca_serve *s);

/**
 * ca_serve_crl_folders(s, f):
 * Make the folder of each issuer's CRLs.
 */
MUST_CHECK int ca_serve_crl_folders(const struct ca_serve *s, struct fault *f);

/**
 * ca_serve_renewal(s, req):
 * Answer a request for renewal information and return true; false for what is
 * none, or is of no certificate of ours.
 */
bool ca_serve_renewal(struct ca_serve *s, struct http_request *req);

/**
 * ca_serve_watch(s, f):
 * Set up the self-checks, readiness and computed metrics.
 */
MUST_CHECK int ca_serve_watch(struct ca_serve *s, struct fault *f);

/**
 * ca_serve_unwatch(s):
 * Free what ca_serve_watch made; the key client must be gone.
 */
void ca_serve_unwatch(struct ca_serve *s);

/**
 * ca_serve_issued(ctx, row, via):
 * The hooks of ca_issue_opts and ca_acme_opts, for the metrics.
 */
void ca_serve_issued(
    void *ctx, const struct ca_cert *row, enum ca_issue_via via);

/** ca_serve_failed(ctx, code, via): see ca_issue_opts. */
void ca_serve_failed(void *ctx, const char *code, enum ca_issue_via via);

/** ca_serve_took(ctx, via, part, seconds): see ca_issue_opts. */
void ca_serve_took(
    void *ctx, enum ca_issue_via via, enum ca_issue_part part, double seconds);

/** ca_serve_abandoned(ctx, issuer): see ca_issue_opts. */
void ca_serve_abandoned(void *ctx, const char *issuer);

/**
 * ca_serve_revoke(s, f):
 * Make what revokes and publishes CRLs.
 * ca_serve_revoke_stop(s), ca_serve_revoke_free(s): the two halves of its
 * end, before the listeners are closed and after the store is.
 */
MUST_CHECK int ca_serve_revoke(struct ca_serve *s, struct fault *f);
void ca_serve_revoke_stop(struct ca_serve *s);
void ca_serve_revoke_free(struct ca_serve *s);

/** ca_serve_revoked(ctx, issuer, reason, n): see ca_revoke_opts. */
void ca_serve_revoked(void *ctx, const char *issuer, int64_t reason, size_t n);

/** ca_serve_validated(ctx, type, result): see ca_acme_opts. */
void ca_serve_validated(void *ctx, const char *type, const char *result);

/** ca_serve_ordered(ctx, status): see ca_acme_opts. */
void ca_serve_ordered(void *ctx, const char *status);

#endif

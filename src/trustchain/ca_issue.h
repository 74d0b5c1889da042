/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ISSUE_H
#define TRUSTCHAIN_CA_ISSUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/*
 * The driver of the issue pipeline (identity.md section 5): performs the
 * actions that pki/issue.h asks for, with the key process, the store and the
 * logs, and rolls interrupted certificates forward.  Loop thread only.
 */
struct ca_authority;
struct ca_batch;
struct ca_cert;
struct ca_config;
struct ca_issue;
struct ca_log;
struct ca_principal;
struct ca_store;
struct clock;
struct keys_client;
struct loop;
struct loop_pool;
struct ops_faults;
struct ops_log;
struct pki_san_list;
struct rng;

/* op CERT of the key process (identity.md section 3) */
enum { CA_ISSUE_OP_CERT = 1 };

enum ca_issue_via {
	CA_ISSUE_REST,
	CA_ISSUE_ACME,
	CA_ISSUE_CONTROL, /* the control socket: all names */
	CA_ISSUE_SELF	  /* the daemon's own TLS: also while halted */
};

enum ca_issue_part {
	CA_ISSUE_TOTAL,
	CA_ISSUE_VALIDATE,
	CA_ISSUE_SIGN,
	CA_ISSUE_CT,
	CA_ISSUE_STORE
};

struct ca_issue_opts {
	struct loop *loop;
	struct loop_pool *pool; /* for CPU work; NULL: on the loop */
	const struct clock *clock;
	const struct rng *rng;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	struct keys_client *keys;
	struct ca_log *ctlog;
	struct ops_log *log;
	struct ops_faults *faults;
	unsigned traffic_percentage; /* 0..100 */
	/* For metrics; each may be NULL. */
	void (*issued)(
	    void *ctx, const struct ca_cert *row, enum ca_issue_via via);
	void (*failed)(void *ctx, const char *code, enum ca_issue_via via);
	void (*took)(void *ctx, enum ca_issue_via via, enum ca_issue_part part,
	    double seconds);
	void (*abandoned)(void *ctx, const char *issuer);
	void *ctx;
};

/* All is copied by ca_issue_submit. */
struct ca_issue_request {
	enum ca_issue_via via;
	/* REST: scopes and profiles of the token; others NULL. */
	const struct ca_principal *who;
	const char *owner;    /* "token:ID", "acct:ID", "system" */
	const char *profile;  /* NULL: "server" */
	const char *issuer;   /* NULL: that of the profile, or the default */
	struct pki_bytes csr; /* DER, or PEM */
	/* REST: names besides those of the request; ACME: the order's, which
	 * must equal them.  NULL: none. */
	const struct pki_san_list *names;
	uint32_t validity_s;	     /* 0: the profile's */
	const char *idempotency_key; /* NULL: none */
	uint8_t body_hash[32];	     /* with idempotency_key */
	const char *order_id;	     /* ACME, else NULL */
	bool renewal;		     /* ARI `replaces`: never withheld */
};

/*
 * How it ended.  On failure after C1 the serial says which row the roll-
 * forward will finish.  Valid during the callback.
 */
struct ca_issue_result {
	int rc;		  /* 0, or an error whose class fits the code */
	int status;	  /* HTTP: 201, or that of the code */
	const char *code; /* of section 6, e.g. "lint_failed"; NULL: issued */
	unsigned retry_after_s;	   /* 0: no Retry-After */
	char detail[256];	   /* for the peer */
	char serial[41];	   /* lower hex; "" before C1 */
	bool replayed;		   /* the result of an earlier request */
	const struct ca_cert *row; /* issued: the row, with final */
};

typedef void ca_issue_fn(void *ctx, const struct ca_issue_result *r);

/* Fault points of the pipeline, for ops_faults_new. */
extern const char *const ca_issue_points[];
extern const size_t ca_issue_points_len;

/**
 * ca_issue_new(opts, ret):
 * Start the driver: put the issuers into the store, read the newest notBefore,
 * roll forward what a crash left, and again every 5 s.  ERR_SYS_*.
 */
MUST_CHECK int ca_issue_new(
    const struct ca_issue_opts *opts, struct ca_issue **ret);

/**
 * ca_issue_stop(ci), ca_issue_free(ci):
 * The two halves of the end.  Stop: answer what is still in flight with 503
 * and begin nothing more.  Free: after the key client, log client, pool and
 * store have ended, so that no callback is left.  NULL is legal for both.
 */
void ca_issue_stop(struct ca_issue *ci);
void ca_issue_free(struct ca_issue *ci);

/**
 * ca_issue_issuers(a):
 * Return a batch that makes each issuer of ${a} a row of the store; NULL when
 * memory is short.
 */
struct ca_batch *ca_issue_issuers(const struct ca_authority *a);

/**
 * ca_issue_submit(ci, req, fn, ctx):
 * Take a request through the pipeline and call ${fn} once, later, whatever
 * comes of it.  ERR_SYS_NOMEM; then ${fn} is not called.
 */
MUST_CHECK int ca_issue_submit(struct ca_issue *ci,
    const struct ca_issue_request *req, ca_issue_fn *fn, void *ctx);

/**
 * ca_issue_inflight(ci), ca_issue_recovered(ci):
 * Return how many requests are being worked on; whether the first pass of the
 * roll-forward has ended.
 */
size_t ca_issue_inflight(const struct ca_issue *ci);
bool ca_issue_recovered(const struct ca_issue *ci);

/**
 * ca_issue_maintenance(ci, on):
 * Refuse new requests (503 issuance_halted) until it is off again, or the
 * daemon starts anew.  Return whether that is a change.
 */
bool ca_issue_maintenance(struct ca_issue *ci, bool on);

/**
 * ca_issue_halted(ci):
 * Return whether new certificates of the default issuer are refused for now,
 * by an operator or under maintenance.
 */
bool ca_issue_halted(const struct ca_issue *ci);

/**
 * ca_issue_ready(ci, why, whylen), ca_issue_ready_self(ci, why, whylen):
 * Return whether a request could be issued now: issuer open, logs ready,
 * store writable; else the reason is in ${why}.  The second is for our own TLS
 * certificate, which halting does not stop.
 */
bool ca_issue_ready(struct ca_issue *ci, char *why, size_t whylen);
bool ca_issue_ready_self(struct ca_issue *ci, char *why, size_t whylen);

#endif

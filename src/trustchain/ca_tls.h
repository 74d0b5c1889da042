/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_TLS_H
#define TRUSTCHAIN_CA_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The daemon's own TLS certificate (identity.md section 2): a key made in
 * memory, certified through the daemon's own pipeline, looked at every
 * rotate.scan_h and renewed when rotate.threshold_h are left (a third of its
 * life, when that is shorter than the threshold), tried again every 5 s when
 * that fails: the old one is shown meanwhile.  Until the first one the
 * listeners show a self-signed certificate.  With a seal key the pair of an
 * earlier run is used again while the store knows the certificate as issued,
 * unexpired and unrevoked, and it names what the configuration says.
 */
struct ca_authority;
struct ca_config;
struct ca_issue;
struct ca_sealed;
struct ca_store;
struct ca_tls;
struct clock;
struct loop;
struct net_tls;
struct ops_log;

struct ca_tls_opts {
	struct loop *loop;
	const struct clock *clock;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_issue *issue;
	struct ca_store *store;
	struct net_tls *tls;
	struct ops_log *log;
	const struct ca_sealed *sealed; /* NULL: the key stays in memory */
	/* A certificate of ours, ${serial} in hex, is shown from now on. */
	void (*rotated)(void *ctx, const char *serial);
	void *ctx;
};

/**
 * ca_tls_new(opts, ret):
 * Begin.  What ${opts} names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_tls_new(const struct ca_tls_opts *opts, struct ca_tls **ret);

/**
 * ca_tls_reuse(t, keys_fd):
 * Show the sealed pair, if there is one that is still good; see
 * ca_sealed_load for ${keys_fd}.  Why one is not used is logged.
 */
void ca_tls_reuse(struct ca_tls *t, int keys_fd);

/**
 * ca_tls_free(t):
 * The issue driver must have stopped, so that no answer is on its way.  NULL
 * is legal.
 */
void ca_tls_free(struct ca_tls *t);

/**
 * ca_tls_certified(t):
 * Return whether the listeners show a certificate of ours.
 */
bool ca_tls_certified(const struct ca_tls *t);

/**
 * ca_tls_left_ms(t):
 * Return for how long the certificate that is shown is still good; INT64_MAX
 * while none is ours.
 */
int64_t ca_tls_left_ms(const struct ca_tls *t);

#define CA_TLS_LEFT_MS_MIN (2 * 3600000) /* below it: Degraded */
#define CA_TLS_WAITERS_MAX 8

/* How a rotation ended; valid during the callback. */
struct ca_tls_result {
	int rc;		    /* 0 also when there was nothing to do */
	const char *code;   /* of section 6 when it failed, else NULL */
	const char *detail; /* for the operator, with rc or code */
	bool rotated;
	/* The certificate that is shown now; "" and 0 when none is ours. */
	const char *serial; /* hex */
	int64_t not_before, not_after, left_ms;
};

typedef void ca_tls_fn(void *ctx, const struct ca_tls_result *r);

/**
 * ca_tls_rotate(t, threshold_ms, fn, ctx):
 * Rotate when no more than ${threshold_ms} are left; INT64_MAX rotates at
 * once, a negative one stands for the configured threshold.  Handshakes from
 * then on show the new pair, connections that live keep theirs.  ${fn} is
 * called once, now or later.  ERR_SYS_LIMIT when CA_TLS_WAITERS_MAX wait
 * already; then ${fn} is not called.
 */
MUST_CHECK int ca_tls_rotate(
    struct ca_tls *t, int64_t threshold_ms, ca_tls_fn *fn, void *ctx);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_TLS_H
#define TRUSTCHAIN_TLS_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The TLS certificate of a daemon that is not the CA (identity.md section 2):
 * a key made in memory, certified by the CA over REST with the token in
 * token_file, renewed when a third of its life is left, tried again every 5 s
 * when that fails.  With a seal key the pair of an earlier run is shown again
 * while it has not expired and names what the configuration says.
 */
struct clock;
struct loop;
struct net_tls;
struct ops_log;
struct ca_sealed;
struct trustchain_server;
struct trustchain_tls;

struct trustchain_tls_opts {
	struct loop *loop;
	const struct clock *clock;
	const struct trustchain_server *server; /* ca_url, token_file, roots */
	struct net_tls *tls;
	struct ops_log *log;
	const struct ca_sealed *sealed; /* NULL: the key stays in memory */
};

/**
 * trustchain_tls_new(opts, ret):
 * Begin.  What ${opts} names outlives the result.  ERR_SYS_NOMEM,
 * ERR_SYS_CRYPTO, ERR_STATE_CONFIG for service_names that no certificate can
 * have.
 */
MUST_CHECK int trustchain_tls_new(
    const struct trustchain_tls_opts *opts, struct trustchain_tls **ret);

/**
 * trustchain_tls_reuse(t, keys_fd):
 * Show the sealed pair if it is still good; see ca_sealed_load for
 * ${keys_fd}.  Why it is not is logged.
 */
void trustchain_tls_reuse(struct trustchain_tls *t, int keys_fd);

/**
 * trustchain_tls_free(t):
 * NULL is legal.
 */
void trustchain_tls_free(struct trustchain_tls *t);

/**
 * trustchain_tls_certified(t):
 * Return whether the listeners show a certificate of the CA's.
 */
bool trustchain_tls_certified(const struct trustchain_tls *t);

#endif

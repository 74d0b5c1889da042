/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct fault;
struct net_tls;
struct ssl_ctx_st;

enum net_tls_client_cert {
	NET_TLS_CLIENT_CERT_NONE,
	NET_TLS_CLIENT_CERT_REQUESTED,
	NET_TLS_CLIENT_CERT_REQUIRED,
};

/*
 * The TLS identity and rules of a server: TLS 1.3 only, the house's suites
 * and groups, no early data, session tickets under a key that is made anew
 * every hour.  Chains of PEM certificates, leaf first.
 */
struct net_tls_opts {
	const char *cert_pem; /* NULL: net_tls_set_cert before the first
				 handshake */
	const char *key_pem;
	enum net_tls_client_cert client_cert;
	const char *client_roots_pem; /* anchors of client certificates; NULL:
					 any certificate passes the handshake
					 and the handler judges it */
};

/**
 * net_tls_new(opts, ret, f):
 * Create a server identity.  ERR_STATE_CONFIG for a certificate or key that
 * does not parse or match, ERR_SYS_CRYPTO, ERR_SYS_NOMEM.
 */
MUST_CHECK int net_tls_new(
    const struct net_tls_opts *opts, struct net_tls **ret, struct fault *f);

/**
 * net_tls_free(t):
 * Drop the caller's reference; listeners using ${t} keep theirs.  NULL is
 * allowed.
 */
void net_tls_free(struct net_tls *t);

/**
 * net_tls_ref(t):
 * Take one more reference and return ${t}.
 */
struct net_tls *net_tls_ref(struct net_tls *t);

/**
 * net_tls_set_cert(t, cert_pem, key_pem, f):
 * Use another certificate chain and key for handshakes from now on;
 * connections made before live on.  On failure, with the errors of
 * net_tls_new, the old pair stays.
 */
MUST_CHECK int net_tls_set_cert(struct net_tls *t, const char *cert_pem,
    const char *key_pem, struct fault *f);

/**
 * net_tls_cert_pem(t):
 * Return the PEM chain in use, valid until the next net_tls_set_cert; NULL
 * when there is none.
 */
const char *net_tls_cert_pem(const struct net_tls *t);

/**
 * net_tls_setup_ctx(t, ctx):
 * Apply all rules of ${t} to ${ctx}, an SSL_CTX of a server, which must not
 * outlive ${t}.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int net_tls_setup_ctx(struct net_tls *t, struct ssl_ctx_st *ctx);

/**
 * net_tls_setup_listener(t, ctx, wanted):
 * The same for one listener of several, which may ask for a client's
 * certificate where ${t} does not.
 */
MUST_CHECK int net_tls_setup_listener(struct net_tls *t,
    struct ssl_ctx_st *ctx, enum net_tls_client_cert wanted);

/**
 * net_tls_setup_client_ctx(ctx):
 * Apply the house's versions, suites and groups to a client's SSL_CTX.
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int net_tls_setup_client_ctx(struct ssl_ctx_st *ctx);

/**
 * net_tls_self_signed(names, count, days, ret_cert_pem, ret_key_pem):
 * Make a P-256 key and a self-signed server certificate for ${names} (DNS
 * names or IP addresses; the first is the subject), valid from an hour ago
 * for ${days}.  The caller frees both strings, the key with base_wipe_free.
 * ERR_SYS_CRYPTO, ERR_SYS_NOMEM, ERR_STATE_USAGE without a name.
 */
MUST_CHECK int net_tls_self_signed(const char *const *names, size_t count,
    unsigned days, char **ret_cert_pem, char **ret_key_pem);

#endif

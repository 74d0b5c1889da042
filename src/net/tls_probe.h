/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_TLS_PROBE_H
#define NET_TLS_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * One TLS handshake as a client, to see which certificate the server proves
 * to hold the key of.  Nothing is trusted and nothing is sent afterwards.
 * TLS 1.2 and 1.3, and whatever groups and suites OpenSSL offers: the peer is
 * somebody else's server.
 */
struct loop;
struct net_addr;
struct net_tls_probe;

enum { NET_TLS_PROBE_CHAIN_MAX = 65536 }; /* octets of certificates taken */

/* Valid during the callback. */
struct net_tls_probe_seen {
	/* 0; ERR_SYS_NETWORK (no connection), ERR_PEER_TIMEOUT,
	 * ERR_PEER_CLOSED (in the handshake), ERR_PEER_UNTRUSTED (a TLS error,
	 * alerts included), ERR_SYS_NOMEM, ERR_SYS_CRYPTO. */
	int rc;
	const char *detail; /* OpenSSL's word for it; "" */
	bool alpn;	    /* the server agreed to the protocol */
	const uint8_t *cert; /* of the server, in DER */
	size_t cert_len;
};

struct net_tls_probe_ask {
	struct loop *loop;
	const struct net_addr *to; /* this is connected, nothing else */
	const char *sni;
	const char *alpn; /* the one protocol that is offered */
	unsigned timeout_ms;
	/* Called once, later. */
	void (*done)(void *ctx, const struct net_tls_probe_seen *seen);
	void *ctx;
};

/**
 * net_tls_probe_start(ask, ret):
 * Begin.  ${ret} is valid until the callback.  ERR_SYS_NOMEM,
 * ERR_SYS_CRYPTO, ERR_SYS_OS (no socket), ERR_STATE_USAGE for a protocol
 * longer than 255 octets.
 */
MUST_CHECK int net_tls_probe_start(
    const struct net_tls_probe_ask *ask, struct net_tls_probe **ret);

/**
 * net_tls_probe_cancel(p):
 * Close; the callback will not come.  NULL is legal.
 */
void net_tls_probe_cancel(struct net_tls_probe *p);

#endif

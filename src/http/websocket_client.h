/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_WEBSOCKET_CLIENT_H
#define HTTP_WEBSOCKET_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The client's side of WebSockets; what a connection is then is in
 * http/websocket.h.  To connect again is the caller's business.
 */
struct http_header;
struct http_websocket;
struct http_websocket_client;
struct http_websocket_events;
struct http_websocket_opts;
struct loop;
struct net_addr;

/* All is copied.  No redirects, no proxies, no cookies, no compression. */
struct http_websocket_dial {
	const char *url;		   /* ws:// or wss:// */
	const struct net_addr *connect_to; /* connect to exactly this address
					      and port, without resolving;
					      NULL */
	const char *subprotocol; /* that has to be agreed on; NULL: none */
	const struct http_header *headers;
	size_t headers_count;
	unsigned timeout_s;    /* until it is open [10] */
	const char *roots_pem; /* wss: trust anchors; NULL: pins alone */
	const uint8_t (*spki_pins)[32]; /* SHA-256 of acceptable server SPKIs:
				without roots the pin alone decides; with
				both, both must hold */
	size_t spki_pins_count;
	const char *cert_pem; /* of the client, leaf first; NULL: none */
	const char *key_pem;
};

/**
 * http_websocket_client_new(l, ret):
 * Create a client on ${l}, for any number of connections.  ERR_SYS_NOMEM,
 * ERR_SYS_OS, ERR_SYS_CRYPTO.
 */
MUST_CHECK int http_websocket_client_new(
    struct loop *l, struct http_websocket_client **ret);

/**
 * http_websocket_client_free(c):
 * Close everything; on_closed runs for each connection.  Call it when the loop
 * is not running (after loop_run returned); it turns the loop until the
 * library has let go.  NULL is allowed.
 */
void http_websocket_client_free(struct http_websocket_client *c);

/**
 * http_websocket_client_connect(c, dial, opts, events, ctx, ret):
 * Begin a connection: on_open comes, or on_closed with what went wrong; neither
 * from inside this function.  ERR_STATE_USAGE for a bad URL or missing trust,
 * ERR_STATE_CONFIG for roots, certificate or key that do not parse,
 * ERR_STATE_FULL beyond 256 connections, ERR_SYS_NOMEM.
 */
MUST_CHECK int http_websocket_client_connect(struct http_websocket_client *c,
    const struct http_websocket_dial *dial,
    const struct http_websocket_opts *opts,
    const struct http_websocket_events *events, void *ctx,
    struct http_websocket **ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_UPGRADE_H
#define HTTP_UPGRADE_H

#include <stdbool.h>

#include "base/err.h"

/*
 * How a request becomes a WebSocket (RFC 6455 section 4.2); what it is then is
 * in http/websocket.h.
 */
struct http_request;
struct http_websocket;
struct http_websocket_events;
struct http_websocket_opts;

/**
 * http_upgrade_offered(r):
 * Return whether ${r} asks for a WebSocket.  Its handler answers before it
 * returns: with http_upgrade_accept, or with an ordinary reply (401, 403,
 * 404, 503), after which the connection is closed.  Origin, cookies, tokens,
 * client certificate and path are for the handler to judge.
 */
bool http_upgrade_offered(const struct http_request *r);

/**
 * http_upgrade_subprotocol(r):
 * The subprotocol of the listener's list that would be agreed on: the first
 * one that the client names; NULL if it names none.
 */
const char *http_upgrade_subprotocol(const struct http_request *r);

/**
 * http_upgrade_accept(r, opts, events, ctx, ret):
 * Accept; ${r} is given up, ${opts} and ${events} are copied.  on_open comes
 * when messages can be sent, or on_closed when the handshake fails.
 * ERR_SYS_NOMEM; then ${r} has still to be answered.
 */
MUST_CHECK int http_upgrade_accept(struct http_request *r,
    const struct http_websocket_opts *opts,
    const struct http_websocket_events *events, void *ctx,
    struct http_websocket **ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_EXCHANGE_INTERNAL_H
#define HTTP_EXCHANGE_INTERNAL_H

#include <stddef.h>

struct http_request;
struct http_session;
struct http_websocket;
struct loop;
struct lws;
struct net_addr;
struct net_prefix;

/**
 * http_exchange_begin(wsi, session, ret_status): the request whose headers the
 * library has, or NULL to close; ${ret_status} as http_collect_all.
 * http_exchange_deliver(r): it is complete: charge it and hand it over.
 * http_exchange_gone(wsi, session): its connection or stream is going.
 * http_exchange_loop(r): its server's.
 * http_handshake_check(r): whether it may become a WebSocket: 0, or the status
 * to refuse it with.
 * http_exchange_become(r, w): its connection is ${w} from now on; ends ${r}.
 */
struct http_request *http_exchange_begin(
    struct lws *wsi, struct http_session *session, int *ret_status);
void http_exchange_deliver(struct http_request *r);
void http_exchange_gone(struct lws *wsi, struct http_session *session);
struct loop *http_exchange_loop(const struct http_request *r);
int http_handshake_check(const struct http_request *r);
void http_exchange_become(struct http_request *r, struct http_websocket *w);
/**
 * http_body_add(r, data, len), http_body_end(r): 0 or an error code; the
 * body's memory grows as it arrives and gets a zero behind it.
 */
int http_body_add(struct http_request *r, const void *data, size_t len);
int http_body_end(struct http_request *r);
/**
 * http_collect_all(r): copy all but the body out of r->wsi; returns 0 or the
 * status to refuse the request with.
 * http_forwarded_peer(r, peer, list, count): r->peer is a copy of ${peer},
 * or the client that it names if it is a trusted proxy; 0 or an error code.
 */
int http_collect_all(struct http_request *r);
int http_forwarded_peer(struct http_request *r, const struct net_addr *peer,
    const struct net_prefix *list, size_t count);

#endif

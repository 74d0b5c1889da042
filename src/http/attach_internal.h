/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_ATTACH_INTERNAL_H
#define HTTP_ATTACH_INTERNAL_H

#include <libwebsockets.h>

struct http_conn;
struct http_request;
struct http_server;
struct http_session;
struct http_stream;
struct http_websocket;
struct http_websocket_events;
struct http_websocket_opts;
struct loop;

/**
 * http_refuse_request(r, status, wait_s): answer in the handler's stead.
 * http_upgrade_confirm(wsi, token): ${wsi} wants to become a ${token}; 0 to go
 * on, else -1.
 */
void http_refuse_request(struct http_request *r, int status, unsigned wait_s);
int http_upgrade_confirm(struct lws *wsi, const char *token);
/**
 * http_websocket_new(loop, opts, events, ctx): a connection that is not open,
 * or NULL.
 * http_websocket_attach(w, wsi, owner): it is ${wsi}; ${owner} is set to it,
 * and to NULL at its end.
 * http_websocket_event(w, reason, in, len): what the library calls, for both
 * sides; returns what it wants.
 * http_websocket_end(w): tell the user how it ended, free it.
 * http_websocket_leave(w): close with 1001.
 * http_websocket_tick(w, now_ms): ping, and cut off what is overdue.
 */
struct http_websocket *http_websocket_new(struct loop *loop,
    const struct http_websocket_opts *opts,
    const struct http_websocket_events *events, void *ctx);
void http_websocket_attach(
    struct http_websocket *w, struct lws *wsi, struct http_websocket **owner);
int http_websocket_event(struct http_websocket *w,
    enum lws_callback_reasons reason, const void *in, size_t len);
void http_websocket_end(struct http_websocket *w);
void http_websocket_leave(struct http_websocket *w);
void http_websocket_tick(struct http_websocket *w, uint64_t now_ms);
/**
 * http_stream_pump(r, session): the socket can take more; 0 to go on, -1 to
 * close.
 * http_stream_finish(st): tell the user, free it; the request stays.
 * http_stream_tick(st, now_ms): keep it alive, cut it off when it stalls.
 * http_stream_leave(st): end it.
 */
int http_stream_pump(struct http_request *r, struct http_session *session);
void http_stream_finish(struct http_stream *st);
void http_stream_tick(struct http_stream *st, uint64_t now_ms);
void http_stream_leave(struct http_stream *st);
/** http_expire_requests(s, now_ms): refuse and close what is overdue. */
void http_expire_requests(struct http_server *s, uint64_t now_ms);

#endif

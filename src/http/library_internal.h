/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_LIBRARY_INTERNAL_H
#define HTTP_LIBRARY_INTERNAL_H

#include <libwebsockets.h>
#include <stdbool.h>

struct http_websocket;
struct http_websocket_events;
struct http_websocket_opts;
struct loop;

/**
 * http_websocket_new(loop, opts, events, ctx): not yet open, or NULL.
 * http_websocket_attach(w, wsi, owner): ${owner} is NULL again at its end.
 * http_websocket_event(w, reason, in, len): what the library calls.
 * http_websocket_end(w): free it; http_websocket_leave(w): close with 1001.
 * http_websocket_tick(w, now_ms): ping, and cut off what is overdue.
 * http_websocket_is_opening(w): neither open nor ended.
 * http_websocket_lost(w, rc, status, reason): what its end will say.
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
bool http_websocket_is_opening(const struct http_websocket *w);
void http_websocket_lost(
    struct http_websocket *w, int rc, int status, const char *reason);

#endif

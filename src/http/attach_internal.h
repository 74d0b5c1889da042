/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_ATTACH_INTERNAL_H
#define HTTP_ATTACH_INTERNAL_H

#include <stdint.h>

struct http_conn;
struct http_request;
struct http_server;
struct http_session;
struct http_stream;
struct lws;

/**
 * http_refuse_request(r, status, wait_s): answer in the handler's stead.
 * http_upgrade_confirm(wsi, token): ${wsi} wants to become a ${token}; 0 to go
 * on, else -1.
 */
void http_refuse_request(struct http_request *r, int status, unsigned wait_s);
int http_upgrade_confirm(struct lws *wsi, const char *token);
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

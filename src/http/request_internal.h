/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_REQUEST_INTERNAL_H
#define HTTP_REQUEST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "http/http.h"

struct arena;
struct http_conn;
struct http_listener;
struct http_server;
struct http_session;
struct http_stream;
struct lws;
struct net_addr;

/* A request's own copy of its header block, and its reply's headers. */
#define HTTP_REQUEST_ARENA_MAX 98304
#define HTTP_PARAMS_MAX 64
#define HTTP_HEADERS_MAX 100

enum http_stage {
	HTTP_STAGE_RECEIVING,
	HTTP_STAGE_HANDLING,
	HTTP_STAGE_REPLIED, /* the headers wait to be written */
	HTTP_STAGE_SENDING, /* the body or stream is on its way */
};

struct http_request {
	struct list timed, live;
	struct http_server *server; /* NULL when it was freed first */
	struct http_listener *listener;
	struct http_conn *conn; /* NULL when the peer has gone */
	struct lws *wsi;	/* the connection or stream; NULL likewise */
	enum http_stage stage;
	enum http_method method;
	bool is_tls, is_h2, charged, free_of_charge, close_after;
	bool expects_body, aborted, is_upgrade, is_http10;
	const char *path;
	struct net_addr *peer;
	struct arena *arena;
	struct http_header headers[HTTP_HEADERS_MAX];
	struct http_header params[HTTP_PARAMS_MAX];
	size_t headers_count, params_count;
	uint8_t *body;
	int refused; /* the status, once the body is read */
	size_t length, body_len, body_cap, body_max;
	const uint8_t *cert;
	size_t cert_len;
	uint64_t deadline_ms, started_us;
	void *ctx;
	void (*on_gone)(void *ctx);
	void *on_gone_ctx;

	int status;
	const char *content_type; /* in the arena, as the headers */
	struct http_header *reply_headers;
	size_t reply_headers_count;
	const uint8_t *out;
	uint8_t *out_copy;
	size_t out_len, out_sent;
	void (*release)(void *ctx);
	void *release_ctx;
	struct http_stream *stream; /* instead of a body */
	/* While it may become a WebSocket: the library has none then. */
	struct http_session *session;
};

/* What the library keeps for each connection or stream. */
struct http_session {
	struct http_request *request;
	bool answered, upgraded;
	unsigned completions;
};

/**
 * http_request_new(), http_request_free(r): NULL when memory is short; the
 * reply's body is given back.
 * http_request_find(r, name): the value of a header or NULL.
 * http_request_take(r, ret_wait_s): http_request_charge.
 * http_charge_take(s, peer, ret_wait_s): 0 or ERR_PEER_RATE.
 */
struct http_request *http_request_new(void);
void http_request_free(struct http_request *r);
const char *http_request_find(const struct http_request *r, const char *name);
int http_request_take(struct http_request *r, unsigned *ret_wait_s);
int http_charge_take(
    struct http_server *s, const struct net_addr *peer, unsigned *ret_wait_s);

#endif

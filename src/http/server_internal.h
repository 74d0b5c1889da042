/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_SERVER_INTERNAL_H
#define HTTP_SERVER_INTERNAL_H

#include <libwebsockets.h>

#include "base/list.h"

struct http_listener;
struct http_peer;
struct http_request;
struct http_websocket;
struct loop_timer;
struct map;
struct net_addr;
struct net_budget;
struct net_prefix;

#define HTTP_HEADER_BLOCK_MAX 16384
#define HTTP_STREAMS_MAX 64
#define HTTP_SESSION_BYTES 16
/* The library adds this to a connection's window with each stream; before the
 * sum exceeds 2^31-1, which peers must refuse, the connection is closed. */
#define HTTP_STREAM_WINDOW 262144
#define HTTP_WINDOW_MAX 2000000000
#define HTTP_RESETS_MAX 100
#define HTTP_RESETS_WINDOW_MS 10000
/* What is handed to the library at once; more waits for a writable socket. */
#define HTTP_WRITE_MAX 65536
#define HTTP_REPLY_HEADERS_MAX 16384

struct http_conn {
	struct list node;
	struct http_server *server;
	struct http_listener *listener;
	struct lws *wsi; /* the connection, not a stream of it */
	struct net_addr *peer;
	bool is_unix;
	struct http_peer *counted;
	struct http_websocket *websocket; /* once it is one */
	unsigned requests_now, resets;
	uint64_t requests_total, window;
	uint64_t resets_since_ms;
	bool cert_known;
	uint8_t *cert; /* DER */
	size_t cert_len;
};

struct http_server {
	struct loop *loop;
	struct lws_context *lws;
	struct list listeners, conns;
	struct list receiving; /* requests, the oldest deadline first */
	struct list sending;   /* replies, likewise */
	struct list live;      /* all requests */
	unsigned connections_max, connections_per_address_max;
	unsigned header_timeout_s, body_timeout_s, idle_timeout_s;
	unsigned handshakes_per_s;
	size_t body_max;
	struct map *peers; /* struct http_peer by address */
	struct net_budget *budget;
	struct net_prefix *proxies;
	size_t proxies_count;
	struct http_conn *adopting;
	struct loop_timer *sweep, *resume;
	uint64_t handshake_units, handshake_at_ms;
	bool draining;
	uint64_t drain_until_ms, drain_quiet_ms;
	void (*drained)(void *ctx);
	void *drained_ctx;
	unsigned connections_now, requests_now;
	uint64_t connections_total, connections_refused;
	uint64_t requests_total, requests_refused, requests_gone;
	uint64_t answers_total, answers_5xx;
	uint8_t scratch[LWS_PRE + HTTP_REPLY_HEADERS_MAX + HTTP_WRITE_MAX];
};

/**
 * http_conn_closed(c): the library has let go of it.
 * http_conn_cert(c, ret_len): the DER of the client's certificate or NULL.
 * http_accept_resume(s): take connections again if there is room.
 * http_sweep_resume_later(s): call that in some milliseconds.
 */
void http_conn_closed(struct http_conn *c);
const uint8_t *http_conn_cert(struct http_conn *c, size_t *ret_len);
void http_accept_resume(struct http_server *s);
void http_sweep_resume_later(struct http_server *s);
/** http_exchange_callback(wsi, reason, user, in, len): what the library calls.
 */
int http_exchange_callback(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t len);

#endif

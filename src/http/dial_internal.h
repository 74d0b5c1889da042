/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_DIAL_INTERNAL_H
#define HTTP_DIAL_INTERNAL_H

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <uv.h>

#include "base/list.h"

struct http_header;
struct http_resolution;
struct http_websocket;
struct http_websocket_dial;
struct loop_timer;

#define HTTP_DIALS_MAX 256
#define HTTP_DIAL_HEADERS_MAX 16
#define HTTP_DIAL_PINS_MAX 16

struct http_websocket_client {
	struct loop *loop;
	struct lws_context *lws;
	struct lws_vhost *vhost;
	SSL_CTX *tls;
	struct loop_timer *timer;
	struct list dials;
	size_t dials_count;
	unsigned resolving; /* requests that are with libuv */
};

/* A connection's target, trust and state. */
struct http_dial {
	struct list node;
	struct http_websocket_client *client;
	struct http_websocket *websocket;   /* NULL once it has ended */
	struct http_resolution *resolution; /* while it runs */
	struct lws *wsi, *seen;
	bool is_tls, is_ip, untrusted, connecting;
	char host[256], authority[272], path[2048], address[64];
	unsigned port;
	char *subprotocol;
	struct http_header *headers; /* names with a colon */
	size_t headers_count;
	uint64_t deadline_ms;
	X509_STORE *roots;
	uint8_t pins[HTTP_DIAL_PINS_MAX][32];
	size_t pins_count;
	X509 *cert;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

/**
 * http_dial_target(d, dial): where it goes.
 * http_dial_drop(d): take it out of its client and free it.
 * http_dial_new(c, dial, ret): copy and check ${dial}; errors of
 * http_websocket_client_connect.
 * http_dial_free(d): NULL is allowed.
 * http_dial_callback(...): what the library calls.
 * http_dial_fail(d, rc, reason): it does not come to be.
 */
int http_dial_target(
    struct http_dial *d, const struct http_websocket_dial *dial);
void http_dial_drop(struct http_dial *d);
int http_dial_new(struct http_websocket_client *c,
    const struct http_websocket_dial *dial, struct http_dial **ret);
void http_dial_free(struct http_dial *d);
int http_dial_callback(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t len);
void http_dial_fail(struct http_dial *d, int rc, const char *reason);
/**
 * http_dial_tls_new(c), http_dial_trust(d, dial): the client's TLS context,
 * which asks us about certificates; what ${d} trusts and shows.
 */
int http_dial_tls_new(struct http_websocket_client *c);
int http_dial_trust(
    struct http_dial *d, const struct http_websocket_dial *dial);

#endif

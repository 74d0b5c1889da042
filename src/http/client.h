/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/http.h"

struct loop;
struct net_addr;
struct http_client;
struct http_call;
struct http_response;

/* Zero in a number means its default, in brackets.  Strings are copied. */
struct http_client_opts {
	unsigned connections_max;	   /* [64] */
	unsigned connections_per_host_max; /* [16] */
	unsigned calls_max;		   /* [4096] waiting and running */
	const char *user_agent;		   /* [troth/<version>] */
};

/*
 * One call.  Everything is copied but the body, which must stay valid until
 * the callback.  Redirects are never followed; proxies from the environment
 * are ignored; only http and https are spoken.
 */
struct http_client_request {
	enum http_method method;
	const char *url;
	const char *unix_path; /* connect to this socket instead; NULL */
	const struct net_addr *connect_to; /* connect to exactly this address
					      and port, without resolving;
					      NULL */
	const struct http_header *headers;
	size_t headers_count;
	const void *body;
	size_t body_len;
	unsigned timeout_ms;	     /* of the whole call [30000] */
	unsigned connect_timeout_ms; /* [timeout_ms] */
	size_t response_max;	     /* body [1 MiB] */
	const char *roots_file; /* https: trust anchors, PEM; NULL: roots_pem */
	const char *roots_pem;	/* NULL and no file: no https unless pinned */
	const uint8_t (*spki_pins)[32]; /* SHA-256 of acceptable server SPKIs:
				with pins and no roots the pin alone decides;
				with both, both must hold */
	size_t spki_pins_count;
	bool any_certificate; /* https without trust: what comes back is
				 judged by itself; not with roots or pins */
};

/* Called once, on the loop.  The response is valid during the callback. */
typedef void http_client_fn(void *ctx, const struct http_response *resp);

/**
 * http_client_new(l, opts, ret):
 * Create a client on ${l}; ${opts} may be NULL.  ERR_SYS_NOMEM,
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int http_client_new(struct loop *l,
    const struct http_client_opts *opts, struct http_client **ret);

/**
 * http_client_free(c):
 * Close everything; callbacks that have not run will not run.  Not from
 * inside a callback.  NULL is allowed.
 */
void http_client_free(struct http_client *c);

/**
 * http_client_send(c, req, fn, ctx, ret_call):
 * Start a call; ${fn} runs later, never from inside this function.
 * ${ret_call} (may be NULL) gets a handle valid until ${fn} runs.
 * ERR_STATE_USAGE for a bad URL or missing trust, ERR_STATE_FULL,
 * ERR_SYS_NOMEM; then ${fn} will not run.
 */
MUST_CHECK int http_client_send(struct http_client *c,
    const struct http_client_request *req, http_client_fn *fn, void *ctx,
    struct http_call **ret_call);

/**
 * http_client_cancel(call):
 * Stop a call; its callback will not run.
 */
void http_client_cancel(struct http_call *call);

/**
 * http_response_rc(r):
 * 0 when a response was received, else: ERR_PEER_TIMEOUT, ERR_SYS_NETWORK (no
 * connection), ERR_PEER_UNTRUSTED (TLS or certificate), ERR_PEER_CLOSED,
 * ERR_PEER_MALFORMED (not HTTP), ERR_PEER_TOO_LARGE, ERR_PEER_NAME (the host
 * does not resolve), ERR_SYS_NOMEM.
 */
int http_response_rc(const struct http_response *r);

/**
 * http_response_detail(r):
 * A short text on what failed, for operators' logs; "" on success.
 */
const char *http_response_detail(const struct http_response *r);

/**
 * http_response_status(r), http_response_header(r, name),
 * http_response_body(r, ret_len):
 * The status; the first header with this lower-case name or NULL; the body,
 * followed by a zero byte, never NULL.
 */
int http_response_status(const struct http_response *r);
const char *http_response_header(
    const struct http_response *r, const char *name);
const uint8_t *http_response_body(
    const struct http_response *r, size_t *ret_len);

#endif

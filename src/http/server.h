/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct fault;
struct http_request;
struct loop;
struct net_addr;
struct net_prefix;
struct net_tls;
struct http_server;

/* Called once for each complete request; see http/request.h. */
typedef void http_handler_fn(void *ctx, struct http_request *r);

/*
 * Called instead of the handler for a request the server refuses by itself
 * (413, 429, ...), so that a product can give the error its own form.  It
 * replies with ${status}, and with Retry-After ${wait_s} unless that is 0.
 */
typedef void http_refuse_fn(
    void *ctx, struct http_request *r, int status, unsigned wait_s);

/* Zero in a number means its default, in brackets. */
struct http_server_opts {
	unsigned connections_max;	      /* [4096] */
	unsigned connections_per_address_max; /* [256]; unix: no limit */
	size_t body_max;		      /* [1 MiB] */
	unsigned header_timeout_s;	      /* [10] */
	unsigned body_timeout_s;	      /* [30] */
	unsigned idle_timeout_s;	      /* [60] */
	unsigned handshakes_per_s; /* [500] TLS only; others wait unaccepted */
	unsigned rate_per_min;	   /* per address; 0 = no limit */
	const struct net_prefix *trusted_proxies; /* copied */
	size_t trusted_proxies_count;
};

struct http_listener_opts {
	const struct net_addr *addr; /* port 0: any free port */
	struct net_tls *tls;	     /* NULL: plain */
	int client_cert; /* enum net_tls_client_cert, beyond tls's own */
	http_handler_fn *handler;
	http_refuse_fn *refuse; /* NULL: a short text/plain answer */
	void *ctx;
	bool not_rate_limited; /* metrics and admin listeners */
	/* WebSocket subprotocols: up to 4 of less than 64 bytes; copied. */
	const char *const *subprotocols;
	size_t subprotocols_count;
};

struct http_server_stats {
	uint64_t connections_total, connections_refused; /* over a maximum */
	uint64_t requests_total, requests_refused; /* answered by itself */
	uint64_t requests_gone;	   /* the peer left before the reply */
	/* Of listeners that are not not_rate_limited: */
	uint64_t answers_total, answers_5xx;
	unsigned connections_now, requests_now; /* delivered, not replied */
};

/**
 * http_server_new(l, opts, ret, f):
 * Create a server without listeners on ${l}.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int http_server_new(struct loop *l,
    const struct http_server_opts *opts, struct http_server **ret,
    struct fault *f);

/**
 * http_server_listen(s, opts, ret_bound, f):
 * Add a listener with its own handler; ${ret_bound} (may be NULL) gets the
 * address with the port in effect.  Errors of net_listen_open, ERR_STATE_USAGE.
 */
MUST_CHECK int http_server_listen(struct http_server *s,
    const struct http_listener_opts *opts, struct net_addr *ret_bound,
    struct fault *f);

/**
 * http_server_drain(s, timeout_ms, done, ctx):
 * Stop accepting, close idle connections and (1001) WebSockets, end streams;
 * call ${done}(${ctx}) when the last request is answered, or after a timeout.
 */
void http_server_drain(struct http_server *s, uint64_t timeout_ms,
    void (*done)(void *ctx), void *ctx);

/**
 * http_server_free(s):
 * Close everything.  Call it when the loop is not running (after loop_run
 * returned); it turns the loop until the library has let go.  Requests that
 * are not replied to yet stay valid and must still be replied to (to nobody).
 * NULL is allowed.
 */
void http_server_free(struct http_server *s);

/**
 * http_server_stats_get(s, ret):
 * Copy the counters.
 */
void http_server_stats_get(
    const struct http_server *s, struct http_server_stats *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/reply.h"

struct net_addr;

/*
 * A complete request as a handler gets it.  The handler answers each request
 * exactly once, at once or later from the loop thread, with
 * http_request_reply (http/reply.h); until then the request and all it returned
 * stay valid, even when the peer has gone.
 */
struct http_request;

/**
 * http_request_on_gone(r, fn, ctx):
 * Call ${fn} once if the peer goes away before the reply.  The request still
 * has to be replied to.
 */
void http_request_on_gone(
    struct http_request *r, void (*fn)(void *ctx), void *ctx);

/**
 * http_request_gone(r):
 * Return whether the peer has gone.
 */
bool http_request_gone(const struct http_request *r);

/**
 * http_request_method(r), http_request_path(r):
 * The method; the path, which begins with '/', with percent-encoding undone,
 * dot segments resolved and repeated slashes folded; it holds no control
 * characters.  A '+' that is not encoded arrives as a space: the library's way.
 */
enum http_method http_request_method(const struct http_request *r);
const char *http_request_path(const struct http_request *r);

/**
 * http_request_param(r, name), http_request_param_at(r, i, ret_name):
 * The decoded value of the first query parameter ${name}, or NULL; the value
 * and name of the ${i}th, or NULL.  "?x" has the value "".  '+' stands for
 * itself, not for a space.
 */
const char *http_request_param(const struct http_request *r, const char *name);
const char *http_request_param_at(
    const struct http_request *r, size_t i, const char **ret_name);

/**
 * http_request_header(r, name):
 * The value of the header with this lower-case name, or NULL; of repeated
 * headers the first.  See doc/http.md for the headers that are kept.
 */
const char *http_request_header(const struct http_request *r, const char *name);

/**
 * http_request_body(r, ret_len):
 * The body, followed by a zero byte; never NULL.
 */
const uint8_t *http_request_body(const struct http_request *r, size_t *ret_len);

/**
 * http_request_peer(r):
 * The peer's address; behind a trusted proxy, the client's.  Family
 * NET_FAMILY_UNIX for a unix socket.
 */
const struct net_addr *http_request_peer(const struct http_request *r);

/**
 * http_request_is_tls(r), http_request_client_cert(r, ret_len):
 * Whether it came over TLS; the DER of the client's certificate, or NULL.
 */
bool http_request_is_tls(const struct http_request *r);
const uint8_t *http_request_client_cert(
    const struct http_request *r, size_t *ret_len);

/**
 * http_request_charge(r, ret_wait_s):
 * Charge the peer's address for this request, once however often it is
 * called.  A request without credentials (Authorization header, client
 * certificate) was charged before it was delivered.  One with credentials was
 * not: the handler charges it to its token, or calls this when they do not
 * hold.  ERR_PEER_RATE when the address is over its rate: reply 429 with
 * Retry-After ${ret_wait_s}.
 */
MUST_CHECK int http_request_charge(
    struct http_request *r, unsigned *ret_wait_s);

/**
 * http_request_started_us(r):
 * loop_monotonic_us() when the request was complete.
 */
uint64_t http_request_started_us(const struct http_request *r);

/**
 * http_request_set_ctx(r, ctx), http_request_ctx(r):
 * One pointer for the handler's own use; at first the listener's ctx.
 */
void http_request_set_ctx(struct http_request *r, void *ctx);
void *http_request_ctx(const struct http_request *r);

#endif

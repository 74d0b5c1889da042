/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_CONTROL_H
#define OPS_CONTROL_H

#include <sys/types.h>

#include "base/err.h"
#include "base/fault.h"
#include "wire/json.h"

/*
 * The control socket of a daemon: a unix socket of mode 0600 whose peer must
 * be root or the daemon's own user, with one JSON object per line as request
 * and one as reply, in order.
 *
 * Replies carry "ok": true, or "ok": false with "error" (a code of
 * base_err_name), "message" for the operator and perhaps "fix".
 */
#define OPS_CONTROL_REQUEST_MAX 262144
#define OPS_CONTROL_REPLY_MAX 4194304
#define OPS_CONTROL_CONNECTIONS_MAX 16

struct loop;
struct ops_control;
struct ops_control_call;

/* The handler answers each call exactly once, at once or later. */
typedef void ops_control_fn(
    void *ctx, struct ops_control_call *call, const json_t *request);

/**
 * ops_control_new(l, path, fn, ctx, ret, f):
 * Listen on ${path}, replacing a socket nobody serves.  ERR_STATE_EXISTS
 * when another daemon answers there, ERR_SYS_*.
 */
MUST_CHECK int ops_control_new(struct loop *l, const char *path,
    ops_control_fn *fn, void *ctx, struct ops_control **ret, struct fault *f);

/**
 * ops_control_free(c):
 * Close all connections and remove the socket.  Calls that are not answered
 * yet stay valid and must still be answered (to nobody).  NULL is legal.
 */
void ops_control_free(struct ops_control *c);

/**
 * ops_control_reply(call, reply):
 * Answer ${call} and give it up; takes over the reference to ${reply}.
 */
void ops_control_reply(struct ops_control_call *call, json_t *reply);

/**
 * ops_control_error(call, rc, fmt, ...):
 * Answer ${call} with the error ${rc} and a message.
 */
void ops_control_error(struct ops_control_call *call, int rc, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/**
 * ops_control_peer_uid(call):
 * Return the user id of the peer.
 */
uid_t ops_control_peer_uid(const struct ops_control_call *call);

/**
 * ops_control_request(path, request, timeout_ms, ret, f):
 * For commands: send ${request} to the daemon at ${path} and wait for its
 * reply.  ERR_SYS_UNAVAILABLE when no daemon listens, ERR_SYS_TIMEOUT,
 * ERR_PEER_CLOSED, ERR_PEER_MALFORMED, ERR_SYS_PERMISSION; the code of a
 * reply with "ok": false, its message in ${f}.  On 0 the caller owns
 * ${ret}.
 */
MUST_CHECK int ops_control_request(const char *path, const json_t *request,
    int timeout_ms, json_t **ret, struct fault *f);

#endif

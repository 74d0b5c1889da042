/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_CLIENT_H
#define KEYS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keys/frame.h"

/*
 * Main's end of the line to the key process, on the event loop.  Loop thread
 * only.  Up to KEYS_OUTSTANDING_MAX requests are on their way at a time; up to
 * KEYS_CLIENT_WAITING_MAX more wait here.
 */
#define KEYS_CLIENT_WAITING_MAX 16384

struct keys_client;
struct loop;

/*
 * The outcome of one request: ${rc} 0 with the signature (valid during the
 * call only), ERR_STATE_REFUSED, ERR_PEER_MALFORMED, ERR_SYS_KEY,
 * ERR_SYS_UNAVAILABLE (rate cap, or no key process), ERR_SYS_CANCELLED (the
 * client was freed).  Never called from within keys_client_call unless the
 * sending itself failed; it must not free the client.
 */
typedef void keys_client_fn(void *ctx, int rc, const uint8_t *sig, size_t len);

/**
 * keys_client_new(l, fd, ret):
 * Talk to the key process over the socket ${fd}, which now belongs to the
 * client (also on failure).  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int keys_client_new(
    struct loop *l, int fd, struct keys_client **ret);

/**
 * keys_client_free(c):
 * Answer what is open with ERR_SYS_CANCELLED, close, free.  NULL is allowed.
 */
void keys_client_free(struct keys_client *c);

/**
 * keys_client_call(c, req, fn, ctx):
 * Send ${req} and call ${fn}(${ctx}, ...) exactly once, later.  The payload
 * is copied.  ERR_STATE_FULL when too many wait, ERR_PEER_TOO_LARGE beyond
 * KEYS_PAYLOAD_MAX, ERR_SYS_UNAVAILABLE when the key process is gone,
 * ERR_SYS_NOMEM; ${fn} is not called then.
 */
MUST_CHECK int keys_client_call(struct keys_client *c,
    const struct keys_request *req, keys_client_fn *fn, void *ctx);

/** keys_client_on_answer(c, fn, ctx): call ${fn}, too, for each outcome. */
void keys_client_on_answer(struct keys_client *c,
    void (*fn)(void *ctx, uint8_t slot, int rc), void *ctx);

/**
 * keys_client_tokens(c, fd), keys_client_on_token(c, slot),
 * keys_client_has_tokens(c):
 * There is a second process, for keys on devices, over ${fd} (as in
 * keys_client_new); requests for ${slot} go there, or fail without one.
 */
MUST_CHECK int keys_client_tokens(struct keys_client *c, int fd);
void keys_client_on_token(struct keys_client *c, uint8_t slot);
bool keys_client_has_tokens(const struct keys_client *c);

/**
 * keys_client_replace(c, index, fd):
 * The key process enum keys_process_index ${index} is being replaced: send
 * everything from now on over ${fd} (which belongs to the client, also on failure).  Answers to what was sent
 * before are still read from the old socket; what the old process leaves
 * unanswered when it closes is sent again.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int keys_client_replace(
    struct keys_client *c, unsigned index, int fd);

/** keys_client_waiting(c): the number of requests not yet answered. */
size_t keys_client_waiting(const struct keys_client *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SYNC_H
#define KEYS_SYNC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keys/frame.h"

/* Longest answer that keys_sync_call takes: a sealed TLS key. */
#define KEYS_SYNC_ANSWER_MAX 8192

/**
 * keys_sync_call(fd, req, timeout_ms, out, ret_len):
 * Send ${req} over the blocking socket ${fd} and wait for its answer, up to
 * KEYS_SYNC_ANSWER_MAX bytes to ${out}: for tools and tests, and for main
 * before its loop runs.  Nothing else may be outstanding on ${fd}.  Error
 * codes as keys_client_fn, and ERR_SYS_TIMEOUT, ERR_PEER_CLOSED,
 * ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int keys_sync_call(int fd, const struct keys_request *req,
    int timeout_ms, uint8_t *out, size_t *ret_len);

#endif

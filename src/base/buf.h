/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Growable byte buffer with a hard maximum.  data[0..len) is valid; a
 * zero-initialised struct with max set is an empty buffer.
 */
struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;
};

/**
 * base_buf_init(b, max):
 * Make ${b} empty, able to grow to ${max} bytes.
 */
void base_buf_init(struct buf *b, size_t max);

/**
 * base_buf_free(b):
 * Wipe and free the contents; ${b} is empty afterwards and may be reused.
 */
void base_buf_free(struct buf *b);

/**
 * base_buf_reserve(b, extra, ret_at):
 * Make room for ${extra} more bytes and store a pointer to them in ${ret_at};
 * the length is unchanged until base_buf_commit.  ERR_SYS_LIMIT beyond the
 * maximum, ERR_SYS_NOMEM; ${b} is unchanged on failure.
 */
MUST_CHECK int base_buf_reserve(struct buf *b, size_t extra, uint8_t **ret_at);

/**
 * base_buf_commit(b, n):
 * Count ${n} bytes written after a base_buf_reserve of at least ${n}.
 */
void base_buf_commit(struct buf *b, size_t n);

/**
 * base_buf_append(b, data, len):
 * Append ${len} bytes.  Errors as base_buf_reserve.
 */
MUST_CHECK int base_buf_append(struct buf *b, const void *data, size_t len);

/**
 * base_buf_printf(b, fmt, ...):
 * Append formatted text without its terminating zero.  Errors as
 * base_buf_reserve.
 */
MUST_CHECK int base_buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * base_buf_consume(b, n):
 * Drop the first ${n} bytes (${n} <= len), moving the rest to the front.
 */
void base_buf_consume(struct buf *b, size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CURSOR_H
#define WIRE_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The one way to read bytes that came from a peer or a disk.  The error is
 * sticky: after the first failure every read returns 0 or NULL and changes
 * nothing, so a parser may read a whole structure and check ${rc} once.
 */
struct cursor {
	const uint8_t *pos, *end;
	int rc;
};

/**
 * wire_cursor_init(c, data, len):
 * Read from the ${len} bytes at ${data}, which must outlive the cursor.
 */
void wire_cursor_init(struct cursor *c, const void *data, size_t len);

/**
 * wire_cursor_left(c):
 * Return the number of bytes not yet read; 0 after an error.
 */
size_t wire_cursor_left(const struct cursor *c);

/**
 * wire_cursor_fail(c, rc):
 * Make ${rc} the cursor's error unless it has one already.
 */
void wire_cursor_fail(struct cursor *c, int rc);

/**
 * wire_cursor_u8(c), _u16, _u24, _u32, _u40, _u64:
 * Return the next big-endian integer and advance.  If fewer bytes remain,
 * return 0 and set ${c}->rc to ERR_PEER_TRUNCATED.
 */
uint8_t wire_cursor_u8(struct cursor *c);

/** wire_cursor_u16(c): see wire_cursor_u8. */
uint16_t wire_cursor_u16(struct cursor *c);

/** wire_cursor_u24(c): see wire_cursor_u8. */
uint32_t wire_cursor_u24(struct cursor *c);

/** wire_cursor_u32(c): see wire_cursor_u8. */
uint32_t wire_cursor_u32(struct cursor *c);

/** wire_cursor_u40(c): see wire_cursor_u8. */
uint64_t wire_cursor_u40(struct cursor *c);

/** wire_cursor_u64(c): see wire_cursor_u8. */
uint64_t wire_cursor_u64(struct cursor *c);

/**
 * wire_cursor_bytes(c, len):
 * Return a pointer to the next ${len} bytes and advance, or NULL with
 * ERR_PEER_TRUNCATED.  A length of 0 returns a non-NULL pointer.
 */
const uint8_t *wire_cursor_bytes(struct cursor *c, size_t len);

/**
 * wire_cursor_copy(c, dst, len):
 * Copy the next ${len} bytes to ${dst} and advance.  On ERR_PEER_TRUNCATED
 * ${dst} is unchanged.
 */
void wire_cursor_copy(struct cursor *c, void *dst, size_t len);

/**
 * wire_cursor_sub(c, len):
 * Return a cursor over the next ${len} bytes and advance past them.  On
 * failure the result is empty and carries the error.
 */
struct cursor wire_cursor_sub(struct cursor *c, size_t len);

/**
 * wire_cursor_vec(c, prefix, min, max):
 * Read a length of ${prefix} (1, 2, 3 or 4) big-endian bytes, require it
 * within [min, max] (else ERR_PEER_MALFORMED), and return a cursor over that
 * many bytes: the variable-length vector of RFC 8446 section 3.4.
 */
struct cursor wire_cursor_vec(
    struct cursor *c, int prefix, size_t min, size_t max);

/**
 * wire_cursor_line(c, ret_len):
 * Return the bytes up to the next '\n' and store their number, without the
 * '\n', in ${ret_len}; advance past it.  Without one: NULL, TRUNCATED.
 */
const uint8_t *wire_cursor_line(struct cursor *c, size_t *ret_len);

/**
 * wire_cursor_done(c):
 * Finish reading: return the sticky error, or ERR_PEER_TRAILING if bytes
 * remain, or 0.
 */
MUST_CHECK int wire_cursor_done(const struct cursor *c);

#endif

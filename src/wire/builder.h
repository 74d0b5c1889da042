/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_BUILDER_H
#define WIRE_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The one way to write wire and disk formats: into the caller's array, with a
 * sticky error.  After ERR_SYS_LIMIT (the array is full) nothing more is
 * written, so an encoder checks once at the end.
 */
struct builder {
	uint8_t *data;
	size_t len;
	size_t cap;
	int rc;
};

/**
 * wire_builder_init(b, array, cap):
 * Write into the ${cap} bytes at ${array}.
 */
void wire_builder_init(struct builder *b, void *array, size_t cap);

/**
 * wire_builder_u8(b, v), _u16, _u24, _u32, _u40, _u64:
 * Append ${v} big-endian.  ${v} must fit (our bug otherwise).
 */
void wire_builder_u8(struct builder *b, uint8_t v);

/** wire_builder_u16(b, v): see wire_builder_u8. */
void wire_builder_u16(struct builder *b, uint16_t v);

/** wire_builder_u24(b, v): see wire_builder_u8. */
void wire_builder_u24(struct builder *b, uint32_t v);

/** wire_builder_u32(b, v): see wire_builder_u8. */
void wire_builder_u32(struct builder *b, uint32_t v);

/** wire_builder_u40(b, v): see wire_builder_u8. */
void wire_builder_u40(struct builder *b, uint64_t v);

/** wire_builder_u64(b, v): see wire_builder_u8. */
void wire_builder_u64(struct builder *b, uint64_t v);

/**
 * wire_builder_bytes(b, data, len):
 * Append ${len} bytes.
 */
void wire_builder_bytes(struct builder *b, const void *data, size_t len);

/**
 * wire_builder_str(b, s):
 * Append the characters of the string ${s} without its zero.
 */
void wire_builder_str(struct builder *b, const char *s);

/**
 * wire_builder_space(b, len):
 * Append ${len} zero bytes and return a pointer to them for filling in later,
 * or NULL when they do not fit.
 */
uint8_t *wire_builder_space(struct builder *b, size_t len);

/**
 * wire_builder_vec_begin(b, prefix):
 * Leave room for a length of ${prefix} (1 to 4) bytes and return a mark for
 * wire_builder_vec_end.
 */
size_t wire_builder_vec_begin(struct builder *b, int prefix);

/**
 * wire_builder_vec_end(b, mark, prefix):
 * Write the number of bytes appended since ${mark} into the room left there;
 * ERR_SYS_LIMIT if it does not fit into ${prefix} bytes.
 */
void wire_builder_vec_end(struct builder *b, size_t mark, int prefix);

/**
 * wire_builder_done(b, ret_len):
 * Finish: store the length and return 0, or return the sticky error.
 */
MUST_CHECK int wire_builder_done(const struct builder *b, size_t *ret_len);

#endif

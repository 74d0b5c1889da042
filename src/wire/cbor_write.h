/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CBOR_WRITE_H
#define WIRE_CBOR_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/builder.h"
#include "wire/cbor_level.h"

/*
 * The writer of deterministic CBOR (RFC 8949 section 4.2.1).  Lengths are
 * given first, and as many items must follow; the keys of a map must come in
 * the order of their encodings (integers: 0, 1, 2 ... -1, -2 ...; then byte
 * strings and text, shorter ones first).  Getting either wrong is a bug of
 * ours and asserted.  The only error is ERR_SYS_LIMIT, sticky in b.
 */
struct wire_cbor_writer {
	struct builder b;
	struct wire_cbor_levels levels;
};

/**
 * wire_cbor_writer_init(w, array, cap):
 * Write a document of one item into the ${cap} bytes at ${array}.
 */
void wire_cbor_writer_init(struct wire_cbor_writer *w, void *array, size_t cap);

/** wire_cbor_put_uint(w, v): append an unsigned integer. */
void wire_cbor_put_uint(struct wire_cbor_writer *w, uint64_t v);

/** wire_cbor_put_int(w, v): append an integer. */
void wire_cbor_put_int(struct wire_cbor_writer *w, int64_t v);

/** wire_cbor_put_bytes(w, data, len): append a byte string. */
void wire_cbor_put_bytes(
    struct wire_cbor_writer *w, const void *data, size_t len);

/**
 * wire_cbor_put_text(w, s, len):
 * Append a text string, which must be UTF-8.
 */
void wire_cbor_put_text(struct wire_cbor_writer *w, const char *s, size_t len);

/** wire_cbor_put_bool(w, v): append true or false. */
void wire_cbor_put_bool(struct wire_cbor_writer *w, bool v);

/** wire_cbor_put_null(w): append null. */
void wire_cbor_put_null(struct wire_cbor_writer *w);

/** wire_cbor_put_tag(w, tag): append a tag; the tagged item follows. */
void wire_cbor_put_tag(struct wire_cbor_writer *w, uint64_t tag);

/**
 * wire_cbor_put_array(w, n), wire_cbor_put_map(w, n):
 * Begin an array of ${n} elements or a map of ${n} pairs, at most
 * WIRE_CBOR_DEPTH_MAX within each other; wire_cbor_put_end() ends it.
 */
void wire_cbor_put_array(struct wire_cbor_writer *w, size_t n);
void wire_cbor_put_map(struct wire_cbor_writer *w, size_t n);

/** wire_cbor_put_end(w): end the array or map begun last. */
void wire_cbor_put_end(struct wire_cbor_writer *w);

/**
 * wire_cbor_writer_done(w, ret_len):
 * Finish: store the length of the document and return 0, or ERR_SYS_LIMIT.
 */
MUST_CHECK int wire_cbor_writer_done(
    const struct wire_cbor_writer *w, size_t *ret_len);

#endif

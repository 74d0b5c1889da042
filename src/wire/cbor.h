/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CBOR_H
#define WIRE_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/cbor_level.h"
#include "wire/cursor.h"

/*
 * CBOR (RFC 8949) of which each value has one encoding: the core
 * deterministic one of section 4.2.1.  This is the reader; wire/cbor_write.h
 * is the writer.  The reader follows the caller's schema and allocates
 * nothing; like a cursor it keeps its first error, after which every read
 * returns 0 or NULL and changes nothing.
 *
 *	wire_cbor_init(&r, data, len);
 *	wire_cbor_map(&r);
 *	if (wire_cbor_key(&r, 1))
 *		version = wire_cbor_uint(&r);
 *	wire_cbor_leave(&r);
 *	rc = wire_cbor_done(&r);
 *
 * The errors:
 *   ERR_PEER_TRUNCATED    the input, or a container, ends too early;
 *   ERR_PEER_TRAILING     bytes after the document;
 *   ERR_PEER_ENCODING     another encoding of the value is the deterministic
 *                         one: a longer integer or length than needed, an
 *                         indefinite length, keys out of order, a bignum that
 *                         an integer holds;
 *   ERR_PEER_DUPLICATE    a map key occurs twice;
 *   ERR_PEER_MALFORMED    not CBOR, text that is not UTF-8, not the type that
 *                         the schema wants, or more items than it wants;
 *   ERR_PEER_DEPTH        more than WIRE_CBOR_DEPTH_MAX arrays and maps
 *                         within each other;
 *   ERR_PEER_TOO_LARGE    longer than WIRE_CBOR_LEN_MAX, or an integer out
 *                         of the range asked for;
 *   ERR_PEER_UNSUPPORTED  what none of our documents has: floating point,
 *                         undefined and other simple values, map keys that
 *                         are neither integers nor strings.
 */

/* Bytes of a document. */
#define WIRE_CBOR_LEN_MAX 65536

enum wire_cbor_type {
	WIRE_CBOR_END, /* of the container, of the document, or an error */
	WIRE_CBOR_UINT,
	WIRE_CBOR_NINT,
	WIRE_CBOR_BYTES,
	WIRE_CBOR_TEXT,
	WIRE_CBOR_ARRAY,
	WIRE_CBOR_MAP,
	WIRE_CBOR_TAG,
	WIRE_CBOR_BOOL,
	WIRE_CBOR_NULL,
};

struct wire_cbor {
	struct cursor c;
	const uint8_t *data;
	struct wire_cbor_levels levels;
};

/**
 * wire_cbor_init(r, data, len):
 * Read the one item that the ${len} bytes at ${data} are to be; they must
 * outlive what is read from them.
 */
void wire_cbor_init(struct wire_cbor *r, const void *data, size_t len);

/**
 * wire_cbor_peek(r):
 * Return the type of the next item without reading it.  An item that cannot
 * be one of these is an error.
 */
enum wire_cbor_type wire_cbor_peek(struct wire_cbor *r);

/**
 * wire_cbor_uint(r):
 * Read an unsigned integer.
 */
uint64_t wire_cbor_uint(struct wire_cbor *r);

/**
 * wire_cbor_int(r, min, max):
 * Read an integer within [min, max]; ERR_PEER_TOO_LARGE if it is beyond.
 */
int64_t wire_cbor_int(struct wire_cbor *r, int64_t min, int64_t max);

/**
 * wire_cbor_bytes(r, ret_len):
 * Read a byte string: return a pointer into the input and its length.  A
 * string of length 0 gives a pointer, too.
 */
const uint8_t *wire_cbor_bytes(struct wire_cbor *r, size_t *ret_len);

/**
 * wire_cbor_fixed(r, len):
 * Read a byte string of exactly ${len} bytes, ERR_PEER_MALFORMED if it has
 * another length.
 */
const uint8_t *wire_cbor_fixed(struct wire_cbor *r, size_t len);

/**
 * wire_cbor_text(r, ret_len):
 * Read a text string (RFC 3629), which is not zero-terminated and may hold
 * zeros.
 */
const char *wire_cbor_text(struct wire_cbor *r, size_t *ret_len);

/**
 * wire_cbor_bool(r):
 * Read true or false.
 */
bool wire_cbor_bool(struct wire_cbor *r);

/**
 * wire_cbor_null(r):
 * If the next item is null, read it and return true.
 */
bool wire_cbor_null(struct wire_cbor *r);

/**
 * wire_cbor_tag(r):
 * Read a tag number; the item that it tags follows.
 */
uint64_t wire_cbor_tag(struct wire_cbor *r);

/**
 * wire_cbor_array(r), wire_cbor_map(r):
 * Enter an array or map and return the number of its elements, or of its
 * pairs.  That number is never larger than the bytes that remain.
 */
size_t wire_cbor_array(struct wire_cbor *r);
size_t wire_cbor_map(struct wire_cbor *r);

/**
 * wire_cbor_key(r, key):
 * If the next key of the map is the integer ${key}, read it and return true.
 * Since keys are sorted (0, 1, 2 ... -1, -2 ...), asking for each known key
 * in that order reads a map, and wire_cbor_leave() finds unknown ones.
 */
bool wire_cbor_key(struct wire_cbor *r, int64_t key);

/**
 * wire_cbor_leave(r):
 * Leave the array or map entered last; ERR_PEER_MALFORMED if it has more
 * items than were read.
 */
void wire_cbor_leave(struct wire_cbor *r);

/**
 * wire_cbor_skip(r, ret_len):
 * Read the next item, whatever it is, with all it contains, and return a
 * pointer to its encoding and its length.
 */
const uint8_t *wire_cbor_skip(struct wire_cbor *r, size_t *ret_len);

/**
 * wire_cbor_done(r):
 * Finish: return the sticky error, or ERR_PEER_TRUNCATED or _TRAILING if the
 * document has less or more than one item, or 0.
 */
MUST_CHECK int wire_cbor_done(const struct wire_cbor *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CBOR_LEVEL_H
#define WIRE_CBOR_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Where the reader and the writer of CBOR stand in nested arrays and maps:
 * how many items each of them has still to come, and the last key of each
 * map, so that the order of keys is checked as they pass.
 */

/* Arrays and maps within each other; tags do not count. */
#define WIRE_CBOR_DEPTH_MAX 8

struct wire_cbor_level {
	uint64_t left; /* items to come; a pair of a map is two */
	bool map;
	size_t key_at, key_len; /* where the last key's encoding is */
};

struct wire_cbor_levels {
	unsigned depth;
	struct wire_cbor_level at[WIRE_CBOR_DEPTH_MAX + 1];
};

/**
 * wire_cbor_levels_init(l):
 * Stand before a document of one item.
 */
void wire_cbor_levels_init(struct wire_cbor_levels *l);

/**
 * wire_cbor_levels_left(l):
 * Return how many items the innermost container has still to come.
 */
uint64_t wire_cbor_levels_left(const struct wire_cbor_levels *l);

/**
 * wire_cbor_levels_key(l):
 * Return whether the next item is a key of a map.
 */
bool wire_cbor_levels_key(const struct wire_cbor_levels *l);

/**
 * wire_cbor_levels_item(l, data, start, end):
 * An item that is no container was passed, data[start, end).  If it is a map
 * key it must follow the one before it in the bytewise order of encodings
 * (RFC 8949 section 4.2.1): ERR_PEER_DUPLICATE, ERR_PEER_ENCODING.
 */
MUST_CHECK int wire_cbor_levels_item(
    struct wire_cbor_levels *l, const uint8_t *data, size_t start, size_t end);

/**
 * wire_cbor_levels_enter(l, map, n):
 * Enter an array of ${n} elements or a map of ${n} pairs, n < 2^63.
 * ERR_PEER_DEPTH.
 */
MUST_CHECK int wire_cbor_levels_enter(
    struct wire_cbor_levels *l, bool map, uint64_t n);

/**
 * wire_cbor_levels_leave(l):
 * Leave the innermost container; ERR_PEER_MALFORMED if it is not at its end
 * or there is none.
 */
MUST_CHECK int wire_cbor_levels_leave(struct wire_cbor_levels *l);

#endif

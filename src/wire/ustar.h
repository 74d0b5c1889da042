/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_USTAR_H
#define WIRE_USTAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The header of a member of a POSIX ustar archive (POSIX.1-2017 pax). */
enum { WIRE_USTAR_BLOCK = 512, WIRE_USTAR_NAME_MAX = 257 };
#define WIRE_USTAR_SIZE_MAX (((uint64_t)1 << 33) - 1)

/* A plain file. */
struct wire_ustar {
	char name[WIRE_USTAR_NAME_MAX];
	uint64_t size;
	unsigned mode; /* the lowest nine bits */
};

/**
 * wire_ustar_encode(m, ret):
 * Write the header of ${m}, of time 0 and user 0.  A name above 100 is split
 * at a slash.  ERR_SYS_LIMIT for one that cannot be split or a size above
 * WIRE_USTAR_SIZE_MAX.
 */
MUST_CHECK int wire_ustar_encode(
    const struct wire_ustar *m, uint8_t ret[WIRE_USTAR_BLOCK]);

/**
 * wire_ustar_parse(block, ret):
 * Parse a header.  ERR_STATE_NOT_FOUND for the block of zeroes that ends an
 * archive, ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED for anything that is no
 * plain file.
 */
MUST_CHECK int wire_ustar_parse(
    const uint8_t block[WIRE_USTAR_BLOCK], struct wire_ustar *ret);

/**
 * wire_ustar_padding(size):
 * Return how many zeroes follow ${size} bytes of content.
 */
size_t wire_ustar_padding(uint64_t size);

#endif

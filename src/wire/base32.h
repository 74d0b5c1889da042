/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_BASE32_H
#define WIRE_BASE32_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Base32 (RFC 4648 section 6) without padding, for secrets that people copy
 * by hand: no jump and no address depends on a character's value.
 */

/* Characters of ${len} bytes, and the zero. */
#define WIRE_BASE32_ENCODED_MAX(len) (((len)*8 + 4) / 5 + 1)

/**
 * wire_base32_encode(data, len, out):
 * Encode ${len} bytes to ${out}, which has WIRE_BASE32_ENCODED_MAX(len)
 * bytes, in capitals; return the number of characters without the zero.
 */
size_t wire_base32_encode(const uint8_t *data, size_t len, char *out);

/**
 * wire_base32_decode(s, s_len, out, cap, ret_len):
 * Decode exactly ${s_len} characters, capitals or small letters.
 * ERR_PEER_MALFORMED for another character or a length that no bytes have,
 * ERR_PEER_ENCODING when unused bits are not zero, ERR_PEER_TOO_LARGE beyond
 * ${cap} bytes.  On failure ${out} is wiped and ${ret_len} unchanged.
 */
MUST_CHECK int wire_base32_decode(
    const char *s, size_t s_len, uint8_t *out, size_t cap, size_t *ret_len);

#endif

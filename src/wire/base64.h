/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_BASE64_H
#define WIRE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes needed to encode ${len} bytes with padding and a zero. */
#define WIRE_BASE64_ENCODED_MAX(len) (((len) + 2) / 3 * 4 + 1)

/* Enough bytes to decode ${len} characters. */
#define WIRE_BASE64_DECODED_MAX(len) ((len) / 4 * 3 + 3)

enum wire_base64_kind {
	WIRE_BASE64_STD, /* RFC 4648 section 4, padded */
	WIRE_BASE64_URL, /* RFC 4648 section 5, never padded (RFC 7515) */
	WIRE_BASE64_RAW, /* RFC 4648 section 4, never padded (age) */
};

/**
 * wire_base64_encode(kind, data, len, out):
 * Encode ${len} bytes to ${out}, which has WIRE_BASE64_ENCODED_MAX(len)
 * bytes; return the number of characters, not counting the zero.
 */
size_t wire_base64_encode(
    enum wire_base64_kind kind, const uint8_t *data, size_t len, char *out);

/**
 * wire_base64_decode(kind, s, s_len, out, cap, ret_len):
 * Decode exactly ${s_len} characters.  Only the canonical form is taken: no
 * white space, padding exactly as the kind says, unused bits zero; otherwise
 * ERR_PEER_MALFORMED or ERR_PEER_ENCODING.  ERR_PEER_TOO_LARGE beyond ${cap}
 * bytes.  ${ret_len} is unchanged on failure.
 */
MUST_CHECK int wire_base64_decode(enum wire_base64_kind kind, const char *s,
    size_t s_len, uint8_t *out, size_t cap, size_t *ret_len);

#endif

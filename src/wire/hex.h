/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_HEX_H
#define WIRE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * wire_hex_encode(data, len, out):
 * Write ${len} bytes as 2 * ${len} lower-case digits and a zero to ${out}.
 */
void wire_hex_encode(const uint8_t *data, size_t len, char *out);

/**
 * wire_hex_decode(s, s_len, out, cap, ret_len):
 * Decode ${s_len} hex digits of either case into ${out}.  ERR_PEER_MALFORMED
 * on another character or an odd number, ERR_PEER_TOO_LARGE beyond ${cap}
 * bytes; ${ret_len} is unchanged on failure.
 */
MUST_CHECK int wire_hex_decode(
    const char *s, size_t s_len, uint8_t *out, size_t cap, size_t *ret_len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_BECH32_H
#define WIRE_BECH32_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Bech32 (BIP 173) as age uses it: a human-readable part, "1", the data in
 * groups of five bits, a checksum of six characters, without BIP 173's limit
 * of 90 characters.
 */
#define WIRE_BECH32_TEXT_MAX 1024

/* Characters for ${len} bytes behind a prefix of ${prefix}, and the zero. */
#define WIRE_BECH32_ENCODED_MAX(prefix, len)                                   \
	((prefix) + 1 + ((len)*8 + 4) / 5 + 7)

/**
 * wire_bech32_encode(prefix, data, len, out):
 * Write the text of ${len} bytes behind the lower-case ${prefix}, in lower
 * case; ${out} has WIRE_BECH32_ENCODED_MAX bytes.  Return the number of
 * characters.
 */
size_t wire_bech32_encode(
    const char *prefix, const uint8_t *data, size_t len, char *out);

/**
 * wire_bech32_decode(prefix, s, out, len):
 * Decode ${s}, which must be exactly ${len} bytes behind ${prefix} (given in
 * lower case), all in one case.  ERR_PEER_MALFORMED, ERR_PEER_ENCODING for a
 * wrong checksum or bits left over; ${out} is wiped then.
 */
MUST_CHECK int wire_bech32_decode(
    const char *prefix, const char *s, uint8_t *out, size_t len);

#endif

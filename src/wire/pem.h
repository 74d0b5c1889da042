/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_PEM_H
#define WIRE_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/**
 * wire_pem_encode(label, der, len, out):
 * Append ${len} bytes as a PEM block (RFC 7468, 64 characters a line) with
 * ${label}, such as "CERTIFICATE", to ${out}.  Errors as base_buf_append.
 */
MUST_CHECK int wire_pem_encode(
    const char *label, const uint8_t *der, size_t len, struct buf *out);

/**
 * wire_pem_next(text, len, pos, label, out):
 * Find the next PEM block labelled ${label} at or after offset *${pos} of the
 * ${len} bytes ${text}, skipping other blocks and explanatory text (RFC 7468
 * section 5.2).  Append its bytes to ${out} and move *${pos} behind it.
 * ERR_STATE_NOT_FOUND when there is none, ERR_PEER_MALFORMED when a block
 * does not end or is not base64; CRLF line ends are accepted.  *${pos} and
 * ${out} are unchanged on failure.
 */
MUST_CHECK int wire_pem_next(const char *text, size_t len, size_t *pos,
    const char *label, struct buf *out);

#endif

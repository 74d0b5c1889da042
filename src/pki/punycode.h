/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PUNYCODE_H
#define PKI_PUNYCODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { PKI_PUNYCODE_POINTS_MAX = 63 };

/**
 * pki_punycode_decode(in, len, out, ret_n):
 * Decode the part of an A-label after "xn--" (RFC 3492 section 6.2), lower
 * case only, into at most PKI_PUNYCODE_POINTS_MAX code points.
 * ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int pki_punycode_decode(const char *in, size_t len,
    uint32_t out[PKI_PUNYCODE_POINTS_MAX], size_t *ret_n);

/**
 * pki_punycode_encode(in, n, out, cap, ret_len):
 * Encode code points (RFC 3492 section 6.3) without terminating zero.
 * ERR_SYS_LIMIT when ${cap} is too small.
 */
MUST_CHECK int pki_punycode_encode(
    const uint32_t *in, size_t n, char *out, size_t cap, size_t *ret_len);

#endif

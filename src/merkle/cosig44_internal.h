/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_COSIG44_INTERNAL_H
#define MERKLE_COSIG44_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * merkle_cosig44_verify(pub, msg, len, sig):
 * Check the 2420 octets ${sig} as an ML-DSA-44 signature, without context, by
 * the 1312 octets ${pub}.  ERR_PEER_SIGNATURE, ERR_PEER_KEY, ERR_SYS codes.
 */
MUST_CHECK int merkle_cosig44_verify(
    const uint8_t *pub, const uint8_t *msg, size_t len, const uint8_t *sig);

#endif

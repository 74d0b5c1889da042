/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_ECDSA_H
#define CRYPTO_ECDSA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Longest DER signature over P-256 and P-384. */
#define CRYPTO_ECDSA_P256_DER_MAX 72
#define CRYPTO_ECDSA_P384_DER_MAX 104

/*
 * Signing and verifying with ECDSA is done through crypto/pkey.h.  Here is
 * the translation between the two encodings of a signature: DER
 * (Ecdsa-Sig-Value, RFC 3279) as in X.509 and TLS, and r || s of fixed
 * length as in JOSE (RFC 7518 section 3.4).
 */

/**
 * crypto_ecdsa_raw_to_der(raw, raw_len, der, cap, ret_len):
 * Translate r || s of 64 or 96 bytes.  ERR_PEER_MALFORMED for another length
 * or zero r or s; ERR_SYS_LIMIT when ${der} is too small.
 */
MUST_CHECK int crypto_ecdsa_raw_to_der(const uint8_t *raw, size_t raw_len,
    uint8_t *der, size_t cap, size_t *ret_len);

/**
 * crypto_ecdsa_der_to_raw(der, der_len, raw, raw_len):
 * Translate a strict DER signature to r || s of exactly ${raw_len} (64 or 96)
 * bytes.  ERR_PEER_ENCODING or ERR_PEER_MALFORMED; ${raw} is unchanged then.
 */
MUST_CHECK int crypto_ecdsa_der_to_raw(
    const uint8_t *der, size_t der_len, uint8_t *raw, size_t raw_len);

#endif

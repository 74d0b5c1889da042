/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_RSA_H
#define PKI_RSA_H

#include "base/err.h"
#include "pki/bytes.h"

/**
 * pki_rsa_check(modulus, exponent, ret_why):
 * Check an RSA public key given as big-endian magnitudes: 2048..4096 bits,
 * e = 65537, odd, no prime factor below 752, not of the form of
 * CVE-2017-15361 (ROCA), not a product of close primes (100 rounds of
 * Fermat's method).  ERR_PEER_KEY with a static text in ${ret_why} (may be
 * NULL), ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_rsa_check(
    struct pki_bytes modulus, struct pki_bytes exponent, const char **ret_why);

#endif

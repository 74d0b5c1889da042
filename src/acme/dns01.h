/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_DNS01_H
#define ACME_DNS01_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The dns-01 challenge (RFC 8555 section 8.4). */
enum { ACME_DNS01_NAME_MAX = 253, ACME_DNS01_DIGEST_LEN = 43 };

/**
 * acme_dns01_name(base, out):
 * Write the name whose TXT records are asked for, and a zero.  ERR_SYS_LIMIT
 * when it is longer than a domain name may be.
 */
MUST_CHECK int acme_dns01_name(
    const char *base, char out[ACME_DNS01_NAME_MAX + 1]);

/**
 * acme_dns01_digest(keyauth, out):
 * Write what a record must hold, the base64url of the key authorization's
 * SHA-256, and a zero.
 */
void acme_dns01_digest(
    const char *keyauth, char out[ACME_DNS01_DIGEST_LEN + 1]);

/**
 * acme_dns01_match(rdata, len, digest):
 * Return whether a TXT record's data (RFC 1035 section 3.3.14), its character
 * strings taken as one text, is ${digest}.  Malformed data is not.
 */
bool acme_dns01_match(const uint8_t *rdata, size_t len, const char *digest);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_TLSALPN01_H
#define ACME_TLSALPN01_H

#include <stddef.h>
#include <stdint.h>

#include "acme/ident_type.h"
#include "base/err.h"

struct acme_problem;

/* The tls-alpn-01 challenge (RFC 8737, for addresses RFC 8738 section 6). */
#define ACME_TLSALPN01_PROTOCOL "acme-tls/1"
enum { ACME_TLSALPN01_SNI_MAX = 253 };

/**
 * acme_tlsalpn01_sni(ident, out):
 * Write the server name to ask for, and a zero: the name itself, or for an
 * address its name in in-addr.arpa or ip6.arpa.  ERR_SYS_LIMIT when
 * ${ident} is neither.
 */
MUST_CHECK int acme_tlsalpn01_sni(
    const struct acme_ident *ident, char out[ACME_TLSALPN01_SNI_MAX + 1]);

/**
 * acme_tlsalpn01_check(cert, len, ident, keyauth, problem):
 * Judge the certificate of a handshake.  0 if it has ${ident} as its only
 * alternative name and a critical acmeIdentifier with the SHA-256 of
 * ${keyauth} (RFC 8737 section 3); ERR_STATE_REFUSED with ${problem}
 * (unauthorized); ERR_SYS_NOMEM.
 */
MUST_CHECK int acme_tlsalpn01_check(const uint8_t *cert, size_t len,
    const struct acme_ident *ident, const char *keyauth,
    struct acme_problem *problem);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_THUMBPRINT_H
#define TRUSTCHAIN_CA_THUMBPRINT_H

#include "base/err.h"
#include "pki/bytes.h"

enum { CA_THUMBPRINT_LEN = 43 };

/**
 * ca_thumbprint_of(spki, out):
 * Write the RFC 7638 thumbprint that the DER SubjectPublicKeyInfo has as a
 * JSON Web Key, base64url and terminated: by it the store finds the ACME
 * account that owns a key.  ERR_PEER_UNSUPPORTED for a kind that no account
 * has, ERR_PEER_MALFORMED, ERR_SYS_CRYPTO.
 */
MUST_CHECK int ca_thumbprint_of(
    struct pki_bytes spki, char out[CA_THUMBPRINT_LEN + 1]);

#endif

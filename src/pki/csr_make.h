/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CSR_MAKE_H
#define PKI_CSR_MAKE_H

#include "base/err.h"
#include "pki/bytes.h"

enum { PKI_CSR_CN_MAX = 64, PKI_CSR_MADE_MAX = 16384 };

/**
 * pki_csr_make_info(cn, spki, out, cap, ret_len):
 * Write the CertificationRequestInfo (RFC 2986 section 4.1) of an
 * intermediate: subject CN=${cn}, its key, and a request for critical
 * basicConstraints CA pathlen 0 and keyUsage certSign cRLSign.
 * ERR_SYS_LIMIT.
 * pki_csr_make_whole(info, spki, signature, out, cap, ret_len):
 * Write the request of a signed info; the algorithm is that of the key.
 * ERR_PEER_KEY, ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_csr_make_info(const char *cn, struct pki_bytes spki,
    uint8_t *out, size_t cap, size_t *ret_len);
MUST_CHECK int pki_csr_make_whole(struct pki_bytes info, struct pki_bytes spki,
    struct pki_bytes signature, uint8_t *out, size_t cap, size_t *ret_len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CT_INTERNAL_H
#define PKI_CT_INTERNAL_H

#include "pki/ct.h"

/**
 * pki_ct_tls_parse(tls, ret, ret_n), pki_ct_tls_encode(scts, n, out, ...):
 * Read and write SignedCertificateTimestampList (RFC 6962 section 3.3)
 * without the OCTET STRING around it.  Errors as pki_ct_list_parse and
 * pki_ct_list_encode.
 */
MUST_CHECK int pki_ct_tls_parse(
    struct pki_bytes tls, struct pki_ct_sct *ret, size_t *ret_n);
MUST_CHECK int pki_ct_tls_encode(const struct pki_ct_sct *scts, size_t n,
    uint8_t *out, size_t cap, size_t *ret_len);

#endif

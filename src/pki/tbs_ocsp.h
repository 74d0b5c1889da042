/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TBS_OCSP_H
#define PKI_TBS_OCSP_H

#include "base/err.h"
#include "pki/bytes.h"

/* The certificate of a delegated OCSP signer (RFC 6960 section 4.2.2.2). */
struct pki_cert;

struct pki_tbs_signer {
	const struct pki_cert *issuer;
	const char *cn;
	uint8_t serial[16];
	int64_t not_before_ms;
	int64_t not_after_ms;
	struct pki_bytes spki;
};

/**
 * pki_tbs_ocsp_signer(in, out, cap, ret_len):
 * Write the TBSCertificate of a delegated OCSP signer: keyUsage
 * digitalSignature, EKU OCSPSigning, id-pkix-ocsp-nocheck, key identifiers.
 * Errors as pki_tbs_leaf.
 */
MUST_CHECK int pki_tbs_ocsp_signer(
    const struct pki_tbs_signer *in, uint8_t *out, size_t cap, size_t *ret_len);

#endif

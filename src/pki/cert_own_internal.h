/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_OWN_INTERNAL_H
#define PKI_CERT_OWN_INTERNAL_H

#include "base/err.h"
#include "pki/bytes.h"

/* Certificates without OpenSSL's view of them. */
struct pki_cert;

/**
 * pki_cert_asn1_agrees(tbs):
 * Have OpenSSL's ASN.1 parser read a TBSCertificate and write the same octets.
 * ERR_PEER_MALFORMED, ERR_PEER_ENCODING, ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_cert_asn1_agrees(struct pki_bytes tbs);

/**
 * pki_cert_verify_own(c, issuer):
 * pki_cert_verify for one that was parsed without OpenSSL's view.
 */
MUST_CHECK int pki_cert_verify_own(
    const struct pki_cert *c, const struct pki_cert *issuer);

#endif

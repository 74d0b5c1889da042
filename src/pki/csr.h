/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CSR_H
#define PKI_CSR_H

#include "base/err.h"
#include "pki/bytes.h"

/*
 * PKCS#10 certification requests (RFC 2986).  Only the key, the common name
 * and the alternative names are ever taken from one.
 */
struct pki_csr;
struct pki_san_list; /* pki/san.h */

enum { PKI_CSR_DER_MAX = 65536 };

/**
 * pki_csr_parse(der, ret), pki_csr_parse_any(input, ret):
 * Parse a request, in DER, or in DER or one PEM block, strictly (as
 * pki_cert_parse does) and verify its signature. ERR_PEER_TOO_LARGE,
 * ERR_PEER_MALFORMED, ERR_PEER_ENCODING, ERR_PEER_TRAILING, ERR_PEER_DEPTH,
 * ERR_PEER_DUPLICATE, ERR_PEER_KEY (a key OpenSSL cannot use),
 * ERR_PEER_SIGNATURE, ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_csr_parse(struct pki_bytes der, struct pki_csr **ret);
MUST_CHECK int pki_csr_parse_any(struct pki_bytes input, struct pki_csr **ret);

/** pki_csr_free(c): free ${c}; NULL is allowed. */
void pki_csr_free(struct pki_csr *c);

/** pki_csr_spki(c): the DER SubjectPublicKeyInfo, valid as long as ${c}. */
struct pki_bytes pki_csr_spki(const struct pki_csr *c);

/**
 * pki_csr_names(c, ret):
 * Store the requested names: those of the subjectAltName extension request,
 * and the common name (an IP literal as address, else as DNS name in lower
 * case) if it is not among them.  Errors as pki_san_parse; ERR_PEER_NAME for
 * a common name that is no name.
 */
MUST_CHECK int pki_csr_names(const struct pki_csr *c, struct pki_san_list *ret);

/**
 * pki_csr_basic(c, ret_ca, ret_pathlen):
 * Store what the basicConstraints asked for say (pki_basic_parse).
 * ERR_STATE_NOT_FOUND when none are.
 */
MUST_CHECK int pki_csr_basic(
    const struct pki_csr *c, bool *ret_ca, int *ret_pathlen);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_ROOTS_H
#define PKI_ROOTS_H

#include "base/err.h"
#include "pki/bytes.h"

/* A set of trusted self-signed certificates. */
struct pki_cert;
struct pki_roots;

/**
 * pki_roots_new(ret), pki_roots_free(r):
 * Make an empty set, ERR_SYS_NOMEM; free one, NULL is allowed.
 */
MUST_CHECK int pki_roots_new(struct pki_roots **ret);
void pki_roots_free(struct pki_roots *r);

/**
 * pki_roots_add(r, der):
 * Add one self-signed CA certificate.  Errors as pki_cert_parse, and
 * ERR_STATE_REFUSED when it is not self-signed or not a CA.
 */
MUST_CHECK int pki_roots_add(struct pki_roots *r, struct pki_bytes der);

/**
 * pki_roots_add_pem(r, pem, ret_n):
 * Add every CERTIFICATE block of a PEM text; ${ret_n} (may be NULL) gets
 * their number.  Errors as above; ERR_PEER_MALFORMED when there is none.
 */
MUST_CHECK int pki_roots_add_pem(
    struct pki_roots *r, struct pki_bytes pem, size_t *ret_n);

/**
 * pki_roots_count(r), pki_roots_get(r, i):
 * Return how many roots there are, and root ${i}, owned by the set.
 */
size_t pki_roots_count(const struct pki_roots *r);
const struct pki_cert *pki_roots_get(const struct pki_roots *r, size_t i);

/**
 * pki_roots_parse(r, der, ret):
 * pki_cert_parse for the certificate of an issuer: one that pki_chain_verify
 * has seen above a leaf is not parsed again.
 */
MUST_CHECK int pki_roots_parse(
    const struct pki_roots *r, struct pki_bytes der, struct pki_cert **ret);

#endif

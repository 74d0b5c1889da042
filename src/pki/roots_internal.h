/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_ROOTS_INTERNAL_H
#define PKI_ROOTS_INTERNAL_H

#include <openssl/types.h>

struct pki_cert;
struct pki_known;
struct pki_roots;

/**
 * pki_roots_store(r):
 * Return OpenSSL's view of the set, owned by ${r}.
 */
X509_STORE *pki_roots_store(const struct pki_roots *r);

/**
 * pki_roots_find(r, x), pki_roots_known(r):
 * Return the root that is this object of OpenSSL's, or NULL; what is known
 * about paths to these roots.  Both are owned by ${r}.
 */
const struct pki_cert *pki_roots_find(const struct pki_roots *r, const X509 *x);
struct pki_known *pki_roots_known(const struct pki_roots *r);

#endif

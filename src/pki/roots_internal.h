/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_ROOTS_INTERNAL_H
#define PKI_ROOTS_INTERNAL_H

#include <openssl/types.h>

struct pki_roots;

/**
 * pki_roots_store(r):
 * Return OpenSSL's view of the set, owned by ${r}.
 */
X509_STORE *pki_roots_store(const struct pki_roots *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_KNOWN_H
#define PKI_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/*
 * What was found out about certificates of CAs and stays true: their parsed
 * form, and that the signatures of a whole path of them, octet for octet this
 * one, verify up to its root.  Nothing that depends on a leaf, on the time or
 * on anything else is remembered.  A slot is taken over by what comes later,
 * so the memory is bounded and what is forgotten is only done again.  Any
 * thread.
 */
struct pki_cert;
struct pki_known;

enum {
	PKI_KNOWN_CERTS_MAX = 256,
	PKI_KNOWN_PATHS_MAX = 256,
	/* Larger certificates are parsed each time. */
	PKI_KNOWN_DER_MAX = 8192
};

/**
 * pki_known_new(ret), pki_known_free(k):
 * Make an empty memory, ERR_SYS_NOMEM; free one, NULL is allowed.
 */
MUST_CHECK int pki_known_new(struct pki_known **ret);
void pki_known_free(struct pki_known *k);

/**
 * pki_known_cert(k, der):
 * Return the certificate of these octets, to be given to pki_cert_free, or
 * NULL.
 * pki_known_keep(k, c):
 * Remember ${c}.
 */
struct pki_cert *pki_known_cert(struct pki_known *k, struct pki_bytes der);
void pki_known_keep(struct pki_known *k, const struct pki_cert *c);

/**
 * pki_known_path(k, path, n), pki_known_keep_path(k, path, n):
 * Return whether the signatures of the path path[0] ... path[n - 1], the last
 * one its root, are known to verify; remember that they do.
 */
bool pki_known_path(
    struct pki_known *k, const struct pki_cert *const *path, size_t n);
void pki_known_keep_path(
    struct pki_known *k, const struct pki_cert *const *path, size_t n);

#endif

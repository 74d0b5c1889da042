/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CHAIN_H
#define PKI_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Path validation by X509_verify_cert against a fixed set of roots.
 */
struct pki_cert;
struct pki_roots;

enum { PKI_CHAIN_LEN_MAX = 10 };

/* The verified path: [0] the leaf ... [n - 1] the root. */
struct pki_path {
	size_t n;
	struct pki_cert *cert[PKI_CHAIN_LEN_MAX + 1];
};

/**
 * pki_chain_verify(roots, chain, n, at_ms, ret):
 * Verify that chain[0] leads through chain[1 ... n - 1], used in that order
 * and each of them used, to one of ${roots}, which may itself be the last
 * element: signatures, CA flags, path lengths, key usage, name constraints,
 * critical extensions (the CT poison is understood in a leaf).  ${at_ms} is
 * the time of validation, or -1 to leave times unchecked as a log does.  On
 * success ${ret} (may be NULL) holds the whole path and must be given to
 * pki_path_fini.  ERR_PEER_UNTRUSTED (no root), ERR_PEER_SIGNATURE,
 * ERR_PEER_TOO_LARGE (n > 10), ERR_PEER_MISMATCH (unused certificate or other
 * rule broken), ERR_STATE_EXPIRED, ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_chain_verify(const struct pki_roots *roots,
    const struct pki_cert *const *chain, size_t n, int64_t at_ms,
    struct pki_path *ret);

/**
 * pki_path_fini(p):
 * Free the certificates of a path; a zeroed one is allowed.
 */
void pki_path_fini(struct pki_path *p);

#endif

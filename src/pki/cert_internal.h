/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_INTERNAL_H
#define PKI_CERT_INTERNAL_H

#include <openssl/types.h>

#include "base/err.h"
#include "pki/bytes.h"
#include "pki/oid.h"

struct pki_cert;

enum { PKI_CERT_EXT_MAX = 32 };

struct pki_cert_ext {
	enum pki_oid id; /* PKI_OID_COUNT = none we know */
	bool critical;
	struct pki_bytes oid;
	struct pki_bytes value;
	struct pki_bytes der; /* the whole Extension */
};

/**
 * pki_cert_ref(c), pki_cert_x509(c), pki_cert_exts(c, ret_n):
 * Return ${c} for one more owner, on any thread, who gives it to
 * pki_cert_free; OpenSSL's view of it, owned by ${c}, NULL when it was parsed
 * without; its extensions in the order of the certificate.
 */
struct pki_cert *pki_cert_ref(const struct pki_cert *c);
X509 *pki_cert_x509(const struct pki_cert *c);
const struct pki_cert_ext *pki_cert_exts(
    const struct pki_cert *c, size_t *ret_n);

/**
 * pki_cert_ext_next(in, ret):
 * Read one Extension from the front of a list of them.  ERR_PEER_MALFORMED,
 * ERR_PEER_ENCODING (criticality FALSE spelled out).
 */
MUST_CHECK int pki_cert_ext_next(
    struct pki_bytes *in, struct pki_cert_ext *ret);

#endif

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
 * pki_cert_x509(c):
 * Return OpenSSL's view of the certificate, owned by ${c}.
 */
X509 *pki_cert_x509(const struct pki_cert *c);

/**
 * pki_cert_exts(c, ret_n):
 * Return the extensions in the order of the certificate.
 */
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

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_H
#define PKI_CERT_H

#include "base/err.h"
#include "pki/bytes.h"
#include "pki/oid.h"
#include "pki/usage.h"

/* One parsed certificate; every pki_bytes handed out lives as long as it. */
struct pki_cert;
struct pki_san_list; /* pki/san.h */

enum { PKI_CERT_DER_MAX = 65536 };

/**
 * pki_cert_parse(der, ret), pki_cert_parse_own(der, ret),
 * pki_cert_parse_tbs(tbs, ret):
 * Parse one certificate of version 3, or a TBSCertificate as if it were in a
 * certificate with an empty signature, by OpenSSL, which must re-encode it to
 * the same octets, and by the strict reader.  The last two leave the public
 * key undecoded: what we make ourselves is in no chain yet.  ERR_PEER_*:
 * TOO_LARGE (65,536 octets), MALFORMED, ENCODING, TRAILING, DEPTH, DUPLICATE
 * (an extension twice), MISMATCH (inner and outer algorithm); ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_cert_parse(struct pki_bytes der, struct pki_cert **ret);
MUST_CHECK int pki_cert_parse_own(struct pki_bytes der, struct pki_cert **ret);
MUST_CHECK int pki_cert_parse_tbs(struct pki_bytes tbs, struct pki_cert **ret);

/**
 * pki_cert_free(c):
 * Free ${c}; NULL is allowed.
 */
void pki_cert_free(struct pki_cert *c);

/**
 * pki_cert_der(c), pki_cert_tbs(c), pki_cert_issuer(c), pki_cert_subject(c),
 * pki_cert_serial(c), pki_cert_spki(c), pki_cert_algorithm(c),
 * pki_cert_signature(c):
 * Return the octets of one part: the whole certificate, the TBSCertificate,
 * the Names of issuer and subject, the INTEGER content octets of the serial
 * number, the SubjectPublicKeyInfo, the inner AlgorithmIdentifier, the
 * signature (without the unused-bits octet).
 */
struct pki_bytes pki_cert_der(const struct pki_cert *c);
struct pki_bytes pki_cert_tbs(const struct pki_cert *c);
struct pki_bytes pki_cert_issuer(const struct pki_cert *c);
struct pki_bytes pki_cert_subject(const struct pki_cert *c);
struct pki_bytes pki_cert_serial(const struct pki_cert *c);
struct pki_bytes pki_cert_spki(const struct pki_cert *c);
struct pki_bytes pki_cert_algorithm(const struct pki_cert *c);
struct pki_bytes pki_cert_signature(const struct pki_cert *c);

/**
 * pki_cert_not_before_ms(c), pki_cert_not_after_ms(c):
 * Return the first and the last second of validity, in unix milliseconds.
 */
int64_t pki_cert_not_before_ms(const struct pki_cert *c);
int64_t pki_cert_not_after_ms(const struct pki_cert *c);

/**
 * pki_cert_is_precert(c):
 * Return whether the critical CT poison (RFC 6962 section 3.1) is present.
 * pki_cert_is_ca(c, ret_pathlen), pki_cert_key_usage(c), pki_cert_eku(c):
 * Return whether BasicConstraints says CA (${ret_pathlen}, may be NULL, gets
 * the path length, -1 without one); the set of keyUsage bits; the set of
 * enum pki_eku.  0 without the extension.
 */
bool pki_cert_is_precert(const struct pki_cert *c);
bool pki_cert_is_ca(const struct pki_cert *c, int *ret_pathlen);
unsigned pki_cert_key_usage(const struct pki_cert *c);
unsigned pki_cert_eku(const struct pki_cert *c);

/**
 * pki_cert_extension(c, oid, ret_value, ret_critical):
 * Return whether the extension is present; its value (content of the OCTET
 * STRING) and criticality are stored where the pointers are not NULL.
 */
bool pki_cert_extension(const struct pki_cert *c, enum pki_oid oid,
    struct pki_bytes *ret_value, bool *ret_critical);

/**
 * pki_cert_sans(c, ret):
 * Store the subject alternative names, none if the extension is absent.
 * Errors as pki_san_parse.
 */
MUST_CHECK int pki_cert_sans(
    const struct pki_cert *c, struct pki_san_list *ret);

/**
 * pki_cert_verify(c, issuer):
 * Verify that ${c} is signed by the key of ${issuer}, nothing else.
 * ERR_PEER_SIGNATURE, ERR_SYS_CRYPTO; of our own also ERR_PEER_MISMATCH.
 */
MUST_CHECK int pki_cert_verify(
    const struct pki_cert *c, const struct pki_cert *issuer);

/**
 * pki_cert_assemble(tbs, signature, out, cap, ret_len):
 * Write Certificate = TBS, the TBS's own AlgorithmIdentifier, signature.
 * ERR_PEER_MALFORMED when the TBS is none, ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_cert_assemble(struct pki_bytes tbs,
    struct pki_bytes signature, uint8_t *out, size_t cap, size_t *ret_len);

#endif

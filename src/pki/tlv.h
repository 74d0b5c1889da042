/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TLV_H
#define PKI_TLV_H

#include "base/err.h"
#include "pki/bytes.h"
#include "pki/tag.h"

/*
 * Strict DER reader.  It finds ranges inside input that OpenSSL has also
 * accepted; it interprets nothing.
 */
struct pki_tlv {
	unsigned tag;	      /* identifier octet; low tag numbers only */
	struct pki_bytes der; /* identifier, length and content */
	struct pki_bytes val; /* content octets */
};

/**
 * pki_tlv_next(in, ret), pki_tlv_expect(in, tag, ret):
 * Read the first value of ${in} into ${ret} and advance ${in} past it; the
 * second gives ERR_PEER_MALFORMED unless the identifier is ${tag}.
 * ERR_PEER_TRUNCATED, ERR_PEER_ENCODING (high tag number, indefinite or
 * non-minimal length); nothing is changed on failure.
 */
MUST_CHECK int pki_tlv_next(struct pki_bytes *in, struct pki_tlv *ret);
MUST_CHECK int pki_tlv_expect(
    struct pki_bytes *in, unsigned tag, struct pki_tlv *ret);

/**
 * pki_tlv_optional(in, tag, ret):
 * Return true and read the value if the next identifier is ${tag} and the
 * value is well-formed; else return false and change nothing.
 */
bool pki_tlv_optional(struct pki_bytes *in, unsigned tag, struct pki_tlv *ret);

/**
 * pki_tlv_check(der):
 * Check that ${der} is exactly one value in DER, at every level: minimal
 * lengths and integers, BOOLEAN 00 or FF, zero padding bits, primitive
 * strings, SET OF in order, no tag class or type a certificate has no use
 * for.  ERR_PEER_TRUNCATED, ERR_PEER_TRAILING, ERR_PEER_ENCODING,
 * ERR_PEER_DEPTH (more than 16 levels).
 */
MUST_CHECK int pki_tlv_check(struct pki_bytes der);

/**
 * pki_tlv_time(tlv, ret_unix_ms), pki_tlv_generalized(tlv, ret_unix_ms):
 * Read a Time in the one form RFC 5280 allows for its year; a GeneralizedTime
 * of any year (RFC 6960 section 4.2.2).  ERR_PEER_MALFORMED.
 */
MUST_CHECK int pki_tlv_time(const struct pki_tlv *tlv, int64_t *ret_unix_ms);
MUST_CHECK int pki_tlv_generalized(
    const struct pki_tlv *tlv, int64_t *ret_unix_ms);

#endif

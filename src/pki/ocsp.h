/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_OCSP_H
#define PKI_OCSP_H

#include "base/err.h"
#include "pki/bytes.h"

/*
 * Requests of the Online Certificate Status Protocol (RFC 6960; nonces as in
 * RFC 9654).  Responses are in pki/ocsp_response.h.
 */
enum {
	PKI_OCSP_REQUEST_MAX = 16384, /* octets of a request */
	PKI_OCSP_CERTS_MAX = 16,      /* certificates asked about at once */
	PKI_OCSP_SERIAL_MAX = 20,     /* RFC 5280 section 4.1.2.2 */
	PKI_OCSP_NONCE_MAX = 128,     /* RFC 9654 section 2.1 */
};

enum pki_ocsp_hash { PKI_OCSP_SHA1, PKI_OCSP_SHA256, PKI_OCSP_HASH_OTHER };

/* One CertID of a request. */
struct pki_ocsp_id {
	enum pki_ocsp_hash hash;
	struct pki_bytes der; /* the whole CertID, to be echoed */
	struct pki_bytes name_hash, key_hash;
	struct pki_bytes serial; /* content octets */
};

/* Everything borrows from the request's octets. */
struct pki_ocsp_request {
	size_t n;
	struct pki_ocsp_id id[PKI_OCSP_CERTS_MAX];
	struct pki_bytes nonce; /* data NULL: none */
};

/**
 * pki_ocsp_request_parse(der, ret):
 * Parse an OCSPRequest in strict DER; a signature on it is not looked at.
 * ERR_PEER_TOO_LARGE (octets, certificates), ERR_PEER_MALFORMED (also a nonce
 * that is empty or longer than PKI_OCSP_NONCE_MAX), ERR_PEER_UNSUPPORTED (a
 * critical extension), ERR_PEER_DUPLICATE (a nonce twice) and the errors of
 * pki_tlv_check.  ${ret} is undefined on failure.
 */
MUST_CHECK int pki_ocsp_request_parse(
    struct pki_bytes der, struct pki_ocsp_request *ret);

/**
 * pki_ocsp_key_hash(spki, hash, out, ret_len),
 * pki_ocsp_name_hash(name, hash, out, ret_len):
 * Hash a key's bits, or the DER of a Name, as a CertID and a responder's byKey
 * do; ${out} has 32 bytes.  ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED,
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int pki_ocsp_key_hash(struct pki_bytes spki, enum pki_ocsp_hash hash,
    uint8_t out[32], size_t *ret_len);
MUST_CHECK int pki_ocsp_name_hash(struct pki_bytes name,
    enum pki_ocsp_hash hash, uint8_t out[32], size_t *ret_len);

#endif

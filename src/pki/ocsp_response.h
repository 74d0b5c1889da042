/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_OCSP_RESPONSE_H
#define PKI_OCSP_RESPONSE_H

#include "base/err.h"
#include "pki/bytes.h"

/* OCSP responses (RFC 6960 section 4.2), written octet by octet. */
enum {
	PKI_OCSP_KEY_HASH_LEN = 20, /* SHA-1, RFC 6960 section 4.2.1 */
	PKI_OCSP_SINGLES_MAX = 16,
	PKI_OCSP_ERROR_LEN = 5,
	PKI_OCSP_DATA_MAX = 8192, /* octets of a ResponseData of ours */
};

enum pki_ocsp_status { PKI_OCSP_GOOD, PKI_OCSP_REVOKED, PKI_OCSP_UNKNOWN };

/* What a response says of one certificate. */
struct pki_ocsp_single {
	struct pki_bytes id; /* CertID */
	enum pki_ocsp_status status;
	int64_t revoked_ms;
	unsigned reason; /* RFC 5280 section 5.3.1; 0 is left out */
	int64_t this_ms, next_ms;
};

/* A ResponseData; the responder is named by the hash of its key. */
struct pki_ocsp_data {
	uint8_t key_hash[PKI_OCSP_KEY_HASH_LEN];
	int64_t produced_ms;
	size_t n;
	const struct pki_ocsp_single *single;
	struct pki_bytes nonce; /* len 0: none */
};

/**
 * pki_ocsp_data_encode(in, out, cap, ret_len):
 * Write the ResponseData, which is what the responder signs.  ERR_SYS_LIMIT,
 * ERR_STATE_REFUSED (a time that has no form).
 */
MUST_CHECK int pki_ocsp_data_encode(
    const struct pki_ocsp_data *in, uint8_t *out, size_t cap, size_t *ret_len);

/* The times of a ResponseData, for whoever is asked to sign it. */
struct pki_ocsp_times {
	uint8_t key_hash[PKI_OCSP_KEY_HASH_LEN];
	int64_t produced_ms;
	int64_t this_first_ms, this_last_ms; /* of all thisUpdate */
	int64_t life_max_ms; /* longest nextUpdate - thisUpdate */
};

/**
 * pki_ocsp_data_parse(der, ret):
 * Read a ResponseData of 1 to PKI_OCSP_SINGLES_MAX responses, each with a
 * nextUpdate, whose responder is named by key.  ERR_PEER_MALFORMED,
 * ERR_PEER_UNSUPPORTED (byName), ERR_PEER_TOO_LARGE and the errors of
 * pki_tlv_check.
 */
MUST_CHECK int pki_ocsp_data_parse(
    struct pki_bytes der, struct pki_ocsp_times *ret);

/* A signed ResponseData, signed with ECDSA and SHA-256. */
struct pki_ocsp_signed {
	struct pki_bytes data;
	struct pki_bytes signature; /* DER */
	struct pki_bytes cert;	    /* of the delegated signer; len 0: none */
};

/**
 * pki_ocsp_response_encode(in, out, cap, ret_len):
 * Write the OCSPResponse `successful'.  ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_ocsp_response_encode(const struct pki_ocsp_signed *in,
    uint8_t *out, size_t cap, size_t *ret_len);

/* OCSPResponseStatus without an answer (RFC 6960 section 4.2.1). */
enum pki_ocsp_error {
	PKI_OCSP_MALFORMED_REQUEST = 1,
	PKI_OCSP_INTERNAL_ERROR = 2,
	PKI_OCSP_TRY_LATER = 3,
	PKI_OCSP_UNAUTHORIZED = 6,
};

/**
 * pki_ocsp_error_encode(e, out):
 * Write an OCSPResponse without responseBytes.
 */
void pki_ocsp_error_encode(
    enum pki_ocsp_error e, uint8_t out[PKI_OCSP_ERROR_LEN]);

#endif

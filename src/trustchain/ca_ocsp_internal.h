/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_OCSP_INTERNAL_H
#define TRUSTCHAIN_CA_OCSP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "pki/ocsp.h"
#include "pki/ocsp_response.h"
#include "trustchain/ca_ocsp.h"

struct ca_signer_ready;
struct lru;

enum {
	CA_OCSP_PENDING_MAX = 4096, /* signatures waited for */
	/* Answers a second that cannot be kept, besides those with a nonce:
	 * about serials that are unknown, and about several. */
	CA_OCSP_UNKEPT_PER_S = 500,
	CA_OCSP_SIG_MAX = 72,
	CA_OCSP_RESPONSE_MAX = PKI_OCSP_DATA_MAX + 16384 + 512,
};

/* How a CertID names an issuer, for each hash. */
struct ca_ocsp_issuer {
	uint8_t name[2][32], key[2][32];
	size_t len[2];
};

/* Which answer: all that its CertID may differ in. */
struct ca_ocsp_key {
	uint8_t issuer, hash, der_len, serial_len;
	uint8_t serial[PKI_OCSP_SERIAL_MAX];
};

/* What was signed, and the signature. */
struct ca_ocsp_kept {
	int64_t this_ms, next_ms, revoked_ms;
	unsigned generation; /* of the signer */
	uint8_t status, reason;
	uint8_t sig_len;
	uint8_t sig[CA_OCSP_SIG_MAX];
};

struct ca_ocsp {
	struct ca_ocsp_opts o;
	struct ca_ocsp_issuer *issuer;
	struct lru *kept;  /* NULL: nothing is kept */
	struct lru *rates; /* two buckets: nonces, other unkept answers */
	size_t pending;
};

/* A request on its way. */
struct ca_ocsp_turn {
	struct ca_ocsp *o;
	struct http_request *req;
	struct pki_ocsp_request in; /* borrows from der */
	uint8_t *der;
	int issuer; /* of the signer */
	struct pki_ocsp_single single[PKI_OCSP_CERTS_MAX];
	struct pki_ocsp_data data;
	/* The signer, which may be another one when the signature comes. */
	unsigned generation;
	uint8_t *cert;
	size_t cert_len;
	uint8_t tbs[PKI_OCSP_DATA_MAX];
	size_t tbs_len;
};

/**
 * ca_ocsp_find(o, id):
 * Return the number of the issuer that ${id} names, or -1.
 */
int ca_ocsp_find(const struct ca_ocsp *o, const struct pki_ocsp_id *id);

/**
 * ca_ocsp_may(o, nonce):
 * Take a token for an answer that will not be kept; false: too many.
 */
bool ca_ocsp_may(struct ca_ocsp *o, bool nonce);

/**
 * ca_ocsp_error(o, req, e):
 * Reply with an unsigned error.
 */
void ca_ocsp_error(
    struct ca_ocsp *o, struct http_request *req, enum pki_ocsp_error e);

/**
 * ca_ocsp_send(t, signature):
 * Reply with the answer in ${t} and count it.
 */
void ca_ocsp_send(struct ca_ocsp_turn *t, struct pki_bytes signature);

/**
 * ca_ocsp_decode(o, text, out, cap, ret_len):
 * Decode the base64 of a GET (RFC 6960 appendix A.1).  The HTTP library folds
 * slashes that follow each other into one; those that are missing are put
 * back so that the result is a request about an issuer of ours.
 * ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int ca_ocsp_decode(const struct ca_ocsp *o, const char *text,
    uint8_t *out, size_t cap, size_t *ret_len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_JWK_H
#define ACME_JWK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acme/jwk_alg.h"

/*
 * Account keys: public JSON Web Keys (RFC 7517, 7518, 8037), and their
 * thumbprints (RFC 7638).
 */
struct acme_jwk;

enum { ACME_JWK_THUMBPRINT_LEN = 43 };

/**
 * acme_jwk_parse(text, len, ret):
 * Parse a public JWK.  Members that a thumbprint does not use are ignored,
 * but a private one ("d") is refused.  ERR_PEER_MALFORMED; ERR_PEER_KEY for a
 * key that is invalid or of another kind, curve or size (RSA 2048..4096 bits
 * with e = 65537); ERR_SYS_NOMEM.
 */
MUST_CHECK int acme_jwk_parse(
    const char *text, size_t len, struct acme_jwk **ret);

/**
 * acme_jwk_free(k):
 * Free ${k}; NULL is allowed.
 */
void acme_jwk_free(struct acme_jwk *k);

/**
 * acme_jwk_canonical(k):
 * Return the RFC 7638 section 3 form, which acme_jwk_parse reads back.
 */
const char *acme_jwk_canonical(const struct acme_jwk *k);

/**
 * acme_jwk_thumbprint(k):
 * Return the base64url SHA-256 thumbprint, ACME_JWK_THUMBPRINT_LEN characters.
 */
const char *acme_jwk_thumbprint(const struct acme_jwk *k);

/**
 * acme_jwk_alg(k):
 * Return the one algorithm this key signs with.
 */
enum acme_jwk_alg acme_jwk_alg(const struct acme_jwk *k);

/**
 * acme_jwk_is_spki(k, spki, len):
 * Return whether the DER SubjectPublicKeyInfo holds the same key.
 */
bool acme_jwk_is_spki(
    const struct acme_jwk *k, const uint8_t *spki, size_t len);

/**
 * acme_jwk_verify(k, text, len, sig, sig_len):
 * Verify a JWS signature in its RFC 7518 or 8037 form over ${len} bytes.
 * ERR_PEER_SIGNATURE, ERR_SYS_NOMEM.
 */
MUST_CHECK int acme_jwk_verify(const struct acme_jwk *k, const char *text,
    size_t len, const uint8_t *sig, size_t sig_len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_JWS_H
#define ACME_JWS_H

#include <stddef.h>
#include <stdint.h>

#include "acme/jwk_alg.h"

struct acme_problem;
struct arena;

/*
 * The envelopes of RFC 8555: flattened JWS whose protected header has exactly
 * these fields.  Everything lives in the arena.
 */
enum { ACME_JWS_MAX = 65536 };

enum acme_jws_form {
	ACME_JWS_REQUEST,    /* section 6.2: alg nonce url, jwk or kid */
	ACME_JWS_KEY_CHANGE, /* section 7.3.5, inner: alg url jwk */
	ACME_JWS_BINDING,    /* section 7.3.4: alg url kid; alg is HS256 */
	ACME_JWS_FORMS
};

struct acme_jws {
	enum acme_jwk_alg alg; /* not of a binding */
	const char *nonce;     /* of a request */
	const char *url;
	const char *kid; /* NULL when there is a jwk */
	const char *jwk; /* JSON text, NULL when there is a kid */
	const uint8_t *payload;
	size_t payload_len;  /* 0: POST-as-GET */
	const char *signing; /* what the signature covers */
	size_t signing_len;
	const uint8_t *sig;
	size_t sig_len;
};

/**
 * acme_jws_parse(form, body, len, arena, ret, problem):
 * Parse an envelope without verifying it.  Anything beyond the form above
 * (an unprotected header, crit, b64, several signatures, another member) is
 * refused.  On ERR_STATE_REFUSED ${problem} says what the client is told:
 * malformed, or badSignatureAlgorithm.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int acme_jws_parse(enum acme_jws_form form, const char *body,
    size_t len, struct arena *arena, struct acme_jws *ret,
    struct acme_problem *problem);

#endif

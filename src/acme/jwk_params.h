/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_JWK_PARAMS_H
#define ACME_JWK_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#include "acme/jwk_alg.h"
#include "base/err.h"

enum { ACME_JWK_PARAM_MAX = 520, ACME_JWK_CANONICAL_MAX = 1024 };

/* A JWK taken apart. */
struct acme_jwk_params {
	enum acme_jwk_alg alg;
	/* EC: x and y; Ed25519: x; RSA: n and e. */
	uint8_t a[ACME_JWK_PARAM_MAX], b[ACME_JWK_PARAM_MAX];
	size_t a_len, b_len;
	char canonical[ACME_JWK_CANONICAL_MAX];
	char thumbprint[44];
};

/**
 * acme_jwk_params_parse(text, len, ret):
 * Take a public JWK apart.  Errors as acme_jwk_parse; whether the numbers make
 * a key is not checked.
 */
MUST_CHECK int acme_jwk_params_parse(
    const char *text, size_t len, struct acme_jwk_params *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_JWK_ALG_H
#define ACME_JWK_ALG_H

#include "base/err.h"

/* The signature algorithms that are taken (RFC 7518, RFC 8037). */
enum acme_jwk_alg {
	ACME_JWK_ES256,
	ACME_JWK_ES384,
	ACME_JWK_EDDSA,
	ACME_JWK_RS256,
	ACME_JWK_ALG_COUNT
};

/**
 * acme_jwk_alg_find(name, ret):
 * Find the algorithm with this JWA name.  ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int acme_jwk_alg_find(const char *name, enum acme_jwk_alg *ret);

#endif

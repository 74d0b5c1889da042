/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_JWK_INTERNAL_H
#define ACME_JWK_INTERNAL_H

#include "acme/jwk_params.h"

struct crypto_pkey;

struct acme_jwk {
	struct crypto_pkey *key;
	struct acme_jwk_params params;
};

#endif

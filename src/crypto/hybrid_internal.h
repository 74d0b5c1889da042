/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HYBRID_INTERNAL_H
#define CRYPTO_HYBRID_INTERNAL_H

#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/mlkem.h"

/* What both sides know after an exchange. */
struct hybrid_exchange {
	enum crypto_mlkem_alg alg;
	struct crypto_bytes label;
	const uint8_t *pub, *ct;
	uint8_t shares[32 + CRYPTO_MLKEM_SECRET_LEN]; /* X25519, ML-KEM */
};

/**
 * crypto_hybrid_combine(x, secret):
 * Write the 64-byte secret of crypto/hybrid.h and wipe the shares.
 */
void crypto_hybrid_combine(struct hybrid_exchange *x, uint8_t secret[64]);

#endif

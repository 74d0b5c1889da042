/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_MLKEM_H
#define CRYPTO_MLKEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

#define CRYPTO_MLKEM_SEED_LEN 64 /* d || z of FIPS 203 algorithm 16 */
#define CRYPTO_MLKEM_SECRET_LEN 32
#define CRYPTO_MLKEM768_PUBLIC_LEN 1184
#define CRYPTO_MLKEM768_CIPHERTEXT_LEN 1088
#define CRYPTO_MLKEM1024_PUBLIC_LEN 1568
#define CRYPTO_MLKEM1024_CIPHERTEXT_LEN 1568

enum crypto_mlkem_alg { CRYPTO_MLKEM768, CRYPTO_MLKEM1024 };

/* A decapsulation key (FIPS 203), expanded for use. */
struct crypto_mlkem;

/**
 * crypto_mlkem_public_len(alg), crypto_mlkem_ciphertext_len(alg):
 * Return the number of bytes of an encapsulation key, of a ciphertext.
 */
size_t crypto_mlkem_public_len(enum crypto_mlkem_alg alg);

/** crypto_mlkem_ciphertext_len(alg): see crypto_mlkem_public_len. */
size_t crypto_mlkem_ciphertext_len(enum crypto_mlkem_alg alg);

/**
 * crypto_mlkem_new(alg, seed, ret):
 * Expand the CRYPTO_MLKEM_SEED_LEN random bytes ${seed}, the form in which
 * keys are stored.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_mlkem_new(
    enum crypto_mlkem_alg alg, const uint8_t *seed, struct crypto_mlkem **ret);

/**
 * crypto_mlkem_free(k):
 * Wipe and free; NULL is allowed.
 */
void crypto_mlkem_free(struct crypto_mlkem *k);

/**
 * crypto_mlkem_public(k, ek):
 * Write the encapsulation key.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_mlkem_public(const struct crypto_mlkem *k, uint8_t *ek);

/**
 * crypto_mlkem_encaps(alg, ek, rng, ct, secret):
 * Make a ciphertext and the secret in it for the peer's key ${ek}, whose
 * encoding is checked (FIPS 203 section 7.2): ERR_PEER_KEY.  ERR_SYS_RNG,
 * ERR_SYS_CRYPTO.  On failure ${secret} is zeroed.
 */
MUST_CHECK int crypto_mlkem_encaps(enum crypto_mlkem_alg alg, const uint8_t *ek,
    const struct rng *rng, uint8_t *ct, uint8_t secret[32]);

/**
 * crypto_mlkem_decaps(k, ct, secret):
 * Write the secret in ${ct}.  A ciphertext that was not made for this key
 * gives a secret nobody knows (implicit rejection), not an error.
 * ERR_SYS_CRYPTO; ${secret} is zeroed then.
 */
MUST_CHECK int crypto_mlkem_decaps(
    const struct crypto_mlkem *k, const uint8_t *ct, uint8_t secret[32]);

#endif

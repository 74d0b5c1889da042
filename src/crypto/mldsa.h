/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_MLDSA_H
#define CRYPTO_MLDSA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "crypto/bytes.h"
#include "crypto/pkey.h"

#define CRYPTO_MLDSA_SEED_LEN 32
#define CRYPTO_MLDSA_CONTEXT_MAX 255
#define CRYPTO_MLDSA44_PUBLIC_LEN 1312
#define CRYPTO_MLDSA65_PUBLIC_LEN 1952
#define CRYPTO_MLDSA87_PUBLIC_LEN 2592
#define CRYPTO_MLDSA44_SIG_LEN 2420
#define CRYPTO_MLDSA65_SIG_LEN 3309
#define CRYPTO_MLDSA87_SIG_LEN 4627

/*
 * ML-DSA (FIPS 204), pure, with a context string that separates the uses of
 * one key.  Keys are struct crypto_pkey of type CRYPTO_KEY_MLDSA44, 65, 87.
 */

/**
 * crypto_mldsa_sig_len(type), crypto_mldsa_public_len(type):
 * Return the number of bytes of a signature, of a public key; 0 for a type
 * that is not ML-DSA.
 */
size_t crypto_mldsa_sig_len(enum crypto_key_type type);

/** crypto_mldsa_public_len(type): see crypto_mldsa_sig_len. */
size_t crypto_mldsa_public_len(enum crypto_key_type type);

/**
 * crypto_mldsa_from_seed(type, seed, ret):
 * Make the pair of the 32 random bytes ${seed} (FIPS 204 algorithm 6), the
 * form in which keys are stored.  ERR_PEER_UNSUPPORTED, ERR_SYS_CRYPTO,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_mldsa_from_seed(enum crypto_key_type type,
    const uint8_t seed[32], struct crypto_pkey **ret);

/**
 * crypto_mldsa_from_public(type, pub, ret):
 * Make a public key from its crypto_mldsa_public_len() bytes.
 * ERR_PEER_UNSUPPORTED, ERR_PEER_KEY, ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_mldsa_from_public(
    enum crypto_key_type type, const uint8_t *pub, struct crypto_pkey **ret);

/**
 * crypto_mldsa_public(k, pub):
 * Write the public key.  ERR_PEER_UNSUPPORTED, ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_mldsa_public(const struct crypto_pkey *k, uint8_t *pub);

/**
 * crypto_mldsa_sign(k, context, msg, rng, sig):
 * Sign ${msg} under ${context} (at most CRYPTO_MLDSA_CONTEXT_MAX bytes) with
 * hedging randomness from ${rng}; a NULL ${rng} signs deterministically.
 * ERR_PEER_UNSUPPORTED, ERR_SYS_LIMIT, ERR_SYS_RNG, ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_mldsa_sign(const struct crypto_pkey *k,
    struct crypto_bytes context, struct crypto_bytes msg, const struct rng *rng,
    uint8_t *sig);

/**
 * crypto_mldsa_verify(k, context, msg, sig):
 * ERR_PEER_SIGNATURE when ${sig} is not a signature by ${k} over ${msg} under
 * ${context}; ERR_PEER_UNSUPPORTED when ${k} is another kind of key.
 */
MUST_CHECK int crypto_mldsa_verify(const struct crypto_pkey *k,
    struct crypto_bytes context, struct crypto_bytes msg,
    struct crypto_bytes sig);

#endif

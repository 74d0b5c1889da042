/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HYBRID_H
#define CRYPTO_HYBRID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "crypto/bytes.h"
#include "crypto/mlkem.h"

#define CRYPTO_HYBRID_SEED_LEN 96
#define CRYPTO_HYBRID_SECRET_LEN 64
#define CRYPTO_HYBRID1024_PUBLIC_LEN (32 + CRYPTO_MLKEM1024_PUBLIC_LEN)
#define CRYPTO_HYBRID1024_CIPHERTEXT_LEN (32 + CRYPTO_MLKEM1024_CIPHERTEXT_LEN)

/*
 * X25519 and ML-KEM as one KEM, as strong as the stronger of the two.  With
 * the receiver's public key E_c || ek and the ciphertext E_s || ct,
 *
 *   secret = HKDF-SHA512(ikm = X25519(e_c, E_s) || ML-KEM secret,
 *       salt = label, info = SHA-512(E_c || E_s || ek || ct), 64 bytes)
 *
 * so that the secret is bound to every public byte, as in X-Wing
 * (draft-connolly-cfrg-xwing-kem).  ${label} names the protocol.
 */
struct crypto_hybrid;

/**
 * crypto_hybrid_public_len(alg), crypto_hybrid_ciphertext_len(alg):
 * Return the number of bytes of a public key, of a ciphertext.
 */
size_t crypto_hybrid_public_len(enum crypto_mlkem_alg alg);

/** crypto_hybrid_ciphertext_len(alg): see crypto_hybrid_public_len. */
size_t crypto_hybrid_ciphertext_len(enum crypto_mlkem_alg alg);

/**
 * crypto_hybrid_new(alg, seed, ret):
 * Expand CRYPTO_HYBRID_SEED_LEN random bytes: the X25519 secret (32), which a
 * handshake may use in further exchanges, and the seed of crypto_mlkem_new.
 * ERR_SYS_NOMEM or ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_hybrid_new(
    enum crypto_mlkem_alg alg, const uint8_t *seed, struct crypto_hybrid **ret);

/**
 * crypto_hybrid_free(k):
 * Wipe and free; NULL is allowed.
 */
void crypto_hybrid_free(struct crypto_hybrid *k);

/**
 * crypto_hybrid_public(k):
 * Return the public key, crypto_hybrid_public_len() bytes; it belongs to
 * ${k}.
 */
const uint8_t *crypto_hybrid_public(const struct crypto_hybrid *k);

/* Whom to make a secret for: the protocol's label and the peer's key. */
struct crypto_hybrid_peer {
	enum crypto_mlkem_alg alg;
	struct crypto_bytes label;
	const uint8_t *pub;
};

/**
 * crypto_hybrid_encaps(peer, ephemeral, rng, ct, secret):
 * Make a ciphertext and the secret in it with the X25519 secret
 * ${ephemeral}, 32 random bytes of which the caller makes no second
 * ciphertext, and 32 bytes of ${rng}.  ERR_PEER_KEY when either half of the
 * peer's key is refused (a point of small order; FIPS 203 section 7.2),
 * ERR_SYS_RNG, ERR_SYS_CRYPTO.  On failure ${secret} is zeroed.
 */
MUST_CHECK int crypto_hybrid_encaps(const struct crypto_hybrid_peer *peer,
    const uint8_t ephemeral[32], const struct rng *rng, uint8_t *ct,
    uint8_t secret[64]);

/**
 * crypto_hybrid_decaps(k, label, ct, secret):
 * Write the secret in ${ct}.  ERR_PEER_KEY when its X25519 half is a point of
 * small order; an ML-KEM half that was not made for ${k} gives a secret
 * nobody knows.  ERR_SYS_CRYPTO.  On failure ${secret} is zeroed.
 */
MUST_CHECK int crypto_hybrid_decaps(const struct crypto_hybrid *k,
    struct crypto_bytes label, const uint8_t *ct, uint8_t secret[64]);

#endif

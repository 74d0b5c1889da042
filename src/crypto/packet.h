/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PACKET_H
#define CRYPTO_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/aead.h"
#include "crypto/bytes.h"

/*
 * One direction of a packet protocol: packets numbered from 0 are sealed and
 * opened in place under one key, with the nonce IV xor (0 || number), 4 and 8
 * bytes big-endian, as in TLS 1.3 (RFC 8446 section 5.3) and QUIC.  The key is
 * set up once; nothing is allocated for a packet.  For use by one thread at a
 * time.
 */
struct crypto_packet;

/**
 * crypto_packet_new(alg, key, iv, ret):
 * Set up the CRYPTO_AEAD_KEY_LEN bytes ${key} and CRYPTO_AEAD_NONCE_LEN bytes
 * ${iv}.  Release with crypto_packet_free.  ERR_SYS_NOMEM or ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_packet_new(enum crypto_aead_alg alg, const uint8_t *key,
    const uint8_t *iv, struct crypto_packet **ret);

/**
 * crypto_packet_free(p):
 * Wipe and free; NULL is allowed.
 */
void crypto_packet_free(struct crypto_packet *p);

/**
 * crypto_packet_next(p):
 * Return the number that the next packet sealed will have.
 */
uint64_t crypto_packet_next(const struct crypto_packet *p);

/**
 * crypto_packet_seal(p, aad, buf, len):
 * Encrypt the ${len} bytes at ${buf} in place as packet crypto_packet_next()
 * and append the CRYPTO_AEAD_TAG_LEN bytes of the tag.  A number is used up
 * even when sealing fails, so that no nonce is ever used twice.
 * ERR_SYS_CRYPTO, or ERR_SYS_LIMIT when all numbers are used up or a length
 * exceeds 2^30; ${buf} is wiped then.
 */
MUST_CHECK int crypto_packet_seal(
    struct crypto_packet *p, struct crypto_bytes aad, uint8_t *buf, size_t len);

/**
 * crypto_packet_open(p, number, aad, buf, len):
 * Check packet ${number} of ${len} bytes, tag included, and decrypt it in
 * place.  Replay is the caller's concern.  ERR_PEER_DECRYPT when it is not
 * authentic or shorter than a tag; what would be plaintext is wiped then.
 */
MUST_CHECK int crypto_packet_open(struct crypto_packet *p, uint64_t number,
    struct crypto_bytes aad, uint8_t *buf, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEAL_H
#define KEYS_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/bytes.h"

/*
 * The image of a sealed file: a secret content under a passphrase (Argon2id,
 * RFC 9106) or under a key of 32 bytes.  Bytes in, bytes out, so that a key
 * process makes images that another process writes; keys/sealed.h has them on
 * disk, with a guard against an old image put back.
 *
 *   0/8  magic, the user's           8/1 version 1
 *   9/1  1 passphrase, 2 key        10/1 1 ChaCha20-Poly1305, 2 AES-256-GCM
 *  11/1  0                          12/4 Argon2id memory in KiB
 *  16/4  passes                     20/4 lanes (these three 0 with a key)
 *  24/8  generation                 32/16 salt of the passphrase, 0 with a key
 *  48/16 salt of this image         64/16 key check
 *  80/4  n                          84/n content, and the tag of 16 bytes
 *  84+n/32 SHA-256 of all before
 *
 * master   = Argon2id(passphrase, salt of the passphrase), or the key
 * check    = HKDF-Expand(master, "troth sealed file check" || magic || salt of
 *            the passphrase, 16)
 * key      = HKDF-Expand(master, "troth sealed file key" || magic || salt of
 *            this image, 32)
 *
 * with SHA-256.  The key is fresh in every image, so the nonce is zero; the
 * first 84 bytes are the associated data.  The digest tells damage from a
 * wrong passphrase, the check a wrong passphrase from a forged content; against
 * somebody who can compute SHA-256 only the last is proof.
 */
struct buf;
struct keys_seal;
struct keys_seal_kind; /* keys/seal_kind.h */
struct keys_seal_secret;
struct rng;

#define KEYS_SEAL_IMAGE_MAX 65668 /* KEYS_SEAL_CONTENT_MAX + 132 */

/**
 * keys_seal_new(kind, secret, rng, ret):
 * Get ready to make images under ${secret}, with a new salt.  Release with
 * keys_seal_free.  ERR_STATE_USAGE when the cost is out of bounds,
 * the passphrase is empty or the key has another length, ERR_SYS_NOMEM,
 * ERR_SYS_RNG.
 */
MUST_CHECK int keys_seal_new(const struct keys_seal_kind *kind,
    const struct keys_seal_secret *secret, const struct rng *rng,
    struct keys_seal **ret);

/**
 * keys_seal_open(kind, secret, image, content, ret):
 * Append the content of ${image} to ${content}, which must have room for 16
 * bytes more, and store what makes further images under the same secret in
 * ${ret} (may be NULL).
 *   ERR_PEER_MISMATCH     not ${kind}'s magic: another file;
 *   ERR_SYS_VERSION       another version;
 *   ERR_SYS_CORRUPT       damaged: too short or long, or not what was written;
 *   ERR_PEER_MALFORMED    whole, but a field has a value it cannot have;
 *   ERR_PEER_TOO_LARGE    asks for a cost out of bounds;
 *   ERR_STATE_USAGE       opens by a passphrase, not a key, or vice versa;
 *   ERR_PEER_DECRYPT      wrong passphrase or key;
 *   ERR_STATE_INTEGRITY   right passphrase or key, but the content or the
 *                         header was forged;
 *   ERR_SYS_NOMEM, ERR_SYS_CRYPTO, ERR_SYS_LIMIT (${content}'s maximum).
 */
MUST_CHECK int keys_seal_open(const struct keys_seal_kind *kind,
    const struct keys_seal_secret *secret, struct crypto_bytes image,
    struct buf *content, struct keys_seal **ret);

/**
 * keys_seal_generation(s), keys_seal_advance(s, generation):
 * Return the generation of the last image opened or made, 0 if none was; and
 * let the next one be higher than ${generation} at least.
 */
uint64_t keys_seal_generation(const struct keys_seal *s);
void keys_seal_advance(struct keys_seal *s, uint64_t generation);

/**
 * keys_seal_make(s, content, rng, image):
 * Append an image of ${content} to ${image}, of the next generation.  A
 * failure uses the generation up.  ERR_PEER_TOO_LARGE beyond
 * KEYS_SEAL_CONTENT_MAX bytes, ERR_SYS_RNG, ERR_SYS_CRYPTO, ERR_SYS_NOMEM,
 * ERR_SYS_LIMIT when generations or ${image} are used up.
 */
MUST_CHECK int keys_seal_make(struct keys_seal *s, struct crypto_bytes content,
    const struct rng *rng, struct buf *image);

/**
 * keys_seal_free(s):
 * Wipe and free; NULL is allowed.
 */
void keys_seal_free(struct keys_seal *s);

#endif

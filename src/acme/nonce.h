/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_NONCE_H
#define ACME_NONCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Replay nonces (RFC 8555 section 6.5): 24 octets, base64url.
 *
 *   0/4 epoch   4/8 counter   12/12 HMAC-SHA-256(key, epoch || counter)
 *
 * A nonce is valid once, while its counter is among the last 2^20 given out:
 * a bitmap of 128 KiB, and nothing that a peer could fill.  Key and epoch are
 * drawn at start, so a restart makes every older nonce bad.
 */
struct acme_nonce;
struct rng;

enum { ACME_NONCE_LEN = 32, ACME_NONCE_WINDOW = 1 << 20 };

/**
 * acme_nonce_new(rng, ret):
 * Make a nonce source with a fresh key and epoch.  ERR_SYS_NOMEM,
 * ERR_SYS_RNG.
 */
MUST_CHECK int acme_nonce_new(const struct rng *rng, struct acme_nonce **ret);

/**
 * acme_nonce_free(n):
 * Wipe the key and free; NULL is allowed.
 */
void acme_nonce_free(struct acme_nonce *n);

/**
 * acme_nonce_make(n, out):
 * Write a fresh nonce and a terminating zero.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int acme_nonce_make(
    struct acme_nonce *n, char out[ACME_NONCE_LEN + 1]);

/**
 * acme_nonce_check(n, text, len):
 * Check a nonce without using it up.  ERR_PEER_MALFORMED if it is not one of
 * ours, ERR_STATE_EXPIRED if too old, ERR_STATE_CONFLICT if used.
 */
MUST_CHECK int acme_nonce_check(
    const struct acme_nonce *n, const char *text, size_t len);

/**
 * acme_nonce_use(n, text, len):
 * Check a nonce and use it up.  Errors as acme_nonce_check.
 */
MUST_CHECK int acme_nonce_use(
    struct acme_nonce *n, const char *text, size_t len);

#endif

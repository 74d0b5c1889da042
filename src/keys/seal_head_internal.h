/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEAL_HEAD_INTERNAL_H
#define KEYS_SEAL_HEAD_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "keys/seal_kind.h"

/* The first bytes of an image, which are the AEAD's associated data. */
#define KEYS_SEAL_HEAD_LEN 84
#define KEYS_SEAL_VERSION 1
#define KEYS_SEAL_SALT_LEN 16
#define KEYS_SEAL_CHECK_LEN 16
#define KEYS_SEAL_DIGEST_LEN 32

struct keys_seal_head {
	uint8_t magic[KEYS_SEAL_MAGIC_LEN];
	uint8_t source, aead;
	struct crypto_pwhash_cost cost;
	uint64_t generation;
	uint8_t pass_salt[KEYS_SEAL_SALT_LEN];
	uint8_t image_salt[KEYS_SEAL_SALT_LEN];
	uint8_t check[KEYS_SEAL_CHECK_LEN];
	uint32_t body_len; /* content and tag */
};

/**
 * keys_seal_head_ok(h):
 * Return 0, or ERR_PEER_MALFORMED or ERR_PEER_TOO_LARGE when a field is out
 * of its bounds.
 */
MUST_CHECK int keys_seal_head_ok(const struct keys_seal_head *h);

/**
 * keys_seal_head_parse(magic, image, ret, ret_body):
 * Read the head of a whole image, whose digest is checked, and point
 * ${ret_body} to what follows it.  Errors as keys_seal_open.
 */
MUST_CHECK int keys_seal_head_parse(const char *magic,
    struct crypto_bytes image, struct keys_seal_head *ret,
    const uint8_t **ret_body);

/**
 * keys_seal_head_encode(h, out):
 * Write KEYS_SEAL_HEAD_LEN bytes.
 */
void keys_seal_head_encode(const struct keys_seal_head *h, uint8_t *out);

/**
 * keys_seal_digest(data, len, out):
 * Write the KEYS_SEAL_DIGEST_LEN bytes that end an image.
 */
void keys_seal_digest(const uint8_t *data, size_t len, uint8_t *out);

#endif

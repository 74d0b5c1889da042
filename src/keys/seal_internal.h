/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEAL_INTERNAL_H
#define KEYS_SEAL_INTERNAL_H

#include "keys/seal_head_internal.h"

#define KEYS_SEAL_TAG_LEN 16

struct keys_seal {
	struct keys_seal_head head; /* of the last image */
	uint8_t master[KEYS_SEAL_KEY_LEN];
};

/**
 * keys_seal_unlock(s, secret, check):
 * Fill in master by what the head says and ${secret} is, and write the key
 * check that goes with it to ${check} (KEYS_SEAL_CHECK_LEN bytes).
 */
MUST_CHECK int keys_seal_unlock(
    struct keys_seal *s, const struct keys_seal_secret *secret, uint8_t *check);

/**
 * keys_seal_encrypt(s, aad, content, out), keys_seal_decrypt(s, aad, body,
 * out):
 * Under the key of the head's image salt, with the encoded head ${aad}.
 * Content and body have the length that the head says; decrypting writes
 * body_len bytes, of which the last KEYS_SEAL_TAG_LEN are of no use.
 */
MUST_CHECK int keys_seal_encrypt(const struct keys_seal *s, const uint8_t *aad,
    const uint8_t *content, uint8_t *out);
MUST_CHECK int keys_seal_decrypt(const struct keys_seal *s, const uint8_t *aad,
    const uint8_t *body, uint8_t *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_VKEY_H
#define MERKLE_VKEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "merkle/types.h"

/* C2SP signed-note verifier keys: name, key id, signature type, key. */
#define MERKLE_VKEY_NAME_MAX 256
#define MERKLE_VKEY_TEXT_MAX 2048
#define MERKLE_VKEY_KEY_MAX 1312

struct merkle_vkey {
	char name[MERKLE_VKEY_NAME_MAX];
	uint32_t id;
	uint8_t type;
	uint16_t key_len;
	uint8_t key[MERKLE_VKEY_KEY_MAX]; /* type 5: the LogID */
};

/**
 * merkle_vkey_name_ok(name, len):
 * Return 1 if ${name} may name a key: not empty, UTF-8 without controls,
 * spaces (Unicode's too) or '+'.
 */
int merkle_vkey_name_ok(const char *name, size_t len);

/**
 * merkle_vkey_init(key, name, type, octets):
 * Fill ${key} from a name and the key's octets (an ML-DSA-44 public key of
 * 1312 for type 6; else 32: an Ed25519 public key, or the LogID for type 5)
 * and compute its id: SHA-256(name || 0x0A || type || octets)[:4].
 * ERR_PEER_NAME for an unusable or too long name.
 */
MUST_CHECK int merkle_vkey_init(struct merkle_vkey *key, const char *name,
    enum merkle_sig_type type, const uint8_t *octets);

/**
 * merkle_vkey_parse(text, len, ret):
 * Parse "name+hex(id)+base64(type || key)", type 0x01, 0x04 or 0x06.
 * ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED for another type,
 * ERR_PEER_MISMATCH if the id is not the key's.
 */
MUST_CHECK int merkle_vkey_parse(
    const char *text, size_t len, struct merkle_vkey *ret);

/**
 * merkle_vkey_encode(key, ret):
 * Write the text form with its zero.  ERR_SYS_LIMIT if it does not fit.
 */
MUST_CHECK int merkle_vkey_encode(
    const struct merkle_vkey *key, char ret[MERKLE_VKEY_TEXT_MAX]);

#endif

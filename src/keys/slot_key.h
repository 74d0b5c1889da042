/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SLOT_KEY_H
#define KEYS_SLOT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/* What a handler does with its slot's key, wherever the private half is. */
struct crypto_pkey;
struct keys_slot;

/** keys_slot_key_public(slot): the public half, or NULL: not known yet. */
const struct crypto_pkey *keys_slot_key_public(const struct keys_slot *slot);

/**
 * keys_slot_key_sign(slot, msg, len, sig, ret_len):
 * Sign as crypto_pkey_sign() does; ${sig} has CRYPTO_PKEY_SIG_MAX bytes.
 * ERR_SYS_KEY without a key, errors of crypto_pkey_sign and of the backend.
 */
MUST_CHECK int keys_slot_key_sign(struct keys_slot *slot, const void *msg,
    size_t len, uint8_t *sig, size_t *ret_len);

/**
 * keys_slot_key_check(slot, f):
 * Return 0 if the slot's key could sign now, else ERR_SYS_KEY or another SYS
 * code and what to do about it: a token may be absent.
 */
MUST_CHECK int keys_slot_key_check(struct keys_slot *slot, struct fault *f);

/**
 * keys_slot_key_expect(slot, spki, len):
 * The slot's key is the one with this SubjectPublicKeyInfo: for slots whose
 * backend cannot be asked for it while the device is absent.  A key that is
 * known already must be equal.  ERR_STATE_CONFIG when it is another one,
 * errors of crypto_pkey_from_spki.
 */
MUST_CHECK int keys_slot_key_expect(
    struct keys_slot *slot, const uint8_t *spki, size_t len);

#endif

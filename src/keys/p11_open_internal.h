/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_OPEN_INTERNAL_H
#define KEYS_P11_OPEN_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

struct keys_backend;
struct keys_found;
struct keys_process;
struct keys_slot;

/**
 * keys_p11_open(p, slot, found, ret, f):
 * Make the backend of ${slot} for the key that the URI in ${found} names.  The token is looked
 * for by the first tick; keys_slot_key_expect() has to say which public key
 * is meant.  ERR_STATE_CONFIG, errors of keys_p11_bank_place.
 */
MUST_CHECK int keys_p11_open(struct keys_process *p, struct keys_slot *slot,
    const struct keys_found *found, struct keys_backend **ret,
    struct fault *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SLOT_H
#define KEYS_SLOT_H

#include <stdint.h>

#include "base/err.h"

/* What an operation's handler may ask of its key process. */
struct crypto_pkey;
struct keys_process;
struct keys_slot;
struct rng;

/**
 * keys_slot_get(p, index):
 * Return slot ${index}, or NULL.
 */
struct keys_slot *keys_slot_get(struct keys_process *p, unsigned index);

/**
 * keys_slot_rng(p), keys_slot_ctx(p):
 * Return the random hook, and the product's ctx.
 */
const struct rng *keys_slot_rng(const struct keys_process *p);
void *keys_slot_ctx(const struct keys_process *p);

/**
 * keys_slot_adopt(p, kind, key, ret):
 * Add a slot for a key made in this process (op GENERATE); ${key} belongs to
 * it on success.  ERR_STATE_FULL, ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_slot_adopt(struct keys_process *p, uint8_t kind,
    struct crypto_pkey *key, struct keys_slot **ret);

#endif

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

/* A slot for a key made in this process; see keys_bundle_slot. */
struct keys_adopt {
	uint8_t index;
	uint8_t kind;
	uint32_t rate;
	const char *name;
};

/**
 * keys_slot_adopt(p, a, key, ret):
 * Add the slot ${a} for a key made in this process (op GENERATE), in place of
 * one adopted there before, which is freed; ${key} belongs to it on success.
 * ERR_STATE_EXISTS where the bundle has a slot, ERR_SYS_LIMIT (no such
 * index), ERR_SYS_NOMEM; nothing is changed then.
 */
MUST_CHECK int keys_slot_adopt(struct keys_process *p,
    const struct keys_adopt *a, struct crypto_pkey *key,
    struct keys_slot **ret);

#endif

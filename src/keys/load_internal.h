/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_LOAD_INTERNAL_H
#define KEYS_LOAD_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct fault;
struct keys_found;
struct keys_process;

struct keys_bytes {
	const uint8_t *data;
	size_t len;
};

/**
 * keys_process_load(p, bundle, f):
 * Make the slots, get their keys and hand the rest to the product.
 */
MUST_CHECK int keys_process_load(
    struct keys_process *p, const struct keys_bytes *bundle, struct fault *f);

/**
 * keys_process_open(p, found, f):
 * Give each slot its key, from what ${found}[slot] says.
 */
MUST_CHECK int keys_process_open(
    struct keys_process *p, const struct keys_found *found, struct fault *f);

/** keys_process_store(p, slot, pem): send a new key's file to be stored. */
MUST_CHECK int keys_process_store(
    struct keys_process *p, uint8_t slot, const struct buf *pem);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_PROOFJSON_H
#define MERKLE_PROOFJSON_H

#include "base/err.h"
#include "merkle/types.h"
#include "wire/json.h"

/*
 * A proof as the member "proof" of a JSON object: a list of base64 hashes.
 */

/**
 * merkle_proofjson_make(proof):
 * Return the list; NULL when memory is short.
 */
json_t *merkle_proofjson_make(const struct merkle_proof *proof);

/**
 * merkle_proofjson_take(obj, ret):
 * Read it from ${obj}.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int merkle_proofjson_take(
    const json_t *obj, struct merkle_proof *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Hash map from byte strings to pointers, with a maximum number of entries.
 * The hash is SipHash-2-4 under a key given at creation, so that a peer who
 * chooses the map's keys cannot choose collisions.  Keys are copied; values
 * belong to the caller.
 */
struct map;

/**
 * base_map_new(entries_max, siphash_key):
 * Return an empty map for at most ${entries_max} entries, hashing under the
 * 16 random bytes ${siphash_key}; NULL when memory is short.
 */
struct map *base_map_new(size_t entries_max, const uint8_t siphash_key[16]);

/**
 * base_map_free(m):
 * Free the map (not the values).  NULL is allowed.
 */
void base_map_free(struct map *m);

/**
 * base_map_get(m, key, len):
 * Return the value stored under the ${len} bytes at ${key}, or NULL.
 */
void *base_map_get(const struct map *m, const void *key, size_t len);

/**
 * base_map_put(m, key, len, value):
 * Store ${value} (not NULL) under ${key}.  ERR_STATE_EXISTS if the key is
 * there, ERR_STATE_FULL at the maximum, ERR_SYS_NOMEM; the map is unchanged
 * on failure.
 */
MUST_CHECK int base_map_put(
    struct map *m, const void *key, size_t len, void *value);

/**
 * base_map_take(m, key, len):
 * Remove ${key} and return its value, or NULL if it is not there.
 */
void *base_map_take(struct map *m, const void *key, size_t len);

/**
 * base_map_count(m):
 * Return the number of entries.
 */
size_t base_map_count(const struct map *m);

/**
 * base_map_each(m, visit, ctx):
 * Call ${visit} for each entry in no particular order until it returns
 * non-zero; return that value, or 0.  ${visit} must not change the map.
 */
int base_map_each(const struct map *m,
    int (*visit)(void *ctx, const void *key, size_t len, void *value),
    void *ctx);

/**
 * base_map_siphash(key, data, len):
 * Return SipHash-2-4 of ${len} bytes under the 16-byte ${key} (Aumasson and
 * Bernstein, "SipHash: a fast short-input PRF", 2012).
 */
uint64_t base_map_siphash(const uint8_t key[16], const void *data, size_t len);

#endif

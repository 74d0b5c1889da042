/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A table of fixed size that forgets what was idle longest: for what is
 * remembered about strangers.  Keys have one length, values too.  All memory
 * is taken at the start, each operation takes constant time, and the hash is
 * SipHash under a key that strangers do not know.
 */
struct lru;

/**
 * base_lru_new(entries_max, key_len, value_len, siphash_key, ret):
 * Create an empty table for ${entries_max} entries (1 to 2^31).
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int base_lru_new(size_t entries_max, size_t key_len,
    size_t value_len, const uint8_t siphash_key[16], struct lru **ret);

/**
 * base_lru_free(l):
 * NULL is allowed.
 */
void base_lru_free(struct lru *l);

/**
 * base_lru_peek(l, key), base_lru_get(l, key):
 * Return the value of ${key}, aligned for any type, or NULL; it is good until
 * an entry is made.  base_lru_get counts as a use.
 */
void *base_lru_peek(const struct lru *l, const void *key);
void *base_lru_get(struct lru *l, const void *key);

/**
 * base_lru_make(l, key):
 * As base_lru_get, but where ${key} is not there make an entry whose value is
 * zero, in place of the one idle longest if the table is full.
 */
void *base_lru_make(struct lru *l, const void *key);

/**
 * base_lru_count(l):
 * Return the number of entries.
 */
size_t base_lru_count(const struct lru *l);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A priority queue: items come out by key, smallest first, and those of one
 * key in the order they were put in.  Items belong to the caller.
 */
struct heap;

/**
 * base_heap_new(items_max, ret):
 * Create an empty heap for at most ${items_max} items.  ERR_SYS_NOMEM.
 */
MUST_CHECK int base_heap_new(size_t items_max, struct heap **ret);

/**
 * base_heap_free(h):
 * Free the heap (not the items).  NULL is allowed.
 */
void base_heap_free(struct heap *h);

/**
 * base_heap_push(h, key, item):
 * Put in ${item}.  ERR_STATE_FULL at the maximum, ERR_SYS_NOMEM; the heap is
 * unchanged on failure.
 */
MUST_CHECK int base_heap_push(struct heap *h, uint64_t key, void *item);

/**
 * base_heap_pop(h, ret_key):
 * Take out the first item and store its key; NULL when the heap is empty.
 */
void *base_heap_pop(struct heap *h, uint64_t *ret_key);

/**
 * base_heap_peek(h, ret_key):
 * As base_heap_pop, but leave it.
 */
void *base_heap_peek(const struct heap *h, uint64_t *ret_key);

/**
 * base_heap_count(h):
 * Return the number of items.
 */
size_t base_heap_count(const struct heap *h);

#endif

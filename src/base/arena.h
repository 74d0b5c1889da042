/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Memory that is freed all at once: one arena per request, with a maximum
 * that is charged to the peer who made the request.
 */
struct arena;

/**
 * base_arena_new(bytes_max):
 * Return an empty arena that hands out at most ${bytes_max} bytes, or NULL
 * when memory is short.
 */
struct arena *base_arena_new(size_t bytes_max);

/**
 * base_arena_free(a):
 * Wipe and free everything taken from ${a}.  NULL is allowed.
 */
void base_arena_free(struct arena *a);

/**
 * base_arena_alloc(a, len):
 * Return ${len} zeroed bytes aligned for any type, valid until the arena is
 * freed, or NULL when the maximum is reached or memory is short.
 */
void *base_arena_alloc(struct arena *a, size_t len);

/**
 * base_arena_dup(a, data, len):
 * Return a copy of ${len} bytes followed by a zero byte, or NULL.
 */
void *base_arena_dup(struct arena *a, const void *data, size_t len);

#endif

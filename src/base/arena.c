/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

#define CHUNK_BYTES_MIN 4096

struct chunk {
	struct chunk *next;
	size_t used;
	size_t cap;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks;
	size_t given;
	size_t bytes_max;
};

struct arena *
base_arena_new(size_t bytes_max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->bytes_max = bytes_max;
	return a;
}

void
base_arena_free(struct arena *a)
{
	struct chunk *c, *next;

	if (a == NULL)
		return;
	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		base_wipe_free(c, sizeof(*c) + c->cap);
	}
	free(a);
}

void *
base_arena_alloc(struct arena *a, size_t len)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *c = a->chunks;
	size_t cap;
	void *p;

	if (len > a->bytes_max - align)
		return NULL;
	len = (len + align - 1) / align * align;
	if (len == 0)
		len = align;
	if (len > a->bytes_max - a->given)
		return NULL;
	if (c == NULL || c->cap - c->used < len) {
		cap = len > CHUNK_BYTES_MIN ? len : CHUNK_BYTES_MIN;
		if ((c = calloc(1, sizeof(*c) + cap)) == NULL)
			return NULL;
		c->cap = cap;
		c->next = a->chunks;
		a->chunks = c;
	}
	p = c->data + c->used;
	c->used += len;
	a->given += len;
	return p;
}

void *
base_arena_dup(struct arena *a, const void *data, size_t len)
{
	unsigned char *p;

	if (len == (size_t)-1 || (p = base_arena_alloc(a, len + 1)) == NULL)
		return NULL;
	if (len > 0)
		memcpy(p, data, len);
	p[len] = 0;
	return p;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include <stdbool.h>
#include <stdlib.h>

#define CAPACITY_MIN 64

struct slot {
	uint64_t key, order;
	void *item;
};

struct heap {
	struct slot *slots; /* a binary heap: the children of i at 2i+1, 2i+2 */
	size_t count, capacity, items_max;
	uint64_t order;
};

int
base_heap_new(size_t items_max, struct heap **ret)
{
	struct heap *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return ERR_SYS_NOMEM;
	h->items_max = items_max;
	*ret = h;
	return 0;
}

void
base_heap_free(struct heap *h)
{
	if (h == NULL)
		return;
	free(h->slots);
	free(h);
}

static bool
before(const struct slot *a, const struct slot *b)
{
	return a->key < b->key || (a->key == b->key && a->order < b->order);
}

int
base_heap_push(struct heap *h, uint64_t key, void *item)
{
	struct slot *slots, new = { key, h->order, item };
	size_t i = h->count, capacity = h->capacity * 2;

	if (h->count == h->items_max)
		return ERR_STATE_FULL;
	if (h->count == h->capacity) {
		if (capacity < CAPACITY_MIN)
			capacity = CAPACITY_MIN;
		slots = reallocarray(h->slots, capacity, sizeof(*slots));
		if (slots == NULL)
			return ERR_SYS_NOMEM;
		h->slots = slots;
		h->capacity = capacity;
	}
	for (; i > 0 && before(&new, &h->slots[(i - 1) / 2]); i = (i - 1) / 2)
		h->slots[i] = h->slots[(i - 1) / 2];
	h->slots[i] = new;
	h->order++;
	h->count++;
	return 0;
}

void *
base_heap_pop(struct heap *h, uint64_t *ret_key)
{
	void *item = base_heap_peek(h, ret_key);
	size_t i = 0, child;
	struct slot *last;

	if (h->count == 0)
		return NULL;
	last = &h->slots[--h->count];
	while ((child = 2 * i + 1) < h->count) {
		if (child + 1 < h->count &&
		    before(&h->slots[child + 1], &h->slots[child]))
			child++;
		if (!before(&h->slots[child], last))
			break;
		h->slots[i] = h->slots[child];
		i = child;
	}
	h->slots[i] = *last;
	return item;
}

void *
base_heap_peek(const struct heap *h, uint64_t *ret_key)
{
	if (h->count == 0)
		return NULL;
	*ret_key = h->slots[0].key;
	return h->slots[0].item;
}

size_t
base_heap_count(const struct heap *h)
{
	return h->count;
}

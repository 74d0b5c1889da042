/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/slot.h"

#include <stdio.h>
#include <stdlib.h>

#include "keys/backend.h"
#include "keys/bank_internal.h"
#include "keys/key_internal.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"

struct keys_slot *
keys_slot_get(struct keys_process *p, unsigned index)
{
	if (index >= KEYS_SLOTS_MAX || p->place[index] == NULL)
		return NULL;
	return &p->place[index]->slot;
}

const struct rng *
keys_slot_rng(const struct keys_process *p)
{
	return p->rng;
}

void *
keys_slot_ctx(const struct keys_process *p)
{
	return p->product->ctx;
}

int
keys_slot_add(struct keys_process *p, uint8_t index, struct keys_slot **ret)
{
	struct keys_place *place;

	if (index >= KEYS_SLOTS_MAX || p->place[index] != NULL)
		return ERR_STATE_EXISTS;
	place = calloc(1, sizeof(*place));
	if (place == NULL)
		return ERR_SYS_NOMEM;
	place->slot.index = index;
	p->place[index] = place;
	*ret = &place->slot;
	return 0;
}

static void
free_place(struct keys_process *p, size_t index)
{
	struct keys_place *place = p->place[index];

	if (place == NULL)
		return;
	if (p->product->fini != NULL)
		p->product->fini(&place->slot);
	if (place->slot.backend != NULL)
		place->slot.backend->ops->free(place->slot.backend);
	keys_key_free(place->slot.key);
	free(place);
	p->place[index] = NULL;
}

int
keys_slot_adopt(struct keys_process *p, const struct keys_adopt *a,
    struct crypto_pkey *key, struct keys_slot **ret)
{
	struct keys_place *place;

	if (a->index >= KEYS_SLOTS_MAX)
		return ERR_SYS_LIMIT;
	if (p->place[a->index] != NULL && !p->place[a->index]->adopted)
		return ERR_STATE_EXISTS;
	place = calloc(1, sizeof(*place));
	if (place == NULL)
		return ERR_SYS_NOMEM;
	(void)snprintf(
	    place->slot.name, sizeof(place->slot.name), "%s", a->name);
	place->adopted = true;
	place->slot.index = a->index;
	place->slot.kind = a->kind;
	place->slot.key = key;
	keys_limit_init(&place->limit, a->rate);
	free_place(p, a->index);
	p->place[a->index] = place;
	*ret = &place->slot;
	return 0;
}

void
keys_slot_free_all(struct keys_process *p)
{
	for (size_t i = 0; i < KEYS_SLOTS_MAX; i++)
		free_place(p, i);
	keys_process_bank_free(p);
}

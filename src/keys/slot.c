/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/slot.h"

#include <stdlib.h>

#include "keys/backend.h"
#include "keys/key_internal.h"
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

int
keys_slot_adopt(struct keys_process *p, uint8_t kind, struct crypto_pkey *key,
    struct keys_slot **ret)
{
	struct keys_slot *slot;
	unsigned i = 0;
	int rc;

	while (i < KEYS_SLOTS_MAX && p->place[i] != NULL)
		i++;
	if (i == KEYS_SLOTS_MAX)
		return ERR_STATE_FULL;
	rc = keys_slot_add(p, (uint8_t)i, &slot);
	if (rc != 0)
		return rc;
	slot->kind = kind;
	slot->key = key;
	*ret = slot;
	return 0;
}

void
keys_slot_free_all(struct keys_process *p)
{
	for (size_t i = 0; i < KEYS_SLOTS_MAX; i++) {
		if (p->place[i] == NULL)
			continue;
		if (p->product->fini != NULL)
			p->product->fini(&p->place[i]->slot);
		if (p->place[i]->slot.backend != NULL)
			p->place[i]->slot.backend->ops->free(
			    p->place[i]->slot.backend);
		keys_key_free(p->place[i]->slot.key);
		free(p->place[i]);
		p->place[i] = NULL;
	}
}

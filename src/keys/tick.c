/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/backend.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"
#include "keys/turn_internal.h"

int64_t
keys_process_tick(struct keys_process *p, int64_t now_ms)
{
	int64_t next = INT64_MAX, at;
	struct keys_backend *b;

	for (size_t i = 0; i < KEYS_SLOTS_MAX; i++) {
		b = p->place[i] == NULL ? NULL : p->place[i]->slot.backend;
		if (b == NULL || b->ops->tick == NULL)
			continue;
		at = b->ops->tick(b, now_ms);
		if (at < next)
			next = at;
	}
	return next;
}

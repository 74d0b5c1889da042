/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that a restart does not reset. */
#include "trustchain/ca_acme_internal.h"

#include "acme/limit.h"
#include "acme/server_limit.h"
#include "base/arena.h"
#include "base/clock.h"
#include "trustchain/ca_batch_acme.h"
#include "trustchain/ca_store.h"

enum { PAGE_ARENA_MAX = 4 << 20, PAGES_MAX = 1024 };

void
ca_acme_limit_put(
    struct ca_batch *b, const struct acme_outcome *out, int64_t now_ms)
{
	struct ca_limit row = { .now = 1 };
	int64_t window_ms;
	size_t i;

	for (i = 0; i < out->n_charges; i++) {
		window_ms = acme_server_limit_window(out->charge[i].limit);
		row.kind = out->charge[i].limit;
		row.key = out->charge[i].key;
		row.window = now_ms / window_ms;
		/* The window after the next looks back at it no more. */
		row.until = (row.window + 2) * window_ms;
		ca_batch_charge(b, &row);
	}
}

static void
stored(void *ctx, int rc)
{
	(void)ctx;
	(void)rc; /* it counts until the next restart all the same */
}

void
ca_acme_limit_charge(struct ca_acme *a, const struct acme_outcome *out)
{
	int64_t now_ms = base_clock_now_ms(a->o.clock);
	struct ca_batch *b = ca_batch_new();

	acme_server_charge(a->core, out, now_ms);
	if (b == NULL)
		return;
	ca_acme_limit_put(b, out, now_ms);
	if (a->o.store->ops->submit(a->o.store, b, stored, NULL) != 0)
		return;
}

/* One page; NULL in ${last} when it was the last. */
static int
load_page(struct ca_acme *a, struct arena *arena, struct ca_limit **last)
{
	int64_t now_ms = base_clock_now_ms(a->o.clock);
	struct acme_limit_state state;
	struct ca_limit *v;
	size_t i, n;
	int rc = a->o.store->ops->list_limits(
	    a->o.store, *last, now_ms, arena, &v, &n);

	if (rc != 0)
		return rc;
	for (i = 0; i < n; i++) {
		state.window = v[i].window;
		state.now = (uint32_t)v[i].now;
		state.before = (uint32_t)v[i].before;
		acme_server_restore(a->core, v[i].kind, v[i].key, &state);
	}
	*last = n == 0 ? NULL : &v[n - 1];
	return 0;
}

int
ca_acme_limit_load(struct ca_acme *a)
{
	struct arena *arena[2] = { NULL, NULL };
	struct ca_limit *last = NULL;
	int i, rc = 0;

	/* The last row of a page is read until the next page has begun. */
	for (i = 0; i < PAGES_MAX && rc == 0; i++) {
		base_arena_free(arena[i % 2]);
		arena[i % 2] = base_arena_new(PAGE_ARENA_MAX);
		rc = arena[i % 2] == NULL ? ERR_SYS_NOMEM
					  : load_page(a, arena[i % 2], &last);
		if (last == NULL)
			break;
	}
	base_arena_free(arena[0]);
	base_arena_free(arena[1]);
	return rc;
}

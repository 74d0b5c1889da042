/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/timer.h"

#include <stdlib.h>
#include <uv.h>

#include "loop/uv.h"

struct loop_timer {
	uv_timer_t uv;
	loop_timer_fn *fn;
	void *ctx;
};

static void
on_timer(uv_timer_t *uv)
{
	struct loop_timer *t = uv->data;

	t->fn(t->ctx);
}

static void
on_closed(uv_handle_t *uv)
{
	free(uv->data);
}

int
loop_timer_new(
    struct loop *l, loop_timer_fn *fn, void *ctx, struct loop_timer **ret)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return ERR_SYS_NOMEM;
	uv_timer_init(loop_uv_get(l), &t->uv);
	t->uv.data = t;
	t->fn = fn;
	t->ctx = ctx;
	*ret = t;
	return 0;
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t != NULL)
		uv_close((uv_handle_t *)&t->uv, on_closed);
}

void
loop_timer_start(struct loop_timer *t, uint64_t delay_ms, uint64_t repeat_ms)
{
	/* It fails only on a closing handle, which is ours alone. */
	(void)uv_timer_start(&t->uv, on_timer, delay_ms, repeat_ms);
}

void
loop_timer_stop(struct loop_timer *t)
{
	uv_timer_stop(&t->uv);
}

bool
loop_timer_active(const struct loop_timer *t)
{
	return uv_is_active((const uv_handle_t *)&t->uv) != 0;
}

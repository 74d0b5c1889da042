/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/signal.h"

#include <stdlib.h>
#include <uv.h>

#include "loop/uv.h"

struct loop_signal {
	uv_signal_t uv;
	loop_signal_fn *fn;
	void *ctx;
};

static void
on_signal(uv_signal_t *uv, int signum)
{
	struct loop_signal *s = uv->data;

	s->fn(s->ctx, signum);
}

static void
on_closed(uv_handle_t *uv)
{
	free(uv->data);
}

int
loop_signal_new(struct loop *l, int signum, loop_signal_fn *fn, void *ctx,
    struct loop_signal **ret)
{
	struct loop_signal *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_SYS_NOMEM;
	if (uv_signal_init(loop_uv_get(l), &s->uv) != 0) {
		free(s);
		return ERR_SYS_OS;
	}
	s->uv.data = s;
	s->fn = fn;
	s->ctx = ctx;
	if (uv_signal_start(&s->uv, on_signal, signum) != 0) {
		loop_signal_free(s);
		return ERR_SYS_OS;
	}
	*ret = s;
	return 0;
}

void
loop_signal_free(struct loop_signal *s)
{
	if (s != NULL)
		uv_close((uv_handle_t *)&s->uv, on_closed);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/fd.h"

#include <stdlib.h>
#include <uv.h>

#include "loop/uv.h"

struct loop_fd {
	uv_poll_t uv;
	loop_fd_fn *fn;
	void *ctx;
	unsigned watched;
};

static void
on_poll(uv_poll_t *uv, int status, int uv_events)
{
	struct loop_fd *w = uv->data;
	unsigned events = 0;

	if (status < 0) {
		events = w->watched;
	} else {
		if ((uv_events & (UV_READABLE | UV_DISCONNECT)) != 0)
			events |= LOOP_FD_READ;
		if ((uv_events & UV_WRITABLE) != 0)
			events |= LOOP_FD_WRITE;
		events &= w->watched;
	}
	if (events != 0)
		w->fn(w->ctx, events);
}

static void
on_closed(uv_handle_t *uv)
{
	free(uv->data);
}

int
loop_fd_new(
    struct loop *l, int fd, loop_fd_fn *fn, void *ctx, struct loop_fd **ret)
{
	struct loop_fd *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return ERR_SYS_NOMEM;
	if (uv_poll_init(loop_uv_get(l), &w->uv, fd) != 0) {
		free(w);
		return ERR_SYS_OS;
	}
	w->uv.data = w;
	w->fn = fn;
	w->ctx = ctx;
	*ret = w;
	return 0;
}

void
loop_fd_free(struct loop_fd *w)
{
	if (w == NULL)
		return;
	uv_poll_stop(&w->uv);
	uv_close((uv_handle_t *)&w->uv, on_closed);
}

int
loop_fd_watch(struct loop_fd *w, unsigned events)
{
	int uv_events = 0;

	w->watched = events;
	if (events == 0)
		return uv_poll_stop(&w->uv) == 0 ? 0 : ERR_SYS_OS;
	if ((events & LOOP_FD_READ) != 0)
		uv_events |= UV_READABLE;
	if ((events & LOOP_FD_WRITE) != 0)
		uv_events |= UV_WRITABLE;
	return uv_poll_start(&w->uv, uv_events, on_poll) == 0 ? 0 : ERR_SYS_OS;
}

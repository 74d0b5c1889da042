/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/fd.h"
#include "ops/control_internal.h"

struct conn {
	struct ops_control *control;
	size_t slot; /* in control->conns */
	int fd;
	struct loop_fd *watch;
	uid_t uid;
	struct buf in, out;
	struct ops_control_call *call; /* one at a time, in order */
	bool eof;
};

struct ops_control_call {
	struct conn *conn; /* NULL when the peer has gone */
	uid_t uid;
};

struct ops_control {
	struct loop *loop;
	char *path;
	int fd;
	struct loop_fd *watch;
	ops_control_fn *fn;
	void *ctx;
	struct conn *conns[OPS_CONTROL_CONNECTIONS_MAX];
};

static void
conn_free(struct conn *c)
{
	if (c->call != NULL)
		c->call->conn = NULL;
	c->control->conns[c->slot] = NULL;
	loop_fd_free(c->watch);
	(void)close(c->fd);
	base_buf_free(&c->in);
	base_buf_free(&c->out);
	free(c);
}

static int
conn_watch(struct conn *c)
{
	unsigned want = 0;

	if (c->out.len > 0)
		want |= LOOP_FD_WRITE;
	/* While a call runs the peer waits; read only to see it go. */
	if (!c->eof && c->in.len < c->in.max)
		want |= LOOP_FD_READ;
	return loop_fd_watch(c->watch, want);
}

/* Hand the first complete line to the handler; false when ${c} is broken. */
static bool
conn_dispatch(struct conn *c)
{
	struct ops_control *o = c->control;
	struct wire_json_error e;
	struct ops_control_call *call;
	json_t *req = NULL;
	uint8_t *nl;
	int rc;

	if (c->call != NULL || c->in.len == 0)
		return true;
	if ((nl = memchr(c->in.data, '\n', c->in.len)) == NULL)
		return c->in.len < c->in.max;
	if ((call = calloc(1, sizeof(*call))) == NULL)
		return false;
	call->conn = c;
	call->uid = c->uid;
	c->call = call;
	rc = wire_json_parse(
	    (const char *)c->in.data, (size_t)(nl - c->in.data), &req, &e);
	base_buf_consume(&c->in, (size_t)(nl - c->in.data) + 1);
	if (rc != 0)
		ops_control_error(call, rc, "request is not JSON: %s", e.text);
	else if (!json_is_object(req))
		ops_control_error(
		    call, ERR_PEER_MALFORMED, "request is not an object");
	else
		o->fn(o->ctx, call, req);
	json_decref(req);
	return true;
}

/* Read what is there; false when the connection is to be closed. */
static bool
conn_read(struct conn *c)
{
	uint8_t tmp[16384];
	size_t room = c->in.max - c->in.len;
	ssize_t n;

	n = read(c->fd, tmp, room < sizeof(tmp) ? room : sizeof(tmp));
	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		c->eof = true;
		return true;
	}
	return base_buf_append(&c->in, tmp, (size_t)n) == 0;
}

static bool
conn_write(struct conn *c)
{
	ssize_t n;

	if (c->out.len == 0)
		return true;
	n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	base_buf_consume(&c->out, (size_t)n);
	return true;
}

static void
conn_event(void *ctx, unsigned events)
{
	struct conn *c = ctx;
	bool live = true;

	if ((events & LOOP_FD_READ) != 0)
		live = conn_read(c);
	if (live && (events & LOOP_FD_WRITE) != 0)
		live = conn_write(c);
	live = live && conn_dispatch(c);
	/* A peer that only half-closed still gets all its answers. */
	if (live && c->eof && c->call == NULL && c->out.len == 0)
		live = false;
	if (!live || conn_watch(c) != 0)
		conn_free(c);
}

static bool
allowed(int fd, uid_t *ret_uid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return false;
	*ret_uid = cred.uid;
	return cred.uid == 0 || cred.uid == geteuid();
}

static size_t
free_slot(const struct ops_control *o)
{
	size_t i;

	for (i = 0; i < OPS_CONTROL_CONNECTIONS_MAX; i++)
		if (o->conns[i] == NULL)
			break;
	return i;
}

static void
accept_event(void *ctx, unsigned events)
{
	struct ops_control *o = ctx;
	size_t slot = free_slot(o);
	struct conn *c;
	uid_t uid;
	int fd;

	(void)events;
	fd = accept4(o->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1)
		return;
	if (slot == OPS_CONTROL_CONNECTIONS_MAX || !allowed(fd, &uid) ||
	    (c = calloc(1, sizeof(*c))) == NULL) {
		(void)close(fd);
		return;
	}
	c->control = o;
	c->slot = slot;
	c->fd = fd;
	c->uid = uid;
	base_buf_init(&c->in, OPS_CONTROL_REQUEST_MAX);
	base_buf_init(&c->out, OPS_CONTROL_REPLY_MAX);
	o->conns[slot] = c;
	if (loop_fd_new(o->loop, fd, conn_event, c, &c->watch) != 0 ||
	    conn_watch(c) != 0)
		conn_free(c);
}

int
ops_control_new(struct loop *l, const char *path, ops_control_fn *fn, void *ctx,
    struct ops_control **ret, struct fault *f)
{
	struct ops_control *o;
	int rc;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	o->loop = l;
	o->fd = -1;
	o->fn = fn;
	o->ctx = ctx;
	if ((o->path = strdup(path)) == NULL)
		rc = base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	else
		rc = ops_control_listen(path, &o->fd, f);
	if (rc == 0 &&
	    ((rc = loop_fd_new(l, o->fd, accept_event, o, &o->watch)) != 0 ||
		(rc = loop_fd_watch(o->watch, LOOP_FD_READ)) != 0))
		rc = base_fault_set(
		    f, rc, "control socket: %s", base_err_text(rc));
	if (rc != 0) {
		ops_control_free(o);
		return rc;
	}
	*ret = o;
	return 0;
}

void
ops_control_free(struct ops_control *o)
{
	size_t i;

	if (o == NULL)
		return;
	for (i = 0; i < OPS_CONTROL_CONNECTIONS_MAX; i++)
		if (o->conns[i] != NULL)
			conn_free(o->conns[i]);
	loop_fd_free(o->watch);
	if (o->fd != -1) {
		(void)close(o->fd);
		(void)unlink(o->path);
	}
	free(o->path);
	free(o);
}

uid_t
ops_control_peer_uid(const struct ops_control_call *call)
{
	return call->uid;
}

void
ops_control_reply(struct ops_control_call *call, json_t *reply)
{
	struct conn *c = call->conn;
	char *text;
	size_t len;
	int rc;

	free(call);
	if (c == NULL) {
		json_decref(reply);
		return;
	}
	c->call = NULL;
	text = reply == NULL ? NULL : wire_json_dump(reply, &len);
	json_decref(reply);
	rc = text == NULL ? ERR_SYS_NOMEM : base_buf_append(&c->out, text, len);
	free(text);
	if (rc == 0)
		rc = base_buf_append(&c->out, "\n", 1);
	/* Not freed here: the handler may run below conn_dispatch. */
	if (rc != 0 || conn_watch(c) != 0)
		(void)shutdown(c->fd, SHUT_RDWR);
}

void
ops_control_error(struct ops_control_call *call, int rc, const char *fmt, ...)
{
	char msg[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	ops_control_reply(call, json_pack("{s:b, s:s, s:s}", "ok", 0, "error",
				    base_err_name(rc), "message", msg));
}

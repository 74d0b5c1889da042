/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/client.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/wipe.h"
#include "keys/sock_internal.h"
#include "keys/status.h"
#include "loop/fd.h"
#include "loop/timer.h"

/* How long requests wait for a new key process when the socket has closed
 * before one was announced. */
#define REPLACE_TIMEOUT_MS 5000

/* Packets read before the loop gets its turn. */
#define TURN_MAX 256

#define INDEX_MASK (KEYS_OUTSTANDING_MAX - 1)
#define INDEX_BITS 10

struct pending {
	struct list node; /* in waiting, or in its line's sent */
	struct line *line;
	uint32_t id;
	uint8_t op, slot;
	keys_client_fn *fn;
	void *ctx;
	size_t len;
	uint8_t payload[];
};

/* One key process. */
struct line {
	struct keys_client *client;
	struct list node; /* among the old ones */
	struct list sent;
	struct loop_fd *watch;
	int fd;
	bool want_write;
};

struct keys_client {
	struct loop *loop;
	struct line *line; /* NULL: none */
	struct list old;
	struct list waiting;
	size_t waiting_len;
	struct loop_timer *give_up;
	bool dead;
	/* Outstanding requests by the low bits of their id. */
	struct pending *table[KEYS_OUTSTANDING_MAX];
	uint16_t unused[KEYS_OUTSTANDING_MAX];
	size_t unused_len;
	uint32_t generation;
	void (*answered)(void *ctx, uint8_t slot, int rc);
	void *answered_ctx;
	struct keys_client *tokens; /* to the second process; or NULL */
	bool on_token[UINT8_MAX + 1];
	uint8_t packet[KEYS_FRAME_MAX];
};

static void pump(struct keys_client *c);

static void
finish(struct keys_client *c, struct pending *p, int rc, const uint8_t *sig,
    size_t len)
{
	if (c->answered != NULL)
		c->answered(c->answered_ctx, p->slot, rc);
	p->fn(p->ctx, rc, sig, len);
	base_wipe_free(p, sizeof(*p) + p->len);
}

static void
line_free(struct line *l)
{
	loop_fd_free(l->watch);
	close(l->fd);
	free(l);
}

/* Give up the id of ${p}. */
static void
release(struct keys_client *c, struct pending *p)
{
	c->table[p->id & INDEX_MASK] = NULL;
	c->unused[c->unused_len++] = (uint16_t)(p->id & INDEX_MASK);
	base_list_remove(&p->node);
}

static void
fail_waiting(struct keys_client *c, int rc)
{
	struct list *node;

	while ((node = base_list_pop_front(&c->waiting)) != NULL) {
		c->waiting_len--;
		finish(c, LIST_ENTRY(node, struct pending, node), rc, NULL, 0);
	}
}

static void
on_give_up(void *ctx)
{
	struct keys_client *c = ctx;

	c->dead = true;
	fail_waiting(c, ERR_SYS_UNAVAILABLE);
}

/* The other end of ${l} has closed: what it left open goes out again. */
static void
line_closed(struct line *l)
{
	struct keys_client *c = l->client;
	struct pending *p;

	while (!base_list_empty(&l->sent)) {
		p = LIST_ENTRY(l->sent.prev, struct pending, node);
		release(c, p);
		base_list_push_front(&c->waiting, &p->node);
		c->waiting_len++;
	}
	if (l == c->line) {
		c->line = NULL;
		loop_timer_start(c->give_up, REPLACE_TIMEOUT_MS, 0);
	} else {
		base_list_remove(&l->node);
	}
	line_free(l);
	pump(c);
}

static int
send_pending(struct line *l, struct pending *p)
{
	size_t inl = p->len <= KEYS_REQUEST_INLINE_MAX ? p->len : 0;
	struct keys_request req = { p->op, p->slot, p->payload, p->len };
	uint8_t head[KEYS_REQUEST_HEAD];
	struct iovec iov[2] = { { head, sizeof(head) }, { p->payload, inl } };
	int pass = -1, rc;

	if (inl != p->len) {
		rc = keys_sock_memfd(p->payload, p->len, &pass);
		if (rc != 0)
			return rc;
	}
	keys_frame_request_head(&req, p->id, inl, head);
	rc = keys_sock_send(l->fd, iov, 2, pass, 0);
	if (pass >= 0)
		close(pass);
	return rc;
}

static int
want_write(struct line *l, bool on)
{
	if (l->want_write == on)
		return 0;
	l->want_write = on;
	return loop_fd_watch(
	    l->watch, on ? LOOP_FD_READ | LOOP_FD_WRITE : LOOP_FD_READ);
}

/* Send what waits, as long as there is room. */
static void
pump(struct keys_client *c)
{
	struct pending *p;
	int rc = 0;

	while (c->line != NULL && c->unused_len > 0 &&
	       !base_list_empty(&c->waiting)) {
		p = LIST_ENTRY(c->waiting.next, struct pending, node);
		p->id = (c->generation++ << INDEX_BITS) |
			c->unused[c->unused_len - 1];
		p->line = c->line;
		rc = send_pending(c->line, p);
		/* A closed socket is noticed by reading from it. */
		if (rc == ERR_STATE_PENDING || rc == ERR_PEER_CLOSED)
			break;
		base_list_remove(&p->node);
		c->waiting_len--;
		if (rc != 0) {
			finish(c, p, ERR_SYS_KEY, NULL, 0);
			continue;
		}
		c->unused_len--;
		c->table[p->id & INDEX_MASK] = p;
		base_list_push_back(&c->line->sent, &p->node);
	}
	if (c->line != NULL)
		rc = want_write(c->line, rc == ERR_STATE_PENDING);
}

/* Deliver one reply; anything unexpected is the end of the line. */
static int
deliver(struct line *l, size_t len)
{
	struct keys_client *c = l->client;
	struct keys_reply reply;
	struct pending *p;
	int rc;

	rc = keys_frame_reply_parse(c->packet, len, &reply);
	if (rc != 0)
		return rc;
	p = c->table[reply.id & INDEX_MASK];
	if (p == NULL || p->id != reply.id || p->line != l)
		return ERR_PEER_MISMATCH;
	release(c, p);
	rc = keys_status_rc(reply.status);
	finish(c, p, rc, rc == 0 ? reply.sig : NULL, rc == 0 ? reply.len : 0);
	return 0;
}

static void
on_event(void *ctx, unsigned events)
{
	struct line *l = ctx;
	struct keys_client *c = l->client;
	size_t len = 0;
	int pass, rc = 0;

	(void)events;
	for (int i = 0; i < TURN_MAX && rc == 0; i++) {
		rc = keys_sock_recv(
		    l->fd, c->packet, sizeof(c->packet), &len, &pass);
		if (rc != 0)
			break;
		if (pass >= 0)
			close(pass);
		rc = deliver(l, len);
	}
	if (rc != 0 && rc != ERR_STATE_PENDING)
		line_closed(l);
	else
		pump(c);
}

static int
line_new(struct keys_client *c, int fd, struct line **ret)
{
	struct line *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL) {
		close(fd);
		return ERR_SYS_NOMEM;
	}
	l->client = c;
	l->fd = fd;
	base_list_init(&l->node);
	base_list_init(&l->sent);
	rc = fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ? ERR_SYS_OS : 0;
	if (rc == 0)
		rc = loop_fd_new(c->loop, fd, on_event, l, &l->watch);
	if (rc == 0)
		rc = loop_fd_watch(l->watch, LOOP_FD_READ);
	if (rc != 0) {
		line_free(l);
		return rc;
	}
	*ret = l;
	return 0;
}

int
keys_client_new(struct loop *loop, int fd, struct keys_client **ret)
{
	struct keys_client *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL) {
		close(fd);
		return ERR_SYS_NOMEM;
	}
	c->loop = loop;
	base_list_init(&c->old);
	base_list_init(&c->waiting);
	for (size_t i = 0; i < KEYS_OUTSTANDING_MAX; i++)
		c->unused[i] = (uint16_t)(INDEX_MASK - i);
	c->unused_len = KEYS_OUTSTANDING_MAX;
	rc = line_new(c, fd, &c->line);
	if (rc == 0)
		rc = loop_timer_new(loop, on_give_up, c, &c->give_up);
	if (rc != 0) {
		keys_client_free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

static void
cancel_line(struct keys_client *c, struct line *l)
{
	struct pending *p;

	while (!base_list_empty(&l->sent)) {
		p = LIST_ENTRY(l->sent.next, struct pending, node);
		release(c, p);
		finish(c, p, ERR_SYS_CANCELLED, NULL, 0);
	}
	line_free(l);
}

void
keys_client_free(struct keys_client *c)
{
	struct list *node;

	if (c == NULL)
		return;
	keys_client_free(c->tokens);
	c->tokens = NULL;
	c->dead = true;
	while ((node = base_list_pop_front(&c->old)) != NULL)
		cancel_line(c, LIST_ENTRY(node, struct line, node));
	if (c->line != NULL)
		cancel_line(c, c->line);
	fail_waiting(c, ERR_SYS_CANCELLED);
	loop_timer_free(c->give_up);
	free(c);
}

int
keys_client_call(struct keys_client *c, const struct keys_request *req,
    keys_client_fn *fn, void *ctx)
{
	struct pending *p;

	if (c->on_token[req->slot])
		return c->tokens == NULL
			   ? ERR_SYS_UNAVAILABLE
			   : keys_client_call(c->tokens, req, fn, ctx);
	if (c->dead)
		return ERR_SYS_UNAVAILABLE;
	if (req->len > KEYS_PAYLOAD_MAX)
		return ERR_PEER_TOO_LARGE;
	if (c->waiting_len >= KEYS_CLIENT_WAITING_MAX)
		return ERR_STATE_FULL;
	p = malloc(sizeof(*p) + req->len);
	if (p == NULL)
		return ERR_SYS_NOMEM;
	base_list_init(&p->node);
	p->op = req->op;
	p->slot = req->slot;
	p->fn = fn;
	p->ctx = ctx;
	p->len = req->len;
	if (req->len > 0)
		memcpy(p->payload, req->payload, req->len);
	base_list_push_back(&c->waiting, &p->node);
	c->waiting_len++;
	pump(c);
	return 0;
}

void
keys_client_on_answer(struct keys_client *c,
    void (*fn)(void *ctx, uint8_t slot, int rc), void *ctx)
{
	c->answered = fn;
	c->answered_ctx = ctx;
	if (c->tokens != NULL)
		keys_client_on_answer(c->tokens, fn, ctx);
}

int
keys_client_tokens(struct keys_client *c, int fd)
{
	return keys_client_new(c->loop, fd, &c->tokens);
}

bool
keys_client_has_tokens(const struct keys_client *c)
{
	return c->tokens != NULL;
}

void
keys_client_on_token(struct keys_client *c, uint8_t slot)
{
	c->on_token[slot] = true;
}

int
keys_client_replace(struct keys_client *c, unsigned index, int fd)
{
	struct line *fresh;
	int rc;

	if (index != 0 && c->tokens != NULL)
		return keys_client_replace(c->tokens, 0, fd);
	if (index != 0) {
		close(fd);
		return ERR_SYS_UNAVAILABLE;
	}

	rc = line_new(c, fd, &fresh);
	if (rc != 0)
		return rc;
	if (c->line != NULL)
		base_list_push_back(&c->old, &c->line->node);
	c->line = fresh;
	c->dead = false;
	loop_timer_stop(c->give_up);
	pump(c);
	return 0;
}

size_t
keys_client_waiting(const struct keys_client *c)
{
	return c->waiting_len + (KEYS_OUTSTANDING_MAX - c->unused_len) +
	       (c->tokens == NULL ? 0 : keys_client_waiting(c->tokens));
}

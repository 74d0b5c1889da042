/* SPDX-License-Identifier: Apache-2.0 */
#include "net/udp.h"

#include <stdlib.h>

#include "loop/fd.h"
#include "loop/timer.h"
#include "net/udp_in.h"
#include "net/udp_out.h"

struct net_udp {
	struct net_udp_socket socket;
	struct net_udp_stats stats;
	struct net_udp_in *in;
	struct net_udp_out *out;
	struct loop_fd *watch;
	struct loop_timer *retry;
	net_udp_fn *received;
	void *ctx;
	bool in_turn, freed, watches_write;
};

/* One turn: batches until nothing waits or enough was done. */
static void
receive(struct net_udp *u)
{
	struct net_udp_datagram d;
	size_t handled = 0;

	/* The number of batches bounds what is dropped without a call. */
	for (unsigned batches = 0; batches < NET_UDP_TURN_BATCHES &&
				   handled < NET_UDP_TURN_MAX && !u->freed;
	     batches++) {
		if (net_udp_in_fill(u->in) != 0)
			break;
		for (; !u->freed && net_udp_in_next(u->in, &d); handled++)
			u->received(u->ctx, &d);
	}
}

static void
destroy(struct net_udp *u)
{
	loop_timer_free(u->retry);
	loop_fd_free(u->watch);
	net_udp_in_free(u->in);
	net_udp_out_free(u->out);
	if (u->socket.fd >= 0)
		net_udp_socket_close(&u->socket);
	free(u);
}

static void
on_ready(void *ctx, unsigned events)
{
	struct net_udp *u = ctx;

	u->in_turn = true;
	if ((events & LOOP_FD_READ) != 0)
		receive(u);
	u->in_turn = false;
	if (u->freed)
		destroy(u);
	else
		net_udp_flush(u);
}

static void
on_retry(void *ctx)
{
	net_udp_flush(ctx);
}

int
net_udp_open(struct loop *l, const struct net_addr *addr,
    const struct net_udp_options *options, net_udp_fn *received, void *ctx,
    struct net_udp **ret)
{
	struct net_udp *u = calloc(1, sizeof(*u));
	int rc;

	if (u == NULL)
		return ERR_SYS_NOMEM;
	u->socket.fd = -1;
	u->received = received;
	u->ctx = ctx;
	if ((rc = net_udp_socket_open(addr, options, &u->socket)) != 0 ||
	    (rc = net_udp_in_new(&u->socket, options, &u->stats, &u->in)) !=
		0 ||
	    (rc = net_udp_out_new(&u->socket, options, &u->stats, &u->out)) !=
		0 ||
	    (rc = loop_timer_new(l, on_retry, u, &u->retry)) != 0 ||
	    (rc = loop_fd_new(l, u->socket.fd, on_ready, u, &u->watch)) != 0 ||
	    (rc = loop_fd_watch(u->watch, LOOP_FD_READ)) != 0) {
		destroy(u);
		return rc;
	}
	*ret = u;
	return 0;
}

void
net_udp_free(struct net_udp *u)
{
	if (u == NULL)
		return;
	if (u->in_turn)
		u->freed = true;
	else
		destroy(u);
}

int
net_udp_send(struct net_udp *u, const struct net_addr *peer,
    const struct net_addr *local, const uint8_t *bytes, size_t len)
{
	return net_udp_out_push(u->out, peer, local, bytes, len);
}

void
net_udp_flush(struct net_udp *u)
{
	int rc = net_udp_out_flush(u->out);
	bool wait = rc == ERR_STATE_PENDING;

	if (wait != u->watches_write &&
	    loop_fd_watch(u->watch,
		wait ? LOOP_FD_READ | LOOP_FD_WRITE : LOOP_FD_READ) == 0)
		u->watches_write = wait;
	/* A watch that could not be set is as good as no event. */
	if (rc == ERR_SYS_LIMIT || (wait && !u->watches_write))
		loop_timer_start(u->retry, NET_UDP_RETRY_MS, 0);
}

const struct net_udp_socket *
net_udp_socket(const struct net_udp *u)
{
	return &u->socket;
}

void
net_udp_stats(const struct net_udp *u, struct net_udp_stats *ret)
{
	*ret = u->stats;
	ret->dropped_kernel = net_udp_socket_drops(&u->socket);
}

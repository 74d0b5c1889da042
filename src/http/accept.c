/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "http/accept_internal.h"
#include "http/clock_internal.h"
#include "http/listener_internal.h"
#include "loop/fd.h"
#include "net/addr.h"
#include "net/listen.h"

#define ACCEPT_BATCH 64
#define BACKLOG 1024
#define ADOPT_RESERVE 65536

/*
 * Out of memory between taking a connection and having made its objects for
 * it, the library crashes, at once or when its context is freed (4.1.6, the
 * allocations of its connection and of its libuv watcher).  So take none that
 * there is not plenty of memory for.
 */
static bool
has_memory(void)
{
	void *volatile p = malloc(ADOPT_RESERVE);

	free(p);
	return p != NULL;
}

static void
adopt(struct http_listener *l, int fd, const struct net_addr *peer)
{
	struct http_server *s = l->server;
	struct net_addr *copy = has_memory() ? malloc(sizeof(*copy)) : NULL;
	struct http_conn *c = NULL;
	lws_adopt_desc_t desc = { .vh = l->vhost,
		.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
		.opaque = c };

	if (copy != NULL) {
		*copy = *peer;
		c = http_conn_new(s, l, copy, peer->family == NET_FAMILY_UNIX);
	}
	if (c == NULL) {
		s->connections_refused++;
		close(fd);
		return;
	}
	desc.fd.sockfd = fd;
	desc.opaque = c;
	s->adopting = c;
	/* On failure the library closes the socket and, once it has made its
	 * object for it, tells us as for any other connection: only without
	 * that object is ${c} still ours. */
	if (lws_adopt_descriptor_vhost_via_info(&desc) == NULL &&
	    s->adopting != NULL)
		http_conn_closed(c);
	s->adopting = NULL;
}

/* Whether one more TLS handshake may begin now. */
static bool
take_handshake(struct http_server *s)
{
	uint64_t now_ms = http_clock_now_ms(s);
	uint64_t most = 1000ULL * s->handshakes_per_s;

	s->handshake_units +=
	    (now_ms - s->handshake_at_ms) * s->handshakes_per_s;
	s->handshake_at_ms = now_ms;
	if (s->handshake_units > most)
		s->handshake_units = most;
	if (s->handshake_units < 1000)
		return false;
	s->handshake_units -= 1000;
	return true;
}

/* Leave this listener's queue alone for some milliseconds. */
static void
rest(struct http_listener *l)
{
	if (loop_fd_watch(l->watch, 0) == 0)
		http_sweep_resume_later(l->server);
}

static void
pause_all(struct http_server *s, bool paused)
{
	struct http_listener *l;
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &s->listeners) {
		l = LIST_ENTRY(it, struct http_listener, node);
		if (l->watch != NULL &&
		    loop_fd_watch(l->watch, paused ? 0 : LOOP_FD_READ) != 0)
			http_sweep_resume_later(s);
	}
}

static void
on_accept(void *ctx, unsigned events)
{
	struct http_listener *l = ctx;
	struct http_server *s = l->server;
	struct net_addr peer;
	int fd, rc;

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		if (s->connections_now >= s->connections_max) {
			pause_all(s, true);
			return;
		}
		if (l->tls != NULL && !take_handshake(s)) {
			rest(l);
			return;
		}
		rc = net_listen_accept(l->fd, &fd, &peer);
		if (rc == 0) {
			adopt(l, fd, &peer);
			continue;
		}
		if (l->tls != NULL)
			s->handshake_units += 1000;
		if (rc == ERR_SYS_LIMIT)
			rest(l);
		if (rc == ERR_SYS_LIMIT || rc == ERR_STATE_PENDING)
			return;
	}
}

void
http_accept_resume(struct http_server *s)
{
	if (!s->draining && s->connections_now < s->connections_max)
		pause_all(s, false);
}

int
http_accept_open(struct http_listener *l, const struct net_addr *addr,
    struct net_addr *ret_bound, struct fault *f)
{
	struct net_addr bound;
	int rc = net_listen_open(addr, BACKLOG, &l->fd, &bound, f);

	if (rc != 0)
		return rc;
	if (bound.family == NET_FAMILY_UNIX)
		memcpy(l->unix_path, bound.path, sizeof(l->unix_path));
	if (ret_bound != NULL)
		*ret_bound = bound;
	return 0;
}

int
http_accept_start(struct http_listener *l)
{
	int rc;

	rc = loop_fd_new(l->server->loop, l->fd, on_accept, l, &l->watch);
	return rc != 0 ? rc : loop_fd_watch(l->watch, LOOP_FD_READ);
}

void
http_accept_stop(struct http_listener *l)
{
	loop_fd_free(l->watch);
	l->watch = NULL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	if (l->unix_path[0] != '\0')
		unlink(l->unix_path);
	l->unix_path[0] = '\0';
}

void
http_accept_stop_all(struct http_server *s)
{
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &s->listeners)
		http_accept_stop(LIST_ENTRY(it, struct http_listener, node));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/heap.h"
#include "base/map.h"
#include "loop/fd.h"
#include "loop/loop.h"
#include "loop/timer.h"

#define DATAGRAM_MAX 65536
/* Datagrams taken from one socket in one turn of the loop. */
#define TURN_MAX 256
#define SOCKET_BUFFER_BYTES (8 << 20)

struct flow {
	struct relay *relay;
	uint32_t number;
	struct sockaddr_storage client;
	socklen_t client_len;
	int fd; /* connected to the server */
	struct loop_fd *watch;
	/* By direction: datagrams seen, when the last one in order leaves. */
	uint64_t seen[RELAY_DIRECTIONS], last_us[RELAY_DIRECTIONS];
};

struct packet {
	struct flow *flow;
	enum relay_direction direction;
	size_t len;
	uint8_t bytes[];
};

struct relay {
	struct loop *loop;
	struct relay_options options;
	struct net_addr bound;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *timer;
	struct map *by_client;
	struct flow **flows;
	uint32_t n_flows;
	struct heap *waiting;
	struct relay_stats stats[RELAY_DIRECTIONS];
	uint8_t buffer[DATAGRAM_MAX];
};

static int
open_socket(const struct net_addr *a, bool to_bind, int *ret_fd)
{
	struct sockaddr_storage sa = { 0 };
	const int bytes = SOCKET_BUFFER_BYTES;
	size_t len;
	int fd, rc = net_addr_to_sockaddr(a, (struct sockaddr *)&sa, &len);

	if (rc != 0)
		return rc;
	fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return base_err_from_errno(errno);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) !=
	    0)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if ((to_bind ? bind : connect)(
		fd, (struct sockaddr *)&sa, (socklen_t)len) != 0) {
		rc = base_err_from_errno(errno);
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

static void
send_now(
    struct flow *f, enum relay_direction d, const uint8_t *bytes, size_t len)
{
	struct relay_stats *stats = &f->relay->stats[d];
	ssize_t n;

	if (d == RELAY_UP)
		n = send(f->fd, bytes, len, MSG_NOSIGNAL);
	else
		n = sendto(f->relay->fd, bytes, len, MSG_NOSIGNAL,
		    (struct sockaddr *)&f->client, f->client_len);
	if (n < 0)
		stats->send_failed++;
	else
		stats->out++;
}

/* Send what is due and wait for the next. */
static void
on_timer(void *ctx)
{
	struct relay *r = ctx;
	uint64_t due_us, now_us = loop_monotonic_us();
	struct packet *p;

	while (
	    base_heap_peek(r->waiting, &due_us) != NULL && due_us <= now_us) {
		p = base_heap_pop(r->waiting, &due_us);
		send_now(p->flow, p->direction, p->bytes, p->len);
		free(p);
	}
	if (base_heap_peek(r->waiting, &due_us) != NULL)
		loop_timer_start(r->timer, (due_us - now_us + 999) / 1000, 0);
}

static void
hold(struct flow *f, enum relay_direction d, const uint8_t *bytes, size_t len,
    uint64_t due_us)
{
	struct relay *r = f->relay;
	struct packet *p = malloc(sizeof(*p) + len);
	uint64_t first_us;

	if (p == NULL) {
		r->stats[d].no_room++;
		return;
	}
	p->flow = f;
	p->direction = d;
	p->len = len;
	memcpy(p->bytes, bytes, len);
	if (base_heap_push(r->waiting, due_us, p) != 0) {
		r->stats[d].no_room++;
		free(p);
		return;
	}
	if (base_heap_peek(r->waiting, &first_us) == p)
		on_timer(r);
}

static void
write_trace(const struct flow *f, enum relay_direction d, size_t len,
    const struct sim_fate *fate)
{
	FILE *to = f->relay->options.trace;

	if (to == NULL)
		return;
	fprintf(to, "%u %s %ju %zu copies=%u reordered=%d delay_us=%ju",
	    f->number, d == RELAY_UP ? "up" : "down", (uintmax_t)f->seen[d],
	    len, fate->copies, fate->reordered, (uintmax_t)fate->delay_us);
	if (fate->corrupted)
		fprintf(to, " bit=%ju", (uintmax_t)fate->bit);
	fprintf(to, "\n");
}

/* One datagram of ${len} bytes is in the buffer. */
static void
pass(struct flow *f, enum relay_direction d, size_t len)
{
	struct relay *r = f->relay;
	struct relay_stats *stats = &r->stats[d];
	struct sim_fate fate;
	uint64_t due_us, now_us = loop_monotonic_us();
	uint8_t flip;

	stats->in++;
	sim_fate_draw(&r->options.rates[d], r->options.seed,
	    2 * (uint64_t)f->number + d, f->seen[d], len, &fate);
	write_trace(f, d, len, &fate);
	f->seen[d]++;
	if (fate.copies == 0) {
		stats->lost++;
		return;
	}
	stats->duplicated += fate.copies == 2;
	stats->corrupted += fate.corrupted;
	stats->reordered += fate.reordered;
	due_us = now_us + fate.delay_us;
	if (!fate.reordered) {
		/* Jitter does not change the order. */
		if (due_us < f->last_us[d])
			due_us = f->last_us[d];
		f->last_us[d] = due_us;
	}
	flip = fate.corrupted ? (uint8_t)(1U << fate.bit % 8) : 0;
	for (unsigned i = 0; i < fate.copies; i++) {
		if (flip != 0)
			r->buffer[fate.bit / 8] ^= flip;
		if (due_us <= now_us)
			send_now(f, d, r->buffer, len);
		else
			hold(f, d, r->buffer, len, due_us);
		if (flip != 0)
			r->buffer[fate.bit / 8] ^= flip;
		flip = 0; /* the second copy is whole */
	}
}

static void
on_server(void *ctx, unsigned events)
{
	struct flow *f = ctx;
	ssize_t n;

	(void)events;
	for (int i = 0; i < TURN_MAX; i++) {
		n = recv(f->fd, f->relay->buffer, DATAGRAM_MAX, MSG_DONTWAIT);
		if (n >= 0)
			pass(f, RELAY_DOWN, (size_t)n);
		else if (errno != ECONNREFUSED && errno != EINTR)
			return; /* refused: the server is not there now */
	}
}

static void
flow_free(struct flow *f)
{
	loop_fd_free(f->watch);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

static struct flow *
flow_new(struct relay *r, const struct sockaddr_storage *from, socklen_t len)
{
	struct flow *f;

	if (r->n_flows == r->options.flows_max ||
	    (f = calloc(1, sizeof(*f))) == NULL)
		return NULL;
	f->relay = r;
	f->number = r->n_flows;
	f->client = *from;
	f->client_len = len;
	f->fd = -1;
	if (open_socket(&r->options.server, false, &f->fd) != 0 ||
	    loop_fd_new(r->loop, f->fd, on_server, f, &f->watch) != 0 ||
	    loop_fd_watch(f->watch, LOOP_FD_READ) != 0 ||
	    base_map_put(r->by_client, from, len, f) != 0) {
		flow_free(f);
		return NULL;
	}
	r->flows[r->n_flows++] = f;
	return f;
}

static void
on_client(void *ctx, unsigned events)
{
	struct sockaddr_storage from;
	struct relay *r = ctx;
	struct flow *f;
	socklen_t len;
	ssize_t n;

	(void)events;
	for (int i = 0; i < TURN_MAX; i++) {
		memset(&from, 0, sizeof(from));
		len = sizeof(from);
		n = recvfrom(r->fd, r->buffer, DATAGRAM_MAX, MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len);
		if (n < 0)
			return;
		f = base_map_get(r->by_client, &from, len);
		if (f == NULL)
			f = flow_new(r, &from, len);
		if (f != NULL)
			pass(f, RELAY_UP, (size_t)n);
		else
			r->stats[RELAY_UP].no_room++;
	}
}

static int
start(struct relay *r)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	uint8_t key[16];
	int rc;

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return ERR_SYS_RNG;
	r->by_client = base_map_new(r->options.flows_max, key);
	r->flows = calloc(r->options.flows_max, sizeof(*r->flows));
	if (r->by_client == NULL || r->flows == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = base_heap_new(r->options.waiting_max, &r->waiting)) != 0 ||
	    (rc = open_socket(&r->options.listen, true, &r->fd)) != 0)
		return rc;
	if (getsockname(r->fd, (struct sockaddr *)&sa, &len) != 0)
		return ERR_SYS_OS;
	if ((rc = net_addr_from_sockaddr(
		 (struct sockaddr *)&sa, len, &r->bound)) != 0 ||
	    (rc = loop_timer_new(r->loop, on_timer, r, &r->timer)) != 0 ||
	    (rc = loop_fd_new(r->loop, r->fd, on_client, r, &r->watch)) != 0)
		return rc;
	return loop_fd_watch(r->watch, LOOP_FD_READ);
}

int
relay_new(struct loop *l, const struct relay_options *options,
    struct relay **ret, struct fault *f)
{
	struct relay *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	r->loop = l;
	r->options = *options;
	r->fd = -1;
	rc = start(r);
	if (rc != 0) {
		relay_free(r);
		return base_fault_set(
		    f, rc, "cannot start: %s", base_err_text(rc));
	}
	*ret = r;
	return 0;
}

void
relay_free(struct relay *r)
{
	struct packet *p;
	uint64_t due_us;

	if (r == NULL)
		return;
	while (r->waiting != NULL &&
	       (p = base_heap_pop(r->waiting, &due_us)) != NULL)
		free(p);
	for (uint32_t i = 0; i < r->n_flows; i++)
		flow_free(r->flows[i]);
	loop_fd_free(r->watch);
	loop_timer_free(r->timer);
	base_heap_free(r->waiting);
	base_map_free(r->by_client);
	free(r->flows);
	if (r->fd >= 0)
		close(r->fd);
	free(r);
}

const struct net_addr *
relay_bound(const struct relay *r)
{
	return &r->bound;
}

uint32_t
relay_flows(const struct relay *r)
{
	return r->n_flows;
}

const struct relay_stats *
relay_stats(const struct relay *r, enum relay_direction d)
{
	return &r->stats[d];
}

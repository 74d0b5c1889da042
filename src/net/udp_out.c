/* SPDX-License-Identifier: Apache-2.0 */
#include "net/udp_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "net/udp_internal.h"
#include "net/udp_socket.h"

/* A datagram that waits: its bytes are in the ring from ${offset} on, never
 * around its end. */
struct entry {
	struct net_udp_route route;
	size_t offset, len;
};

struct message {
	struct iovec iov[NET_UDP_SEGMENTS_MAX];
	_Alignas(struct cmsghdr) uint8_t control[NET_UDP_CONTROL_MAX];
};

struct net_udp_out {
	int fd, family;
	net_udp_sendmmsg_fn *sendmmsg;
	bool gso;
	size_t datagram_max;

	uint8_t *ring;
	size_t ring_size, head; /* the next datagram's bytes go to ${head} */
	struct entry *entries;
	size_t entries_max, first, count;

	/* This many go one by one, for the kernel refused them as a run. */
	size_t singly;
	struct mmsghdr msgs[NET_UDP_BATCH];
	struct message parts[NET_UDP_BATCH];
	struct net_udp_stats *stats;
};

static int
sendmmsg_now(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
	return sendmmsg(fd, msgs, count, flags);
}

int
net_udp_out_new(const struct net_udp_socket *s,
    const struct net_udp_options *options, struct net_udp_stats *stats,
    struct net_udp_out **ret)
{
	struct net_udp_out *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return ERR_SYS_NOMEM;
	o->ring_size = options->queue_bytes_max;
	o->entries_max = options->queue_datagrams_max;
	o->ring = malloc(o->ring_size);
	o->entries = calloc(o->entries_max, sizeof(*o->entries));
	if (o->ring == NULL || o->entries == NULL) {
		net_udp_out_free(o);
		return ERR_SYS_NOMEM;
	}
	o->fd = s->fd;
	o->family = s->family;
	o->gso = s->gso;
	o->datagram_max = options->datagram_max;
	o->sendmmsg = sendmmsg_now;
	o->stats = stats;
	*ret = o;
	return 0;
}

void
net_udp_out_free(struct net_udp_out *o)
{
	if (o == NULL)
		return;
	free(o->ring);
	free(o->entries);
	free(o);
}

static struct entry *
entry_at(const struct net_udp_out *o, size_t n)
{
	size_t i = o->first + n;

	return &o->entries[i < o->entries_max ? i : i - o->entries_max];
}

/* What a datagram takes of the ring; an empty one a byte too, so that no two
 * begin at one offset. */
static size_t
room_of(size_t len)
{
	return len > 0 ? len : 1;
}

/* Find ${room} bytes in a row: between the newest and the end of the ring, or
 * before the oldest. */
static bool
find_room(struct net_udp_out *o, size_t room, size_t *ret)
{
	size_t tail;

	if (o->count == 0)
		o->head = 0;
	if (o->count == o->entries_max)
		return false;
	*ret = o->head;
	if (o->count == 0)
		return room <= o->ring_size;
	tail = entry_at(o, 0)->offset;
	/* Once around, the newest lies before the oldest. */
	if (entry_at(o, o->count - 1)->offset < tail)
		return room <= tail - o->head;
	if (room <= o->ring_size - o->head)
		return true;
	*ret = 0;
	return room <= tail;
}

int
net_udp_out_push(struct net_udp_out *o, const struct net_addr *peer,
    const struct net_addr *local, const uint8_t *bytes, size_t len)
{
	struct net_udp_route route;
	struct entry *e;
	size_t offset;
	int rc;

	if (len > o->datagram_max)
		return ERR_PEER_TOO_LARGE;
	rc = net_udp_route_make(o->family, peer, local, &route);
	if (rc != 0)
		return rc;
	if (!find_room(o, room_of(len), &offset)) {
		o->stats->send_full++;
		return ERR_STATE_FULL;
	}
	e = entry_at(o, o->count++);
	e->route = route;
	e->offset = offset;
	e->len = len;
	if (len > 0)
		memcpy(o->ring + offset, bytes, len);
	o->head = offset + room_of(len);
	return 0;
}

static void
pop(struct net_udp_out *o, size_t n)
{
	TROTH_ASSERT(n <= o->count);
	o->first += n;
	if (o->first >= o->entries_max)
		o->first -= o->entries_max;
	o->count -= n;
	o->singly -= n < o->singly ? n : o->singly;
}

/*
 * How many datagrams from number ${n} on may leave as one message: of one
 * route, all of one length but for a shorter last one.
 */
static size_t
run_length(const struct net_udp_out *o, size_t n)
{
	const struct entry *e = entry_at(o, n), *next;
	size_t run = 1, bytes = e->len;

	if (!o->gso || n < o->singly || e->len == 0)
		return 1;
	while (run < NET_UDP_SEGMENTS_MAX && n + run < o->count) {
		next = entry_at(o, n + run);
		if (next->len == 0 || next->len > e->len ||
		    bytes + next->len > NET_UDP_SEGMENTS_BYTES_MAX ||
		    memcmp(&next->route, &e->route, sizeof(e->route)) != 0)
			break;
		bytes += next->len;
		run++;
		if (next->len < e->len)
			break;
	}
	return run;
}

/* Make message ${m} of the ${run} datagrams from number ${n} on. */
static void
make_message(struct net_udp_out *o, size_t m, size_t n, size_t run)
{
	struct msghdr *h = &o->msgs[m].msg_hdr;
	struct message *part = &o->parts[m];
	struct entry *e = entry_at(o, n), *next;

	for (size_t i = 0; i < run; i++) {
		next = entry_at(o, n + i);
		part->iov[i].iov_base = o->ring + next->offset;
		part->iov[i].iov_len = next->len;
	}
	memset(part->control, 0, sizeof(part->control));
	memset(h, 0, sizeof(*h));
	h->msg_name = &e->route.to;
	h->msg_namelen = net_udp_route_name_len(&e->route);
	h->msg_iov = part->iov;
	h->msg_iovlen = run;
	h->msg_control = part->control;
	net_udp_control_put(h, &e->route, run > 1 ? e->len : 0);
}

/*
 * The kernel refused the first message, of ${run} datagrams, with ${e}.
 * Returns 0 when the queue moved on or the next try will differ.
 */
static int
refused(struct net_udp_out *o, size_t run, int e)
{
	switch (e) {
	case EAGAIN:
		o->stats->send_blocked++;
		return ERR_STATE_PENDING;
	case ENOBUFS:
	case ENOMEM:
		o->stats->send_blocked++;
		return ERR_SYS_LIMIT;
	default:
		break;
	}
	/* EIO: the device cannot compute checksums, so no run will ever pass.
	 * The others: a segment may be longer than this link takes. */
	if (run > 1 && (e == EIO || e == EINVAL || e == EMSGSIZE)) {
		o->gso = o->gso && e != EIO;
		o->singly = run;
		return 0;
	}
	if (e == EMSGSIZE)
		o->stats->send_dropped_long++;
	else
		o->stats->send_dropped_other += run;
	pop(o, run);
	return 0;
}

/* Send one batch. */
static int
flush_batch(struct net_udp_out *o)
{
	size_t runs[NET_UDP_BATCH], made = 0, n = 0;
	int sent;

	while (made < NET_UDP_BATCH && n < o->count) {
		runs[made] = run_length(o, n);
		make_message(o, made, n, runs[made]);
		n += runs[made++];
	}
	do {
		sent = o->sendmmsg(o->fd, o->msgs, (unsigned)made,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent <= 0)
		return refused(o, runs[0], sent == 0 ? EAGAIN : errno);
	for (int i = 0; i < sent; i++) {
		o->stats->sent += runs[i];
		pop(o, runs[i]);
	}
	o->stats->sent_calls++;
	return 0;
}

int
net_udp_out_flush(struct net_udp_out *o)
{
	int rc = 0;

	while (rc == 0 && o->count > 0)
		rc = flush_batch(o);
	return rc;
}

size_t
net_udp_out_count(const struct net_udp_out *o)
{
	return o->count;
}

bool
net_udp_out_gso(const struct net_udp_out *o)
{
	return o->gso;
}

void
net_udp_out_inject(struct net_udp_out *o, net_udp_sendmmsg_fn *fn)
{
	o->sendmmsg = fn;
}

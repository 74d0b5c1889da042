/* SPDX-License-Identifier: Apache-2.0 */
#include "net/udp_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/udp.h"
#include "net/udp_internal.h"

/* What a coalesced message may hold. */
#define GRO_BYTES 65536
/* Slots do not start at the same offset of a page, or their first bytes would
 * all compete for the same lines of the processor's cache. */
#define SLOT_SKEW (21 * 64)

struct slot {
	struct iovec iov;
	union {
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
		struct sockaddr any;
	} from;
	_Alignas(struct cmsghdr) uint8_t control[NET_UDP_CONTROL_MAX];
};

struct net_udp_in {
	int fd;
	size_t datagram_max;
	uint8_t *bytes;
	struct mmsghdr msgs[NET_UDP_BATCH];
	struct slot slots[NET_UDP_BATCH];
	/* The batch: which message, how far, and what is known of it. */
	unsigned count, at;
	size_t offset, segment;
	struct net_addr peer, local;
	struct net_udp_stats *stats;
};

int
net_udp_in_new(const struct net_udp_socket *s,
    const struct net_udp_options *options, struct net_udp_stats *stats,
    struct net_udp_in **ret)
{
	/* One more byte than allowed tells a longer datagram. */
	size_t slot = s->gro ? GRO_BYTES : options->datagram_max + 1;
	size_t stride = (slot + 63) / 64 * 64 + SLOT_SKEW;
	struct net_udp_in *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return ERR_SYS_NOMEM;
	in->bytes = malloc(stride * NET_UDP_BATCH);
	if (in->bytes == NULL) {
		free(in);
		return ERR_SYS_NOMEM;
	}
	in->fd = s->fd;
	in->datagram_max = options->datagram_max;
	for (size_t i = 0; i < NET_UDP_BATCH; i++) {
		in->slots[i].iov.iov_base = in->bytes + i * stride;
		in->slots[i].iov.iov_len = slot;
		in->msgs[i].msg_hdr.msg_iov = &in->slots[i].iov;
		in->msgs[i].msg_hdr.msg_iovlen = 1;
		in->msgs[i].msg_hdr.msg_name = &in->slots[i].from;
		in->msgs[i].msg_hdr.msg_control = in->slots[i].control;
	}
	in->stats = stats;
	*ret = in;
	return 0;
}

void
net_udp_in_free(struct net_udp_in *in)
{
	if (in == NULL)
		return;
	free(in->bytes);
	free(in);
}

/* Whether message ${at} of the batch can be used; then what is known of all
 * its datagrams is read. */
static bool
begin_message(struct net_udp_in *in)
{
	struct msghdr *m = &in->msgs[in->at].msg_hdr;
	struct slot *s = &in->slots[in->at];

	if ((m->msg_flags & MSG_TRUNC) != 0) {
		in->stats->dropped_long++;
		return false;
	}
	if (m->msg_namelen == sizeof(s->from.ip4) &&
	    s->from.any.sa_family == AF_INET) {
		net_udp_addr_set(&in->peer, (uint8_t *)&s->from.ip4.sin_addr, 4,
		    ntohs(s->from.ip4.sin_port));
	} else if (m->msg_namelen == sizeof(s->from.ip6) &&
		   s->from.any.sa_family == AF_INET6) {
		net_udp_addr_set(&in->peer, s->from.ip6.sin6_addr.s6_addr, 16,
		    ntohs(s->from.ip6.sin6_port));
	} else {
		in->stats->dropped_malformed++;
		return false;
	}
	net_udp_control_get(m, &in->local, &in->segment);
	if (in->segment == 0)
		in->segment = in->msgs[in->at].msg_len;
	return true;
}

int
net_udp_in_fill(struct net_udp_in *in)
{
	int n;

	for (unsigned i = 0; i < NET_UDP_BATCH; i++) {
		in->msgs[i].msg_hdr.msg_namelen = sizeof(in->slots[i].from);
		in->msgs[i].msg_hdr.msg_controllen = NET_UDP_CONTROL_MAX;
	}
	in->count = in->at = 0;
	in->offset = 0;
	do {
		n = recvmmsg(
		    in->fd, in->msgs, NET_UDP_BATCH, MSG_DONTWAIT, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return ERR_STATE_PENDING;
	if (n < 0)
		return ERR_SYS_NETWORK;
	in->count = (unsigned)n;
	in->stats->received_calls++;
	return 0;
}

/* Cut the next datagram off message ${at}, and move on when it was the last. */
static void
cut(struct net_udp_in *in, const uint8_t **ret_bytes, size_t *ret_len)
{
	size_t left = in->msgs[in->at].msg_len - in->offset;

	*ret_bytes = (uint8_t *)in->slots[in->at].iov.iov_base + in->offset;
	*ret_len = left < in->segment ? left : in->segment;
	in->offset += *ret_len;
	if (*ret_len == left) {
		in->at++;
		in->offset = 0;
	}
}

bool
net_udp_in_next(struct net_udp_in *in, struct net_udp_datagram *ret)
{
	const uint8_t *bytes;
	size_t len;

	while (in->at < in->count) {
		if (in->offset == 0 && !begin_message(in)) {
			in->at++;
			continue;
		}
		cut(in, &bytes, &len);
		if (len > in->datagram_max) {
			in->stats->dropped_long++;
			continue;
		}
		in->stats->received++;
		ret->peer = &in->peer;
		ret->local = &in->local;
		ret->bytes = bytes;
		ret->len = len;
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_UDP_INTERNAL_H
#define NET_UDP_INTERNAL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "net/addr.h"

/* Messages in one recvmmsg or sendmmsg. */
#define NET_UDP_BATCH 64
/* Datagrams in one message to the kernel (its UDP_MAX_SEGMENTS was 64 first),
 * and their bytes together: a packet's length less the headers of IPv6. */
#define NET_UDP_SEGMENTS_MAX 64
#define NET_UDP_SEGMENTS_BYTES_MAX (65535 - 40 - 8)
/* Room for the control messages of one message, either way. */
#define NET_UDP_CONTROL_MAX 128

/* Where a datagram goes and from where; equal ones are equal by the byte. */
struct net_udp_route {
	union {
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
	} to;
	uint8_t local[16];
	bool has_local;
};

/**
 * net_udp_route_make(socket_family, peer, local, ret):
 * Convert for a socket of AF_INET or AF_INET6; an IPv4 address becomes
 * v4-mapped for the latter.  ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int net_udp_route_make(int socket_family,
    const struct net_addr *peer, const struct net_addr *local,
    struct net_udp_route *ret);

/**
 * net_udp_route_name_len(r):
 * Return the length of the socket address in ${r}.
 */
socklen_t net_udp_route_name_len(const struct net_udp_route *r);

/**
 * net_udp_control_put(m, r, gso_bytes):
 * Write the control messages for ${r}, and for segments of ${gso_bytes} unless
 * that is 0, into m->msg_control, which has NET_UDP_CONTROL_MAX bytes, is
 * aligned for struct cmsghdr and zeroed.
 */
void net_udp_control_put(
    struct msghdr *m, const struct net_udp_route *r, size_t gso_bytes);

/**
 * net_udp_control_get(m, local, ret_segment):
 * Read the local address of a received message into ${local}, whose path is
 * empty already, and its segment length (0: a single datagram).
 */
void net_udp_control_get(
    struct msghdr *m, struct net_addr *local, size_t *ret_segment);

/**
 * net_udp_addr_set(a, bytes, len, port):
 * Set ${a}, whose path is empty already, to the 4 or 16 network-order bytes,
 * a v4-mapped address to IPv4.
 */
void net_udp_addr_set(
    struct net_addr *a, const uint8_t *bytes, size_t len, uint16_t port);

struct net_udp_out;

/* sendmmsg(2), or what a test puts in its place. */
typedef int net_udp_sendmmsg_fn(
    int fd, struct mmsghdr *msgs, unsigned count, int flags);

/**
 * net_udp_out_inject(o, fn):
 * Send through ${fn} from now on: for tests of what a kernel may answer.
 */
void net_udp_out_inject(struct net_udp_out *o, net_udp_sendmmsg_fn *fn);

#endif

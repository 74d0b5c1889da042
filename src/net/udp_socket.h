/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_UDP_SOCKET_H
#define NET_UDP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct fault;
struct net_addr;

/* The longest payload of a datagram in IPv4 (RFC 768, RFC 791). */
#define NET_UDP_DATAGRAM_MAX 65507

struct net_udp_options {
	size_t datagram_max;	    /* bytes, 1 to NET_UDP_DATAGRAM_MAX */
	size_t queue_bytes_max;	    /* waiting to be sent, at least one */
	size_t queue_datagrams_max; /* datagram of each */
	int socket_buffer_bytes;    /* of each direction; 0: the system's */
	bool offload;		    /* GSO and GRO where the kernel has them */
	bool dual;		    /* an IPv6 wildcard takes IPv4 as well */
	struct fault *fault;	    /* told why opening failed; may be NULL */
};

/* Since the socket was opened, in datagrams. */
struct net_udp_stats {
	uint64_t received;
	uint64_t received_calls;    /* of recvmmsg that brought any */
	uint64_t dropped_long;	    /* longer than datagram_max */
	uint64_t dropped_malformed; /* no usable source address */
	uint64_t dropped_kernel;    /* the socket's receive buffer was full */
	uint64_t sent;
	uint64_t sent_calls;	     /* of sendmmsg that took any */
	uint64_t send_dropped_long;  /* longer than the link takes */
	uint64_t send_dropped_other; /* no route, address gone, firewall */
	uint64_t send_full;	     /* net_udp_send: ERR_STATE_FULL */
	uint64_t send_blocked;	     /* times the kernel took no more */
};

struct net_udp_socket {
	int fd;
	int family;	    /* AF_INET, AF_INET6 */
	bool gso, gro;	    /* UDP_SEGMENT, UDP_GRO */
	bool dual;	    /* takes IPv4 on an IPv6 socket */
	int rcvbuf, sndbuf; /* payload bytes, as granted */
};

/**
 * net_udp_socket_open(addr, options, ret):
 * Open a non-blocking socket bound to the IPv4 or IPv6 address ${addr} (port
 * 0: any), which tells the local address of each datagram, never fragments
 * (the path's MTU is the sender's business: RFC 8899 section 4.1), and uses
 * the kernel's offloads if asked and there.  ERR_STATE_EXISTS when the port
 * is taken; other SYS errors.
 */
MUST_CHECK int net_udp_socket_open(const struct net_addr *addr,
    const struct net_udp_options *options, struct net_udp_socket *ret);

/**
 * net_udp_socket_close(s):
 * Close the descriptor.
 */
void net_udp_socket_close(struct net_udp_socket *s);

/**
 * net_udp_socket_bound(s, ret):
 * Store the address the socket is bound to.  ERR_SYS_OS.
 */
MUST_CHECK int net_udp_socket_bound(
    const struct net_udp_socket *s, struct net_addr *ret);

/**
 * net_udp_socket_drops(s):
 * Return how many datagrams the kernel dropped because the receive buffer was
 * full, modulo 2^32; 0 where it does not tell.
 */
uint32_t net_udp_socket_drops(const struct net_udp_socket *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/udp_socket.h"

/*
 * A UDP socket on the loop: receives in batches, sends from a queue of fixed
 * size, answers from the address it was asked on.  Nothing is allocated after
 * net_udp_open.
 */
struct fault;
struct loop;
struct net_addr;
struct net_udp;

/* A loop turn ends after this many batches, or the one in which it reaches so
 * many datagrams: then timers and other sockets have their turn. */
#define NET_UDP_TURN_BATCHES 32
#define NET_UDP_TURN_MAX 1024
/* How long to wait when the device's queue is full, for no event tells. */
#define NET_UDP_RETRY_MS 2

/*
 * A received datagram; all pointers are good until the callback returns.
 * ${local} is the address it was sent to, NET_FAMILY_NONE for multicast.
 */
struct net_udp_datagram {
	const struct net_addr *peer, *local;
	const uint8_t *bytes;
	size_t len;
};

typedef void net_udp_fn(void *ctx, const struct net_udp_datagram *d);

/**
 * net_udp_open(l, addr, options, received, ctx, ret):
 * Open a socket as net_udp_socket_open and call ${received}(${ctx}) for each
 * datagram.  At the end of a turn that received something, net_udp_flush is
 * done for the caller.  ERR_SYS_NOMEM and what net_udp_socket_open returns;
 * options->fault gets the message.
 */
MUST_CHECK int net_udp_open(struct loop *l, const struct net_addr *addr,
    const struct net_udp_options *options, net_udp_fn *received, void *ctx,
    struct net_udp **ret);

/**
 * net_udp_free(u):
 * Close; what waits in the queue is dropped.  May be called from the callback.
 * NULL is allowed.
 */
void net_udp_free(struct net_udp *u);

/**
 * net_udp_send(u, peer, local, bytes, len):
 * Queue a copy of ${len} bytes for ${peer}, to leave from ${local}, or where
 * that is NULL or NET_FAMILY_NONE from the address the kernel chooses.  To
 * send what is queued call net_udp_flush.  ERR_STATE_FULL when the queue is;
 * ERR_PEER_TOO_LARGE beyond datagram_max; ERR_PEER_UNSUPPORTED for a peer this
 * socket cannot reach.
 */
MUST_CHECK int net_udp_send(struct net_udp *u, const struct net_addr *peer,
    const struct net_addr *local, const uint8_t *bytes, size_t len);

/**
 * net_udp_flush(u):
 * Hand the queue to the kernel, in order.  What it does not take now goes when
 * it does; what it refuses is dropped and counted.
 */
void net_udp_flush(struct net_udp *u);

/**
 * net_udp_socket(u):
 * Return the socket's state: what the kernel offers, the
 * sizes of the buffers.  Good until net_udp_free.
 */
const struct net_udp_socket *net_udp_socket(const struct net_udp *u);

/**
 * net_udp_stats(u, ret):
 * Store the counters.
 */
void net_udp_stats(const struct net_udp *u, struct net_udp_stats *ret);

#endif

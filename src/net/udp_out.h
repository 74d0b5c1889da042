/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_UDP_OUT_H
#define NET_UDP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The queue of datagrams on their way out of a socket, of fixed size.  It
 * needs no loop, so a thread may have one of its own over the same descriptor.
 */
struct net_addr;
struct net_udp_options;
struct net_udp_out;
struct net_udp_socket;
struct net_udp_stats;

/**
 * net_udp_out_new(s, options, stats, ret):
 * Create an empty queue for ${s}, counting in ${stats}; both must outlive it.
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int net_udp_out_new(const struct net_udp_socket *s,
    const struct net_udp_options *options, struct net_udp_stats *stats,
    struct net_udp_out **ret);

/**
 * net_udp_out_free(o):
 * Drop what waits.  NULL is allowed.
 */
void net_udp_out_free(struct net_udp_out *o);

/**
 * net_udp_out_push(o, peer, local, bytes, len):
 * As net_udp_send.
 */
MUST_CHECK int net_udp_out_push(struct net_udp_out *o,
    const struct net_addr *peer, const struct net_addr *local,
    const uint8_t *bytes, size_t len);

/**
 * net_udp_out_flush(o):
 * Hand the queue to the kernel in order.  0 when it is empty now;
 * ERR_STATE_PENDING when the socket takes no more until it is writable;
 * ERR_SYS_LIMIT when the device or the system is out of buffers, which passes
 * without an event.
 */
MUST_CHECK int net_udp_out_flush(struct net_udp_out *o);

/**
 * net_udp_out_count(o):
 * Return the number of datagrams that wait.
 */
size_t net_udp_out_count(const struct net_udp_out *o);

/**
 * net_udp_out_gso(o):
 * Return whether runs of datagrams leave as one message: what the socket said,
 * until a device refuses.
 */
bool net_udp_out_gso(const struct net_udp_out *o);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_UDP_IN_H
#define NET_UDP_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The receiving side of a socket: one batch of messages at a time, each of
 * which may hold several datagrams of one peer (GRO).
 */
struct net_udp_datagram;
struct net_udp_in;
struct net_udp_options;
struct net_udp_socket;
struct net_udp_stats;

/**
 * net_udp_in_new(s, options, stats, ret):
 * Create the buffers for ${s}, counting in ${stats}; both must outlive them.
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int net_udp_in_new(const struct net_udp_socket *s,
    const struct net_udp_options *options, struct net_udp_stats *stats,
    struct net_udp_in **ret);

/**
 * net_udp_in_free(in):
 * NULL is allowed.
 */
void net_udp_in_free(struct net_udp_in *in);

/**
 * net_udp_in_fill(in):
 * Receive a batch, in place of the last one.  ERR_STATE_PENDING when nothing
 * waits; ERR_SYS_NETWORK.
 */
MUST_CHECK int net_udp_in_fill(struct net_udp_in *in);

/**
 * net_udp_in_next(in, ret):
 * Store the next datagram of the batch and return true; false at its end.
 */
bool net_udp_in_next(struct net_udp_in *in, struct net_udp_datagram *ret);

#endif

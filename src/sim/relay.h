/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_RELAY_H
#define SIM_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "net/addr.h"
#include "sim/sim_fate.h"

/*
 * A UDP relay that treats datagrams as a bad network would.  Each client gets
 * a socket of its own towards the server, so the server sees as many peers as
 * there are; clients are numbered from 0 in the order in which they appear.
 */
struct fault;
struct loop;
struct relay;

enum relay_direction { RELAY_UP, RELAY_DOWN, RELAY_DIRECTIONS };

struct relay_options {
	struct net_addr listen, server;
	struct sim_fate_rates rates[RELAY_DIRECTIONS];
	uint64_t seed;
	uint32_t flows_max;
	uint32_t waiting_max; /* delayed datagrams, of all flows */
	FILE *trace;	      /* a line for each datagram; NULL for none */
};

/* Of one direction, in datagrams. */
struct relay_stats {
	uint64_t in, out, lost, duplicated, corrupted, reordered;
	uint64_t no_room;     /* flows_max or waiting_max reached */
	uint64_t send_failed; /* the system refused */
};

/**
 * relay_new(l, options, ret, f):
 * Listen.  The fate of a datagram is that of sim_fate_draw for the flow
 * 2 * client + direction and the datagram's number in it, from 0.
 */
MUST_CHECK int relay_new(struct loop *l, const struct relay_options *options,
    struct relay **ret, struct fault *f);

/**
 * relay_free(r):
 * What is delayed is dropped.  NULL is allowed.
 */
void relay_free(struct relay *r);

/**
 * relay_bound(r):
 * Return the address clients send to.
 */
const struct net_addr *relay_bound(const struct relay *r);

/**
 * relay_flows(r), relay_stats(r, d):
 * Return the number of clients seen; the counters of one direction.
 */
uint32_t relay_flows(const struct relay *r);
const struct relay_stats *relay_stats(
    const struct relay *r, enum relay_direction d);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_NET_H
#define SIM_SIM_NET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/sim_fate.h"

/*
 * A network between the nodes of a world.  What happens to a message is
 * decided by sim_fate_draw from the world's seed, the two nodes and the
 * message's number between them.
 */
struct sim_net;
struct sim_world;

#define SIM_NET_MESSAGE_MAX 65536

/* ${bytes} is good until the call returns. */
typedef void sim_net_fn(
    void *ctx, uint32_t from, const uint8_t *bytes, size_t len);

struct sim_net_stats {
	uint64_t sent, delivered, lost, duplicated, reordered, corrupted;
	uint64_t unreachable; /* partitioned, or the receiver was down */
};

/**
 * sim_net_new(w, nodes_max, ret):
 * Create a perfect network of no delay for the nodes below ${nodes_max}.
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int sim_net_new(
    struct sim_world *w, uint32_t nodes_max, struct sim_net **ret);

/**
 * sim_net_free(n):
 * Before the world.  NULL is allowed.
 */
void sim_net_free(struct sim_net *n);

/**
 * sim_net_listen(n, node, fn):
 * Hand what ${node} is sent to ${fn} with the node's ctx.
 */
void sim_net_listen(struct sim_net *n, uint32_t node, sim_net_fn *fn);

/**
 * sim_net_rates(n, rates), sim_net_link(n, from, to, rates):
 * Set what happens to messages: everywhere; in one direction between two
 * nodes.
 */
void sim_net_rates(struct sim_net *n, const struct sim_fate_rates *rates);
void sim_net_link(struct sim_net *n, uint32_t from, uint32_t to,
    const struct sim_fate_rates *rates);

/**
 * sim_net_group(n, node, group):
 * Put ${node} into a group; only nodes of the same group reach each other.
 * All begin in group 0.
 */
void sim_net_group(struct sim_net *n, uint32_t node, uint32_t group);

/**
 * sim_net_send(n, from, to, bytes, len):
 * Send a message, which may be lost without anybody being told.
 */
void sim_net_send(struct sim_net *n, uint32_t from, uint32_t to,
    const void *bytes, size_t len);

/**
 * sim_net_stats(n):
 * Return the counters.
 */
const struct sim_net_stats *sim_net_stats(const struct sim_net *n);

#endif

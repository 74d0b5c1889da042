/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_net.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "sim/sim_world.h"

struct link {
	struct sim_fate_rates rates;
	uint64_t number;  /* of the next message */
	uint64_t last_us; /* when the last one in order arrives */
};

struct sim_net {
	struct sim_world *world;
	uint32_t nodes_max, carrier;
	sim_net_fn **listen;
	uint32_t *groups;
	struct link *links; /* from * nodes_max + to */
	struct sim_net_stats stats;
};

/* A message on its way.  It is the network's event, not the receiver's: it
 * arrives at whoever lives there then. */
struct message {
	uint32_t from, to;
	size_t len;
	uint8_t bytes[];
};

/* Calls the receiver as the receiver's own event, so that it can be doomed. */
static void
receive(void *ctx, const void *data, size_t len)
{
	const struct message *m = data;
	struct sim_net *n;

	(void)len;
	memcpy(&n, m->bytes, sizeof(n));
	n->listen[m->to](
	    ctx, m->from, m->bytes + sizeof(n), m->len - sizeof(n));
}

static void
arrive(void *ctx, const void *data, size_t len)
{
	const struct message *m = data;
	struct sim_net *n = ctx;

	if (!sim_world_up(n->world, m->to) || n->listen[m->to] == NULL ||
	    n->groups[m->from] != n->groups[m->to]) {
		n->stats.unreachable++;
		return;
	}
	n->stats.delivered++;
	sim_world_after(n->world, m->to, 0, receive, m, len);
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

static void
never(void *ctx, bool power)
{
	(void)ctx;
	(void)power;
}

static const struct sim_node_ops carrier_ops = { nothing, never };

int
sim_net_new(struct sim_world *w, uint32_t nodes_max, struct sim_net **ret)
{
	struct sim_net *n = calloc(1, sizeof(*n));
	int rc = ERR_SYS_NOMEM;

	if (n == NULL)
		return rc;
	n->world = w;
	n->nodes_max = nodes_max;
	n->listen = calloc(nodes_max, sizeof(*n->listen));
	n->groups = calloc(nodes_max, sizeof(*n->groups));
	n->links = calloc((size_t)nodes_max * nodes_max, sizeof(*n->links));
	if (n->listen != NULL && n->groups != NULL && n->links != NULL)
		rc = sim_world_add(w, "net", &carrier_ops, n, &n->carrier);
	if (rc != 0) {
		sim_net_free(n);
		return rc;
	}
	sim_world_start(w, n->carrier);
	*ret = n;
	return 0;
}

void
sim_net_free(struct sim_net *n)
{
	if (n == NULL)
		return;
	free(n->listen);
	free(n->groups);
	free(n->links);
	free(n);
}

void
sim_net_listen(struct sim_net *n, uint32_t node, sim_net_fn *fn)
{
	TROTH_ASSERT(node < n->nodes_max);
	n->listen[node] = fn;
}

void
sim_net_rates(struct sim_net *n, const struct sim_fate_rates *rates)
{
	for (size_t i = 0; i < (size_t)n->nodes_max * n->nodes_max; i++)
		n->links[i].rates = *rates;
}

void
sim_net_link(struct sim_net *n, uint32_t from, uint32_t to,
    const struct sim_fate_rates *rates)
{
	TROTH_ASSERT(from < n->nodes_max);
	TROTH_ASSERT(to < n->nodes_max);
	n->links[(size_t)from * n->nodes_max + to].rates = *rates;
}

void
sim_net_group(struct sim_net *n, uint32_t node, uint32_t group)
{
	TROTH_ASSERT(node < n->nodes_max);
	n->groups[node] = group;
}

/* Put one copy on its way. */
static void
carry(struct sim_net *n, const struct message *m, uint64_t delay_us)
{
	sim_world_after(
	    n->world, n->carrier, delay_us, arrive, m, sizeof(*m) + m->len);
}

static uint64_t
delay_of(struct sim_net *n, struct link *l, const struct sim_fate *fate)
{
	uint64_t now_us = sim_world_now_us(n->world);
	uint64_t at_us = now_us + fate->delay_us;

	if (fate->reordered)
		return fate->delay_us;
	if (at_us < l->last_us)
		at_us = l->last_us;
	l->last_us = at_us;
	return at_us - now_us;
}

void
sim_net_send(struct sim_net *n, uint32_t from, uint32_t to, const void *bytes,
    size_t len)
{
	struct message *m = malloc(sizeof(*m) + sizeof(n) + len);
	struct link *l = &n->links[(size_t)from * n->nodes_max + to];
	struct sim_fate fate;
	uint8_t *body;
	uint64_t delay_us;

	TROTH_ASSERT(len <= SIM_NET_MESSAGE_MAX);
	if (m == NULL || !sim_world_effect(n->world, from)) {
		free(m);
		return;
	}
	n->stats.sent++;
	sim_fate_draw(&l->rates, sim_world_seed(n->world),
	    (uint64_t)from << 32 | to, l->number++, len, &fate);
	if (fate.copies == 0) {
		n->stats.lost++;
		sim_world_trace(n->world, "%s to %s: lost",
		    sim_world_name(n->world, from),
		    sim_world_name(n->world, to));
		free(m);
		return;
	}
	n->stats.duplicated += fate.copies == 2;
	n->stats.reordered += fate.reordered;
	n->stats.corrupted += fate.corrupted;
	delay_us = delay_of(n, l, &fate);
	m->from = from;
	m->to = to;
	m->len = sizeof(n) + len;
	memcpy(m->bytes, &n, sizeof(n));
	body = m->bytes + sizeof(n);
	memcpy(body, bytes, len);
	if (fate.copies == 2)
		carry(n, m, delay_us);
	if (fate.corrupted)
		body[fate.bit / 8] ^= (uint8_t)(1U << fate.bit % 8);
	carry(n, m, delay_us);
	free(m);
}

const struct sim_net_stats *
sim_net_stats(const struct sim_net *n)
{
	return &n->stats;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/heap.h"
#include "crypto/sha2.h"
#include "sim/sim_rng.h"

#define EPOCH_MS 1767225600000 /* 2026-01-01T00:00:00Z */
#define NO_NODE UINT32_MAX
/* A doomed event does at most so many of its effects. */
#define DOOM_EFFECTS_MAX 4

struct node {
	const char *name;
	const struct sim_node_ops *ops;
	void *ctx;
	bool up;
	uint32_t life; /* how often it started */
	uint32_t doom_ppm;
	uint64_t down_us_max;
};

struct event {
	uint32_t node, life;
	sim_event_fn *fn;
	size_t len;
	_Alignas(max_align_t) uint8_t data[];
};

struct sim_world {
	uint64_t seed, now_us, n_events;
	struct sim_rng rng;
	struct heap *events;
	struct node *nodes;
	uint32_t n_nodes;
	/* Of the event that runs: whose, and what is left to a doomed one. */
	uint32_t running;
	bool doomed;
	uint32_t effects_left;
	int rc;
	char failure[256];
	struct crypto_sha2 trace;
	FILE *print;
};

int
sim_world_new(uint64_t seed, struct sim_world **ret)
{
	struct sim_world *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return ERR_SYS_NOMEM;
	rc = base_heap_new(SIM_EVENTS_MAX, &w->events);
	if (rc != 0) {
		free(w);
		return rc;
	}
	w->seed = seed;
	w->running = NO_NODE;
	sim_rng_init(&w->rng, seed, 0);
	crypto_sha2_init(&w->trace, CRYPTO_SHA256);
	*ret = w;
	return 0;
}

void
sim_world_free(struct sim_world *w)
{
	struct event *e;
	uint64_t at_us;

	if (w == NULL)
		return;
	while ((e = base_heap_pop(w->events, &at_us)) != NULL)
		free(e);
	base_heap_free(w->events);
	free(w->nodes);
	free(w);
}

int
sim_world_add(struct sim_world *w, const char *name,
    const struct sim_node_ops *ops, void *ctx, uint32_t *ret)
{
	struct node *nodes =
	    reallocarray(w->nodes, w->n_nodes + 1, sizeof(*nodes));

	if (nodes == NULL)
		return ERR_SYS_NOMEM;
	w->nodes = nodes;
	nodes[w->n_nodes] =
	    (struct node){ .name = name, .ops = ops, .ctx = ctx };
	*ret = w->n_nodes++;
	return 0;
}

void
sim_world_start(struct sim_world *w, uint32_t node)
{
	struct node *n = &w->nodes[node];

	TROTH_ASSERT(!n->up);
	n->up = true;
	n->life++;
	sim_world_trace(w, "%s starts", n->name);
	n->ops->start(n->ctx);
}

void
sim_world_crash(struct sim_world *w, uint32_t node, bool power)
{
	struct node *n = &w->nodes[node];

	TROTH_ASSERT(n->up);
	n->up = false;
	sim_world_trace(w, "%s %s", n->name, power ? "loses power" : "crashes");
	n->ops->crash(n->ctx, power);
}

void
sim_world_doom(
    struct sim_world *w, uint32_t node, uint32_t ppm, uint64_t down_us_max)
{
	w->nodes[node].doom_ppm = ppm;
	w->nodes[node].down_us_max = down_us_max;
}

bool
sim_world_effect(struct sim_world *w, uint32_t node)
{
	if (!w->nodes[node].up)
		return false;
	if (w->running != node || !w->doomed)
		return true;
	if (w->effects_left == 0)
		return false;
	w->effects_left--;
	return true;
}

static void
put_event(struct sim_world *w, uint64_t delay_us, struct event *e)
{
	int rc = base_heap_push(w->events, w->now_us + delay_us, e);

	if (rc != 0) {
		w->rc = rc;
		free(e);
	}
}

void
sim_world_after(struct sim_world *w, uint32_t node, uint64_t delay_us,
    sim_event_fn *fn, const void *data, size_t len)
{
	struct event *e = malloc(sizeof(*e) + len);

	if (e == NULL) {
		w->rc = ERR_SYS_NOMEM;
		return;
	}
	e->node = node;
	e->life = w->nodes[node].life;
	e->fn = fn;
	e->len = len;
	if (len > 0)
		memcpy(e->data, data, len);
	put_event(w, delay_us, e);
}

/* An event without a function starts the node of its data. */
static void
restart_later(struct sim_world *w, uint32_t node)
{
	struct event *e = malloc(sizeof(*e));

	if (e == NULL) {
		w->rc = ERR_SYS_NOMEM;
		return;
	}
	*e = (struct event){ .node = node };
	put_event(
	    w, 1 + sim_rng_below(&w->rng, w->nodes[node].down_us_max + 1), e);
}

void
sim_world_exit(struct sim_world *w, uint32_t node)
{
	if (!sim_world_effect(w, node))
		return; /* dies of its doom */
	sim_world_crash(w, node, false);
	restart_later(w, node);
}

static void
run_event(struct sim_world *w, const struct event *e)
{
	struct node *n = &w->nodes[e->node];

	if (e->fn == NULL) {
		if (!n->up)
			sim_world_start(w, e->node);
		return;
	}
	if (!n->up || n->life != e->life)
		return;
	w->running = e->node;
	w->doomed = n->doom_ppm > 0 && sim_rng_chance(&w->rng, n->doom_ppm);
	if (w->doomed)
		w->effects_left =
		    (uint32_t)sim_rng_below(&w->rng, DOOM_EFFECTS_MAX);
	e->fn(n->ctx, e->data, e->len);
	w->running = NO_NODE;
	/* The array may have moved, and the node may have ended itself. */
	n = &w->nodes[e->node];
	if (w->doomed && n->up) {
		sim_world_crash(w, e->node, sim_rng_chance(&w->rng, 500000));
		restart_later(w, e->node);
	}
	w->doomed = false;
}

int
sim_world_run(struct sim_world *w, uint64_t until_us)
{
	struct event *e;
	uint64_t at_us;

	while (w->rc == 0 && base_heap_peek(w->events, &at_us) != NULL &&
	       at_us <= until_us) {
		e = base_heap_pop(w->events, &at_us);
		w->now_us = at_us;
		w->n_events++;
		run_event(w, e);
		free(e);
	}
	if (w->rc == 0)
		w->now_us = until_us;
	return w->rc;
}

void
sim_world_fail(struct sim_world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->failure[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(w->failure, sizeof(w->failure), fmt, ap);
	va_end(ap);
	sim_world_trace(w, "FAILED %s", w->failure);
	w->rc = ERR_STATE_INTEGRITY;
}

const char *
sim_world_failure(const struct sim_world *w)
{
	return w->failure;
}

void
sim_world_trace(struct sim_world *w, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n, m;

	n = snprintf(line, sizeof(line), "%ju ", (uintmax_t)w->now_us);
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	va_end(ap);
	n += m;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	crypto_sha2_update(&w->trace, line, (size_t)n);
	if (w->print != NULL)
		fwrite(line, 1, (size_t)n, w->print);
}

void
sim_world_print(struct sim_world *w, FILE *to)
{
	w->print = to;
}

void
sim_world_digest(const struct sim_world *w, uint8_t digest[SIM_DIGEST_LEN])
{
	struct crypto_sha2 copy = w->trace;

	crypto_sha2_final(&copy, digest);
}

uint64_t
sim_world_now_us(const struct sim_world *w)
{
	return w->now_us;
}

struct sim_rng *
sim_world_rng(struct sim_world *w)
{
	return &w->rng;
}

uint64_t
sim_world_seed(const struct sim_world *w)
{
	return w->seed;
}

bool
sim_world_up(const struct sim_world *w, uint32_t node)
{
	return w->nodes[node].up;
}

const char *
sim_world_name(const struct sim_world *w, uint32_t node)
{
	return w->nodes[node].name;
}

uint64_t
sim_world_events(const struct sim_world *w)
{
	return w->n_events;
}

static int64_t
now_ms(void *ctx)
{
	const struct sim_world *w = ctx;

	return EPOCH_MS + (int64_t)(w->now_us / 1000);
}

struct clock
sim_world_clock(struct sim_world *w)
{
	return (struct clock){ now_ms, w };
}

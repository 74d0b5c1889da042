/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_WORLD_H
#define SIM_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * A simulated world: virtual time, nodes that run and crash, and a hash of
 * everything that happened.  One seed decides it all, so a run can be repeated
 * to the last event.  Time passes between events only.
 */
struct sim_rng;
struct sim_world;

#define SIM_EVENTS_MAX (1 << 20)
#define SIM_DIGEST_LEN 32

/* What a node does; ${ctx} is its own. */
struct sim_node_ops {
	void (*start)(void *ctx); /* it comes up, with empty memory */
	void (*crash)(void *ctx, bool power); /* forget memory; power: the
						 disks lose what is unsynced */
};

typedef void sim_event_fn(void *ctx, const void *data, size_t len);

/**
 * sim_world_new(seed, ret):
 * Create an empty world at time 0.  ERR_SYS_NOMEM.
 */
MUST_CHECK int sim_world_new(uint64_t seed, struct sim_world **ret);

/**
 * sim_world_free(w):
 * NULL is allowed.
 */
void sim_world_free(struct sim_world *w);

/**
 * sim_world_add(w, name, ops, ctx, ret):
 * Add a node, which is down; ${name} and ${ops} must outlive the world.
 * Nodes are numbered from 0.  ERR_SYS_NOMEM.
 */
MUST_CHECK int sim_world_add(struct sim_world *w, const char *name,
    const struct sim_node_ops *ops, void *ctx, uint32_t *ret);

/**
 * sim_world_start(w, node), sim_world_crash(w, node, power):
 * Bring up a node that is down; take down one that is up, whose events are
 * dropped.
 */
void sim_world_start(struct sim_world *w, uint32_t node);
void sim_world_crash(struct sim_world *w, uint32_t node, bool power);

/**
 * sim_world_exit(w, node):
 * ${node}, in an event of its own, ends itself as a program does that cannot go
 * on; it starts again as after a doom.
 */
void sim_world_exit(struct sim_world *w, uint32_t node);

/**
 * sim_world_doom(w, node, ppm, down_us_max):
 * From now on ${node} crashes ${ppm} times in a million events: somewhere in
 * the middle of one, so that only the first few of its effects happen.  It
 * starts again within ${down_us_max}.
 */
void sim_world_doom(
    struct sim_world *w, uint32_t node, uint32_t ppm, uint64_t down_us_max);

/**
 * sim_world_effect(w, node):
 * Return whether ${node} still lives in this event: asked before each effect
 * on the world outside its memory, by the network and the disks.
 */
bool sim_world_effect(struct sim_world *w, uint32_t node);

/**
 * sim_world_after(w, node, delay_us, fn, data, len):
 * Call ${fn} with the node's ctx and a copy of ${data} in ${delay_us}, unless
 * the node has crashed by then.
 */
void sim_world_after(struct sim_world *w, uint32_t node, uint64_t delay_us,
    sim_event_fn *fn, const void *data, size_t len);

/**
 * sim_world_run(w, until_us):
 * Run until then or until sim_world_fail.  ERR_SYS_NOMEM; ERR_STATE_FULL
 * beyond SIM_EVENTS_MAX events at a time; ERR_STATE_INTEGRITY after
 * sim_world_fail.
 */
MUST_CHECK int sim_world_run(struct sim_world *w, uint64_t until_us);

/**
 * sim_world_fail(w, fmt, ...):
 * An invariant does not hold: stop.  The first message stays, and is returned
 * by sim_world_failure, which returns "" while there is none.
 */
void sim_world_fail(struct sim_world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *sim_world_failure(const struct sim_world *w);

/**
 * sim_world_trace(w, fmt, ...), sim_world_print(w, to):
 * Note one line with the time; from sim_world_print on also on ${to}.
 */
void sim_world_trace(struct sim_world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sim_world_print(struct sim_world *w, FILE *to);

/**
 * sim_world_digest(w, digest):
 * Store the SHA-256 of all lines so far.
 */
void sim_world_digest(
    const struct sim_world *w, uint8_t digest[SIM_DIGEST_LEN]);

/**
 * sim_world_now_us(w), sim_world_rng(w), sim_world_seed(w):
 * Return the virtual time; the random numbers of whoever runs in the world;
 * the seed.
 */
uint64_t sim_world_now_us(const struct sim_world *w);
struct sim_rng *sim_world_rng(struct sim_world *w);
uint64_t sim_world_seed(const struct sim_world *w);

/**
 * sim_world_up(w, node), sim_world_name(w, node), sim_world_events(w):
 * Return whether ${node} is up; its name; how many events have run.
 */
bool sim_world_up(const struct sim_world *w, uint32_t node);
const char *sim_world_name(const struct sim_world *w, uint32_t node);
uint64_t sim_world_events(const struct sim_world *w);

/**
 * sim_world_clock(w):
 * Return the virtual time as the hook through which cores take a clock: unix
 * milliseconds, from 2026-01-01 on.
 */
struct clock sim_world_clock(struct sim_world *w);

#endif

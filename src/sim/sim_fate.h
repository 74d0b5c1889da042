/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_FATE_H
#define SIM_SIM_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a bad network does to a datagram: one rule for the simulated network
 * and for the relay that stands between real programs.
 */
struct sim_fate_rates {
	/* Of a million datagrams. */
	uint32_t loss, duplicate, corrupt, reorder;
	/* Each waits delay and up to jitter more; jitter alone does not change
	 * the order.  A reordered one waits reorder_us more and is overtaken.
	 */
	uint32_t delay_us, jitter_us, reorder_us;
};

struct sim_fate {
	unsigned copies; /* 0: lost; 2: duplicated */
	bool reordered;
	bool corrupted; /* bit ${bit} of the first copy is flipped */
	uint64_t bit;	/* counted from the first byte's lowest */
	uint64_t delay_us;
};

/**
 * sim_fate_draw(rates, seed, flow, number, len, ret):
 * Decide about datagram number ${number}, of ${len} bytes, of a flow and
 * direction that ${flow} stands for.  Nothing else has influence, so the same
 * input meets the same fate whatever happens around it; and a datagram that is
 * lost at one rate is lost at every higher one.
 */
void sim_fate_draw(const struct sim_fate_rates *rates, uint64_t seed,
    uint64_t flow, uint64_t number, size_t len, struct sim_fate *ret);

#endif

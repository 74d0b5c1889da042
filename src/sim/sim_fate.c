/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_fate.h"

#include "sim/sim_rng.h"

void
sim_fate_draw(const struct sim_fate_rates *rates, uint64_t seed, uint64_t flow,
    uint64_t number, size_t len, struct sim_fate *ret)
{
	struct sim_rng per_flow, r;
	bool lost, twice;

	sim_rng_init(&per_flow, seed, flow);
	sim_rng_init(&r, sim_rng_u64(&per_flow), number);
	/* Everything is drawn every time, so that each rate can be changed
	 * without a change of the other fates. */
	lost = sim_rng_chance(&r, rates->loss);
	twice = sim_rng_chance(&r, rates->duplicate);
	ret->corrupted = sim_rng_chance(&r, rates->corrupt) && len > 0;
	ret->reordered = sim_rng_chance(&r, rates->reorder);
	ret->bit = sim_rng_u64(&r) % (len > 0 ? 8 * len : 1);
	ret->delay_us = rates->delay_us +
			sim_rng_u64(&r) % ((uint64_t)rates->jitter_us + 1);
	if (ret->reordered)
		ret->delay_us += rates->reorder_us;
	ret->copies = 1;
	if (lost)
		ret->copies = 0;
	else if (twice)
		ret->copies = 2;
}

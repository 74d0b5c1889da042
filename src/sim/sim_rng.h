/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_RNG_H
#define SIM_SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

/*
 * Numbers that look random and repeat: xoshiro256** 1.0, its state filled by
 * splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021).  For simulations; never for keys.
 */
struct sim_rng {
	uint64_t s[4];
};

/**
 * sim_rng_init(r, seed, stream):
 * Start stream number ${stream} of ${seed}; different streams are independent.
 */
void sim_rng_init(struct sim_rng *r, uint64_t seed, uint64_t stream);

/**
 * sim_rng_u64(r):
 * Return the next 64 bits.
 */
uint64_t sim_rng_u64(struct sim_rng *r);

/**
 * sim_rng_below(r, n):
 * Return a number from 0 to ${n}-1, each as likely; ${n} is at least 1.
 */
uint64_t sim_rng_below(struct sim_rng *r, uint64_t n);

/**
 * sim_rng_chance(r, ppm):
 * Return true ${ppm} times in a million.  Draws one number whatever ${ppm} is.
 */
bool sim_rng_chance(struct sim_rng *r, uint32_t ppm);

/**
 * sim_rng_hook(r):
 * Return ${r} as the hook through which cores take randomness.
 */
struct rng sim_rng_hook(struct sim_rng *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_rng.h"

#include <string.h>

#define MILLION 1000000

static uint64_t
splitmix64(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void
sim_rng_init(struct sim_rng *r, uint64_t seed, uint64_t stream)
{
	uint64_t x = stream;

	/* Mixed first, or stream 1 of seed 0 would be near stream 0. */
	x = seed ^ splitmix64(&x);
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix64(&x);
}

static uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

uint64_t
sim_rng_u64(struct sim_rng *r)
{
	uint64_t result = rotl(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotl(r->s[3], 45);
	return result;
}

uint64_t
sim_rng_below(struct sim_rng *r, uint64_t n)
{
	uint64_t x, end = UINT64_MAX - UINT64_MAX % n;

	do {
		x = sim_rng_u64(r);
	} while (x >= end);
	return x % n;
}

bool
sim_rng_chance(struct sim_rng *r, uint32_t ppm)
{
	return sim_rng_u64(r) % MILLION < ppm;
}

static int
fill(void *ctx, uint8_t *buf, size_t len)
{
	uint64_t x;
	size_t n;

	for (; len > 0; buf += n, len -= n) {
		x = sim_rng_u64(ctx);
		n = len < sizeof(x) ? len : sizeof(x);
		memcpy(buf, &x, n);
	}
	return 0;
}

struct rng
sim_rng_hook(struct sim_rng *r)
{
	return (struct rng){ fill, r };
}

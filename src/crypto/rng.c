/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rng.h"

#include <openssl/rand.h>

/* Strength in bits asked of the generator. */
#define STRENGTH 256

static int
fill(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	return RAND_priv_bytes_ex(NULL, buf, len, STRENGTH) == 1 ? 0
								 : ERR_SYS_RNG;
}

static const struct rng system_rng = { fill, NULL };

const struct rng *
crypto_rng_system(void)
{
	return &system_rng;
}

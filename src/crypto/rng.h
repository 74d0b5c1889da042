/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_RNG_H
#define CRYPTO_RNG_H

#include "base/rng.h"

/**
 * crypto_rng_system():
 * Return the hook that programs hand to the cores: OpenSSL's private
 * generator, seeded by the kernel and safe in threads and after fork.  Tests
 * and the simulator hand in their own.
 */
const struct rng *crypto_rng_system(void);

#endif

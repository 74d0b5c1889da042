/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"

#include <string.h>

int
base_rng_fill(const struct rng *r, uint8_t *buf, size_t len)
{
	if (len == 0)
		return 0;
	if (r->fill(r->ctx, buf, len) != 0) {
		memset(buf, 0, len);
		return ERR_SYS_RNG;
	}
	return 0;
}

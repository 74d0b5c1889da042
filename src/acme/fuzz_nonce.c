/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/nonce.h"

#include <string.h>

#include "base/assert.h"
#include "base/rng.h"

static int
zeros(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	memset(buf, 0, len);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct rng rng = { zeros, NULL };
	static struct acme_nonce *n;
	char good[ACME_NONCE_LEN + 1];

	if (n == NULL && acme_nonce_new(&rng, &n) != 0)
		return 0;
	if (acme_nonce_make(n, good) != 0)
		return 0;
	(void)!acme_nonce_use(n, (const char *)data, len);
	/* Whatever it was, at most once. */
	TROTH_ASSERT(acme_nonce_use(n, (const char *)data, len) != 0);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age.h"

#include <string.h>

#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
take(void *ctx, const uint8_t *data, size_t len)
{
	(void)data;
	*(size_t *)ctx += len;
	return 0;
}

/* A whole file under the identity of the published vectors, in pieces. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t identity[1][32];
	size_t got = 0, piece = len > 0 ? data[len - 1] + 1U : 1, n, at;
	struct crypto_age_reader_opts o = { .identities = (void *)identity,
		.n_identities = 1,
		.sink = take,
		.ctx = &got };
	struct crypto_age_reader *r;
	int rc;

	TROTH_ASSERT(crypto_age_identity("AGE-SECRET-KEY-1EGTZVFFV20835NWYV62"
					 "70LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P"
					 "2LM0",
			 identity[0]) == 0);
	TROTH_ASSERT(crypto_age_reader_new(&o, &r) == 0);
	for (at = 0, rc = 0; rc == 0 && at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		rc = crypto_age_reader_push(r, data + at, n);
	}
	if (rc == 0)
		rc = crypto_age_reader_end(r);
	TROTH_ASSERT(got <= len);
	crypto_age_reader_free(r);
	return 0;
}

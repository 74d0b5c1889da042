/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the data of a TXT record. */
#include "acme/dns01.h"

#include <string.h>

#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What matches holds the digest and the lengths of its parts, no more. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char digest[ACME_DNS01_DIGEST_LEN + 1];
	uint8_t one[ACME_DNS01_DIGEST_LEN + 1];

	acme_dns01_digest("token.thumbprint", digest);
	if (acme_dns01_match(data, len, digest)) {
		TROTH_ASSERT(len > ACME_DNS01_DIGEST_LEN);
		TROTH_ASSERT(data[0] <= ACME_DNS01_DIGEST_LEN);
	}
	one[0] = ACME_DNS01_DIGEST_LEN;
	memcpy(one + 1, digest, ACME_DNS01_DIGEST_LEN);
	TROTH_ASSERT(acme_dns01_match(one, sizeof(one), digest));
	return 0;
}

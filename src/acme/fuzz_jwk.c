/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jwk.h"

#include <string.h>

#include "base/assert.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct acme_jwk *k, *again;
	const char *text;

	if (acme_jwk_parse((const char *)data, len, &k) != 0)
		return 0;
	/* What is stored must read back as the same key. */
	text = acme_jwk_canonical(k);
	TROTH_ASSERT(acme_jwk_parse(text, strlen(text), &again) == 0);
	TROTH_ASSERT(
	    strcmp(acme_jwk_thumbprint(k), acme_jwk_thumbprint(again)) == 0);
	(void)!acme_jwk_verify(k, "x", 1, data, len < 64 ? len : 64);
	acme_jwk_free(again);
	acme_jwk_free(k);
	return 0;
}

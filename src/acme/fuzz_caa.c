/* SPDX-License-Identifier: Apache-2.0 */
/* Input: records, each after an octet with its length. */
#include "acme/caa.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const ids[] = { "ca.example" };
	struct acme_caa_query q = { false, ids, 1, "https://a/1", "http-01" };
	struct acme_caa_rdata set[16];
	size_t n = 0, one;
	char why[64];

	while (len > 0 && n < 16) {
		one = data[0] < len ? data[0] : len - 1;
		set[n].data = data + 1;
		set[n++].len = one;
		data += one + 1;
		len -= one + 1;
	}
	if (n == 0)
		return 0;
	(void)!acme_caa_evaluate(set, n, &q, why, sizeof(why));
	q.wildcard = true;
	(void)!acme_caa_evaluate(set, n, &q, why, sizeof(why));
	return 0;
}

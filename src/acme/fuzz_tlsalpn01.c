/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a certificate; the first corpus files prove www.example. */
#include "acme/tlsalpn01.h"

#include "acme/problem.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct acme_ident name = { "dns", "www.example" },
				       other = { "dns", "example" },
				       address = { "ip", "fd00::1" };
	struct acme_problem p;
	int rc[3];

	rc[0] = acme_tlsalpn01_check(data, len, &name, "a.b", &p);
	TROTH_ASSERT(rc[0] == 0 || p.type == ACME_PROBLEM_UNAUTHORIZED);
	rc[1] = acme_tlsalpn01_check(data, len, &other, "a.b", &p);
	rc[2] = acme_tlsalpn01_check(data, len, &address, "a.b", &p);
	/* A certificate proves one identifier, with one key. */
	TROTH_ASSERT((rc[0] == 0) + (rc[1] == 0) + (rc[2] == 0) <= 1);
	if (rc[0] == 0)
		TROTH_ASSERT(
		    acme_tlsalpn01_check(data, len, &name, "a.c", &p) != 0);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "merkle/quorum.h"
#include "merkle/signed.h"
#include "merkle/tlogproof.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A key whose secret nobody has: no proof by it verifies. */
#define KEY                                                                    \
	"PeterNeumann+c74f20a3+"                                               \
	"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

/* A proof that parses is written back as it was. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char out[1 << 17];
	struct merkle_quorum none = { 0, 0, NULL };
	struct merkle_quorum_result cosigned;
	struct merkle_signed_policy policy;
	struct merkle_tlogproof p;
	struct merkle_hash leaf = { { 0 } };
	struct merkle_head head;
	struct merkle_vkey key;
	size_t n;

	if (len > sizeof(out) ||
	    merkle_tlogproof_parse((const char *)data, len, &p) != 0)
		return 0;
	TROTH_ASSERT(merkle_tlogproof_encode(&p, out, sizeof(out), &n) == 0);
	TROTH_ASSERT(n == len && memcmp(out, data, len) == 0);
	TROTH_ASSERT(merkle_vkey_parse(KEY, sizeof(KEY) - 1, &key) == 0);
	policy.log = &key;
	policy.quorum = &none;
	TROTH_ASSERT(
	    merkle_tlogproof_verify(&p, &leaf, &policy, &head, &cosigned) != 0);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jws.h"

#include "acme/problem.h"
#include "base/arena.h"
#include "base/assert.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = base_arena_new(1 << 20);
	struct acme_problem p;
	struct acme_jws jws;

	if (arena == NULL)
		return 0;
	if (acme_jws_parse((const char *)data, len, arena, &jws, &p) == 0) {
		TROTH_ASSERT(jws.nonce != NULL && jws.url != NULL);
		TROTH_ASSERT((jws.kid == NULL) != (jws.jwk == NULL));
	}
	base_arena_free(arena);
	return 0;
}

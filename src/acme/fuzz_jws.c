/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jws.h"

#include "acme/problem.h"
#include "base/arena.h"
#include "base/assert.h"

/* Each form: a request, the inner JWS of keyChange, a binding. */
static void
parse(const char *data, size_t len, struct arena *arena, int form)
{
	struct acme_problem p;
	struct acme_jws jws;

	if (acme_jws_parse(
		(enum acme_jws_form)form, data, len, arena, &jws, &p) != 0)
		return;
	TROTH_ASSERT(jws.url != NULL);
	TROTH_ASSERT((jws.nonce != NULL) == (form == ACME_JWS_REQUEST));
	TROTH_ASSERT((jws.kid == NULL) != (jws.jwk == NULL));
	TROTH_ASSERT(form != ACME_JWS_KEY_CHANGE || jws.jwk != NULL);
	TROTH_ASSERT(form != ACME_JWS_BINDING || jws.kid != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = base_arena_new(1 << 20);
	int form;

	if (arena == NULL)
		return 0;
	for (form = 0; form < ACME_JWS_FORMS; form++)
		parse((const char *)data, len, arena, form);
	base_arena_free(arena);
	return 0;
}

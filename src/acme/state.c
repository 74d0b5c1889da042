/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/state.h"

#include <string.h>

#include "base/assert.h"

static const char *const names[ACME_STATE_COUNT] = { "pending", "ready",
	"processing", "valid", "invalid", "deactivated", "expired", "revoked" };

#define TO(s) (1u << ACME_##s)

/* A zero row means that the state is final, or unknown to the object. */
static const unsigned next[][ACME_STATE_COUNT] = {
	[ACME_ACCOUNT] = { [ACME_VALID] = TO(DEACTIVATED) | TO(REVOKED) },
	[ACME_ORDER] = { [ACME_PENDING] = TO(READY) | TO(INVALID),
	    [ACME_READY] = TO(PROCESSING) | TO(INVALID),
	    [ACME_PROCESSING] = TO(VALID) | TO(INVALID) },
	[ACME_AUTHZ] = { [ACME_PENDING] = TO(VALID) | TO(INVALID) |
					  TO(DEACTIVATED) | TO(EXPIRED) |
					  TO(REVOKED),
	    [ACME_VALID] = TO(DEACTIVATED) | TO(EXPIRED) | TO(REVOKED) },
	/* A processing challenge may stay so while it is retried. */
	[ACME_CHALLENGE] = { [ACME_PENDING] = TO(PROCESSING) | TO(INVALID),
	    [ACME_PROCESSING] = TO(PROCESSING) | TO(VALID) | TO(INVALID) },
};

static const unsigned known[] = {
	[ACME_ACCOUNT] = TO(VALID) | TO(DEACTIVATED) | TO(REVOKED),
	[ACME_ORDER] =
	    TO(PENDING) | TO(READY) | TO(PROCESSING) | TO(VALID) | TO(INVALID),
	[ACME_AUTHZ] = TO(PENDING) | TO(VALID) | TO(INVALID) | TO(DEACTIVATED) |
		       TO(EXPIRED) | TO(REVOKED),
	[ACME_CHALLENGE] =
	    TO(PENDING) | TO(PROCESSING) | TO(VALID) | TO(INVALID),
};

const char *
acme_state_name(enum acme_state s)
{
	TROTH_ASSERT(s < ACME_STATE_COUNT);
	return names[s];
}

int
acme_state_parse(
    enum acme_object object, const char *name, enum acme_state *ret)
{
	unsigned s;

	for (s = 0; s < ACME_STATE_COUNT && name != NULL; s++) {
		if (strcmp(names[s], name) != 0)
			continue;
		if ((known[object] & (1u << s)) == 0)
			return ERR_SYS_CORRUPT;
		*ret = (enum acme_state)s;
		return 0;
	}
	return ERR_SYS_CORRUPT;
}

bool
acme_state_may(
    enum acme_object object, enum acme_state from, enum acme_state to)
{
	return (next[object][from] & (1u << to)) != 0;
}

void
acme_state_move(
    enum acme_object object, enum acme_state *state, enum acme_state to)
{
	TROTH_ASSERT(acme_state_may(object, *state, to));
	*state = to;
}

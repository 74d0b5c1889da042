/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_STATE_H
#define ACME_STATE_H

#include <stdbool.h>

#include "base/err.h"

/* Object states: exactly the diagrams of RFC 8555 section 7.1.6. */
enum acme_object { ACME_ACCOUNT, ACME_ORDER, ACME_AUTHZ, ACME_CHALLENGE };

enum acme_state {
	ACME_PENDING,
	ACME_READY,
	ACME_PROCESSING,
	ACME_VALID,
	ACME_INVALID,
	ACME_DEACTIVATED,
	ACME_EXPIRED,
	ACME_REVOKED,
	ACME_STATE_COUNT
};

/**
 * acme_state_name(s), acme_state_parse(object, name, ret):
 * The name of a state, and back.  ERR_SYS_CORRUPT if objects of this kind
 * have no state of that name.
 */
const char *acme_state_name(enum acme_state s);
MUST_CHECK int acme_state_parse(
    enum acme_object object, const char *name, enum acme_state *ret);

/**
 * acme_state_may(object, from, to), acme_state_move(object, state, to):
 * Whether an object may go from one state to another; and do it, where not
 * being allowed to is our bug.
 */
bool acme_state_may(
    enum acme_object object, enum acme_state from, enum acme_state to);
void acme_state_move(
    enum acme_object object, enum acme_state *state, enum acme_state to);

#endif

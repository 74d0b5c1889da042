/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_STATE_H
#define ACME_STATE_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Object states: exactly the diagrams of RFC 8555 section 7.1.6, as one
 * table of allowed successors per object.
 */
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
 * acme_state_name(s):
 * Return the state's name as it stands in objects and in the store.
 */
const char *acme_state_name(enum acme_state s);

/**
 * acme_state_parse(object, name, ret):
 * Find the state called ${name}.  ERR_SYS_CORRUPT if there is none, or if
 * objects of this kind do not have it.
 */
MUST_CHECK int acme_state_parse(
    enum acme_object object, const char *name, enum acme_state *ret);

/**
 * acme_state_may(object, from, to):
 * Return whether an object may go from one state to another.
 */
bool acme_state_may(
    enum acme_object object, enum acme_state from, enum acme_state to);

/**
 * acme_state_move(object, state, to):
 * Set *${state} to ${to}; a move the table does not have is our bug.
 */
void acme_state_move(
    enum acme_object object, enum acme_state *state, enum acme_state to);

#endif

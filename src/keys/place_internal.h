/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PLACE_INTERNAL_H
#define KEYS_PLACE_INTERNAL_H

#include <stdbool.h>

#include "keys/limit_internal.h"
#include "keys/op.h"

/* A slot and what the process knows about it. */
struct keys_place {
	struct keys_slot slot;
	struct keys_limit limit;
	bool adopted; /* its key was made here and is nowhere else */
	bool busy;    /* with an operation that must not overlap */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_BACKEND_INTERNAL_H
#define KEYS_P11_BACKEND_INTERNAL_H

#include <stdbool.h>

#include "keys/backend.h"
#include "keys/p11_sign_internal.h"
#include "keys/p11_uri.h"

struct keys_p11_place;
struct keys_process;
struct keys_slot;

/* A slot's key on a token. */
struct keys_p11_backend {
	struct keys_backend base;
	struct keys_process *process;
	struct keys_slot *slot;
	struct keys_p11_place *place;
	struct keys_p11_uri uri;
	struct keys_p11_key key;
	uint64_t epoch; /* of the place, for which ${key} is valid */
	bool good;
	int64_t retry_ms;
	struct fault why; /* when not good */
};

extern const struct keys_backend_ops keys_p11_backend_ops;

#endif

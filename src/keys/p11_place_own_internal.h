/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_PLACE_OWN_INTERNAL_H
#define KEYS_P11_PLACE_OWN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "keys/p11_bank_internal.h"
#include "keys/p11_uri.h"

struct keys_p11;
struct keys_p11_pool;

/* For the bank and the places themselves. */
struct keys_p11_place {
	struct keys_p11_bank *bank;
	struct keys_p11 *m;
	struct keys_p11_uri uri; /* the token's part counts */
	uint8_t pin[KEYS_P11_PIN_MAX];
	size_t pin_len;
	uint8_t digest[KEYS_P11_DIGEST_LEN]; /* which names the PIN */
	struct keys_p11_pool *pool; /* up while the token works */
	bool tried;
	/* How often it has come up: handles of an earlier time mean nothing. */
	uint64_t epoch;
	int64_t retry_ms, last_ms; /* the next attempt, the last one */
	struct fault why;	   /* it is down */
};

#endif

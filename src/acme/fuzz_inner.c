/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside of requests about accounts and certificates: the first octet
 * chooses the parser, the rest is its input.
 */
#include "acme/payload_account.h"
#include "acme/payload_keychange.h"
#include "acme/payload_revoke.h"
#include "acme/problem.h"
#include "acme/turn_internal.h"
#include "base/arena.h"
#include "base/assert.h"

static void
key_change(struct acme_turn *t)
{
	struct acme_payload_key_change in = { 0 };

	if (acme_payload_key_change(t, t->payload, t->payload_len, &in) == 0)
		TROTH_ASSERT(in.account != NULL && in.old_key != NULL);
}

static void
revoke(struct acme_turn *t)
{
	struct acme_payload_revoke in = { 0 };

	if (acme_payload_revoke(t, &in) != 0)
		return;
	TROTH_ASSERT(in.cert != NULL);
	TROTH_ASSERT(in.reason >= 0 && in.reason <= 5 && in.reason != 2);
}

static void
binding(struct acme_turn *t)
{
	struct acme_payload_account in = { 0 };

	if (acme_payload_account(t, &in) == 0 && in.binding != NULL)
		TROTH_ASSERT(in.binding[0] == '{');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const parsers[])(
	    struct acme_turn *) = { key_change, revoke, binding };
	struct acme_problem problem = { 0 };
	struct acme_turn t = { 0 };

	if (len == 0)
		return 0;
	t.arena = base_arena_new(1 << 20);
	t.problem = &problem;
	t.payload = data + 1;
	t.payload_len = len - 1;
	if (t.arena == NULL)
		return 0;
	parsers[data[0] % 3](&t);
	base_arena_free(t.arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACME JSON: the first octet chooses the parser, the rest is the payload.
 * Also the redirect of a challenge, which is as hostile.
 */
#include "acme/payload.h"

#include <string.h>

#include "acme/challenge.h"
#include "acme/payload_account.h"
#include "acme/payload_order.h"
#include "acme/problem.h"
#include "acme/turn_internal.h"
#include "base/arena.h"
#include "base/assert.h"

static void
redirect(struct acme_turn *t, const uint8_t *data, size_t len)
{
	static const uint16_t ports[2] = { 80, 443 };
	static struct acme_challenge_target from, to;
	const char *text = acme_turn_dup(t, data, len);

	if (text == NULL ||
	    acme_challenge_http("a.test", 80, "token", &from) != 0 ||
	    acme_challenge_redirect(&from, text, ports, &to, t->problem) != 0)
		return;
	TROTH_ASSERT(to.port == ports[to.tls]);
	TROTH_ASSERT(to.path[0] == '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct acme_payload_account account = { 0 };
	struct acme_payload_order order = { 0 };
	struct acme_payload_finalize finalize = { 0 };
	struct acme_problem problem = { 0 };
	struct acme_turn t = { 0 };
	json_t *o;

	if (len == 0)
		return 0;
	t.arena = base_arena_new(1 << 20);
	t.problem = &problem;
	t.payload = data + 1;
	t.payload_len = len - 1;
	if (t.arena == NULL)
		return 0;
	switch (data[0] % 5) {
	case 0:
		(void)!acme_payload_account(&t, &account);
		break;
	case 1:
		if (acme_payload_order(&t, 100, &order) == 0)
			TROTH_ASSERT(order.n_idents > 0);
		break;
	case 2:
		(void)!acme_payload_finalize(&t, &finalize);
		break;
	case 3:
		redirect(&t, data + 1, len - 1);
		break;
	default:
		if (acme_payload_object(&t, &o) == 0)
			json_decref(o);
		break;
	}
	base_arena_free(t.arena);
	return 0;
}

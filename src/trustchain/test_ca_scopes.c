/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_scopes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Nobody may give away more than they have. */
static void
test_within(void **state)
{
	static const struct {
		const char *scope, *of;
		bool within;
	} rows[] = {
		{ "a.test", "a.test", true },
		{ "www.a.test", "a.test", true },
		{ "a.test", "www.a.test", false },
		{ "xa.test", "a.test", false },
		{ "test", "a.test", false },
		{ "*.a.test", "a.test", true },
		{ "a.test", "2001:db8::/32", false },
		{ "2001:db8::/32", "a.test", false },
		{ "2001:db8:1::/48", "2001:db8::/32", true },
		{ "2001:db8::/32", "2001:db8:1::/48", false },
		{ "2001:db8::1", "2001:db8::/32", true },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "::/0", "2001:db8::/32", false },
		{ "10.0.0.0/8", "2001:db8::/32", false },
		{ "urn:troth:node:ab", "urn:troth:node:", true },
		{ "urn:troth:", "urn:troth:node:", false },
		{ "urn:troth:node:ab", "2001:db8::/32", false },
		{ "urn:troth:node:ab", "test", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (ca_scopes_within(rows[i].scope, rows[i].of) !=
		    rows[i].within)
			fail_msg("%s in %s", rows[i].scope, rows[i].of);
}

static void
test_lists(void **state)
{
	static const char *const two[] = { "server", "service" };
	static const char *const comma[] = { "a,b" };
	static const char *const empty[] = { "" };
	char out[32], *json;

	(void)state;
	assert_int_equal(ca_scopes_join(two, 2, out, sizeof(out)), 0);
	assert_string_equal(out, "server,service");
	assert_true(ca_scopes_has(out, "service"));
	assert_false(ca_scopes_has(out, "serv"));
	assert_int_equal(
	    ca_scopes_join(comma, 1, out, sizeof(out)), ERR_STATE_USAGE);
	assert_int_equal(ca_scopes_join(two, 2, out, 8), ERR_STATE_USAGE);
	assert_int_equal(ca_scopes_check(empty, 1), ERR_STATE_USAGE);
	assert_int_equal(
	    ca_scopes_check(two, CA_SCOPES_MAX + 1), ERR_STATE_USAGE);
	assert_non_null(json = ca_scopes_json(two, 2));
	assert_string_equal(json, "[\"server\",\"service\"]");
	free(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

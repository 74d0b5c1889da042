/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "sim/issue.h"

static void
no_invariant_breaks(void **state)
{
	struct issue_result r, again;

	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		assert_int_equal(issue_run(seed, ISSUE_SOUND, NULL, &r), 0);
		assert_string_equal(r.failure, "");
		/* It is no world in which nothing happens. */
		assert_int_equal(r.issued, 25);
		assert_int_equal(r.refused, 5);
		assert_true(r.requests > 30);
	}
	assert_int_equal(issue_run(50, ISSUE_SOUND, NULL, &again), 0);
	assert_memory_equal(r.digest, again.digest, sizeof(r.digest));
}

static void
each_broken_build_is_found(void **state)
{
	enum issue_broken found;
	struct issue_result r;
	uint64_t seed;
	int rc;

	(void)state;
	for (int way = ISSUE_SOUND + 1; way < ISSUE_BROKEN_WAYS; way++) {
		rc = 0;
		for (seed = 1; seed <= 100 && rc == 0; seed++)
			rc = issue_run(seed, (enum issue_broken)way, NULL, &r);
		assert_int_equal(rc, ERR_STATE_INTEGRITY);
		assert_true(r.failure[0] != '\0');
		assert_true(issue_broken_find(
		    issue_broken_name((enum issue_broken)way), &found));
		assert_int_equal(found, way);
	}
	assert_false(issue_broken_find("soundly", &found));
}

static void
out_of_memory(void **state)
{
	struct issue_result r;
	bool failed = true;
	int rc;

	(void)state;
	if (!alloc_test_fail(-1))
		skip();
	for (long n = 0; failed; n += n < 60 ? 1 : 41) {
		alloc_test_fail(n);
		rc = issue_run(1, ISSUE_SOUND, NULL, &r);
		failed = alloc_test_failed();
		/* A disk without memory is a full one, a message is lost. */
		assert_true(rc == 0 || (failed && rc == ERR_SYS_NOMEM));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_invariant_breaks),
		cmocka_unit_test(each_broken_build_is_found),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

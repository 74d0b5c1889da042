/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers cause is counted, not written each time. */
#include "base/clock.h"
#include "trustchain/ca_store_fixture.h"
#include "trustchain/ca_repeats.h"

static int64_t
noon(void *ctx)
{
	(void)ctx;
	return 43200000;
}

static const struct clock clock_noon = { noon, NULL };
static struct loop *loop;

static struct ca_repeats *
begin(void)
{
	const struct ca_repeats_opts o = { loop, s, &clock_noon, "auth.failed",
		"address" };
	struct ca_repeats *t;

	assert_int_equal(ca_repeats_new(&o, &t), 0);
	return t;
}

static size_t
rows(struct ca_outbox **ret)
{
	size_t n;

	assert_int_equal(s->ops->list_outbox(s, 0, 1000, a, ret, &n), 0);
	return n;
}

static void
test_counts(void **state)
{
	struct ca_outbox *row;
	struct ca_repeats *t;

	(void)state;
	t = begin();
	ca_repeats_count(t, "p-1");
	ca_repeats_count(t, "p-2");
	ca_repeats_count(t, "p-1");
	assert_int_equal(rows(&row), 0);
	ca_repeats_free(t);
	restart(); /* writes what is queued */
	assert_int_equal(rows(&row), 2);
	assert_string_equal(row[0].event, "auth.failed");
	assert_string_equal(row[0].fields, "{\"address\":\"p-1\",\"count\":2}");
	assert_string_equal(row[1].fields, "{\"address\":\"p-2\",\"count\":1}");
	assert_int_equal(row[0].at, 43200000);
}

/* However many there are, there is one row for each of the first, and one for
 * all others; a hostile name stays a JSON string. */
static void
test_flood(void **state)
{
	char who[200], want[64];
	struct ca_outbox *row;
	struct ca_repeats *t;
	size_t n;

	(void)state;
	t = begin();
	ca_repeats_count(t, "\"},{");
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(who, sizeof(who), "%d", i % 1000);
		ca_repeats_count(t, who);
	}
	ca_repeats_free(t);
	restart();
	n = rows(&row);
	assert_int_equal(n, CA_REPEATS_ROWS);
	assert_string_equal(
	    row[0].fields, "{\"address\":\"\\\"},{\",\"count\":1}");
	assert_string_equal(row[1].fields, "{\"address\":\"0\",\"count\":5}");
	(void)snprintf(want, sizeof(want),
	    "{\"address\":\"others\",\"count\":%d}",
	    5000 - 5 * (CA_REPEATS_ROWS - 2));
	assert_string_equal(row[n - 1].fields, want);
	/* A long name is cut. */
	t = begin();
	memset(who, 'x', sizeof(who) - 1);
	who[sizeof(who) - 1] = '\0';
	ca_repeats_count(t, who);
	ca_repeats_count(t, who);
	ca_repeats_free(t);
	restart();
	assert_int_equal(rows(&row), CA_REPEATS_ROWS + 1);
	assert_non_null(strstr(row[CA_REPEATS_ROWS].fields, "\"count\":2"));
}

static int
tally_setup(void **state)
{
	return loop_new(&loop) != 0 || setup(state) != 0;
}

static int
tally_teardown(void **state)
{
	int rc = teardown(state);

	loop_free(loop);
	return rc;
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, tally_setup, tally_teardown)
	const struct CMUnitTest tests[] = {
		T(test_counts),
		T(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

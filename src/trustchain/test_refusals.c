/* SPDX-License-Identifier: Apache-2.0 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fault.h"
#include "crypto/rng.h"
#include "keys/supervisor.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/trustchain_refusals.h"

static char dir[64], state_dir[96], log_path[128];
static int64_t now_ms;

static int64_t
now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static int
rm_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

static size_t
lines(char **ret_text)
{
	uint8_t *data;
	size_t len, i, n = 0;

	assert_int_equal(store_file_load(log_path, 1 << 20, &data, &len), 0);
	for (i = 0; i < len; i++)
		n += data[i] == '\n';
	*ret_text = (char *)data;
	return n;
}

static void
test_refusals(void **state)
{
	const struct clock clock = { now, NULL };
	const struct keys_report report = { KEYS_REPORT_REFUSED, 1, 3, "i1",
		"leaf dated tomorrow" };
	struct trustchain_refusals_opts o = { .state_dir = state_dir,
		.clock = &clock,
		.rng = crypto_rng_system(),
		.operator_id = "system:trustchain-ca" };
	struct trustchain_refusals *r;
	struct fault f;
	char *text;
	int i;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/troth-refusals-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(state_dir, sizeof(state_dir), "%s/ca", dir);
	snprintf(log_path, sizeof(log_path), "%s.refused/audit.log", state_dir);
	assert_int_equal(store_disk_new(&o.disk), 0);
	assert_int_equal(trustchain_refusals_open(&o, &f, &r), 0);
	now_ms = 1700000000500;
	for (i = 0; i < 1000; i++)
		assert_int_equal(trustchain_refusals_add(r, &report), 0);
	assert_int_equal(lines(&text), TRUSTCHAIN_REFUSALS_PER_S);
	assert_non_null(strstr(text,
	    "\"action\":\"key.refused\",\"target\":\"op=1 slot=3 key=i1 "
	    "reason=leaf%20dated%20tomorrow\"}\n"));
	free(text);
	/* The next second goes on, and says what is missing. */
	now_ms += 1000;
	assert_int_equal(trustchain_refusals_add(r, &report), 0);
	assert_int_equal(trustchain_refusals_add(r, &report), 0);
	trustchain_refusals_close(r);
	assert_int_equal(trustchain_refusals_open(&o, &f, &r), 0);
	assert_int_equal(trustchain_refusals_add(r, &report), 0);
	assert_int_equal(lines(&text), TRUSTCHAIN_REFUSALS_PER_S + 3);
	assert_non_null(strstr(text, " left_out=980\"}\n"));
	free(text);
	trustchain_refusals_close(r);
	store_disk_free(o.disk);
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static void
make(const char *name, int complete)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (!complete)
		return;
	snprintf(path, sizeof(path), "%s/%s/log.json", dir, name);
	assert_non_null(f = fopen(path, "w"));
	fclose(f);
}

static void
test_shards(void **state)
{
	struct ct_paths_shards list;
	char name[16];
	pid_t pid;
	int i;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/troth-ctp-XXXXXX");
	assert_non_null(mkdtemp(dir));
	make("2026w48", 1);
	make("2026w02", 1);
	make("2027w01", 0); /* half made */
	make("audit", 1);
	make("2026w07b", 1);
	assert_int_equal(ct_paths_shards(dir, &list), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.shard[0].name, "2026w02");
	assert_string_equal(list.shard[1].name, "2026w07b");
	assert_string_equal(list.shard[2].name, "2026w48");
	for (i = 1; i <= 150; i++) {
		snprintf(name, sizeof(name), "2030d%03d", i);
		make(name, 1);
	}
	assert_int_equal(ct_paths_shards(dir, &list), 0);
	assert_int_equal(list.n, CT_PATHS_SHARDS_MAX);
	assert_string_equal(list.shard[0].name, "2030d051");
	assert_string_equal(list.shard[99].name, "2030d150");
	if ((pid = fork()) == 0) {
		execlp("rm", "rm", "-rf", "--", dir, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(ct_paths_shards(dir, &list), 0);
	assert_int_equal(list.n, 0);
}

static void
test_make(void **state)
{
	char path[CT_PATHS_MAX];

	(void)state;
	assert_int_equal(
	    ct_paths_make(CT_PATHS_LOG_KEY, "/k", "2026w48", path), 0);
	assert_string_equal(path, "/k/2026w48.log.key");
	assert_int_equal(
	    ct_paths_make(CT_PATHS_CHECKPOINT, "/s", "2026w48", path), 0);
	assert_string_equal(path, "/s/2026w48/checkpoint");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

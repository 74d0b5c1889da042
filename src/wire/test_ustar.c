/* SPDX-License-Identifier: Apache-2.0 */
/* Archives against tar(1), bech32 against the examples of BIP 173. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/bech32.h"
#include "wire/ustar.h"

static void
test_names(void **state)
{
	struct wire_ustar m = { .size = 5, .mode = 0600 }, back;
	uint8_t block[WIRE_USTAR_BLOCK];
	size_t len, slash;

	(void)state;
	for (len = 1; len < WIRE_USTAR_NAME_MAX; len++)
		for (slash = 1; slash + 1 < len; slash += 7) {
			memset(m.name, 'n', len);
			m.name[len] = '\0';
			m.name[slash] = '/';
			if (wire_ustar_encode(&m, block) != 0) {
				assert_true(
				    len > 100 &&
				    (slash > 155 || len - slash - 1 > 100));
				continue;
			}
			assert_int_equal(wire_ustar_parse(block, &back), 0);
			assert_string_equal(back.name, m.name);
			assert_int_equal(back.size, 5);
			assert_int_equal(back.mode, 0600);
		}
	m.size = WIRE_USTAR_SIZE_MAX + 1;
	assert_int_equal(wire_ustar_encode(&m, block), ERR_SYS_LIMIT);
	assert_int_equal(wire_ustar_padding(0), 0);
	assert_int_equal(wire_ustar_padding(1), 511);
	assert_int_equal(wire_ustar_padding(512), 0);
}

/* "tar -tv" of ${path}. */
static void
list(const char *path, char *out, size_t size)
{
	int ends[2], status;
	size_t at = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], 1);
		(void)execl("/bin/tar", "tar", "--numeric-owner", "--full-time",
		    "--utc", "-tvf", path, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	while ((n = read(ends[0], out + at, size - 1 - at)) > 0)
		at += (size_t)n;
	out[at] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What tar(1) says about an archive of ours with a short and a long name. */
static void
test_peer(void **state)
{
	static const char want[] = "-rw------- 0/0               3 1970-01-01 "
				   "00:00:00 0123456789012345678901234567"
				   "8901234567890123456789/0123456789012345678"
				   "9012345678901234567890123456789012345678901"
				   "23456789\n-rw-r--r-- 0/0               0 "
				   "1970-01-01 00:00:00 empty\n";
	struct wire_ustar m = { .size = 3, .mode = 0600 };
	uint8_t all[5 * WIRE_USTAR_BLOCK] = { 0 };
	char path[] = "/tmp/troth-ustar-XXXXXX", got[512];
	FILE *f;
	int fd;

	(void)state;
	(void)snprintf(m.name, sizeof(m.name), "%s/%s",
	    "01234567890123456789012345678901234567890123456789",
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "456789");
	assert_int_equal(wire_ustar_encode(&m, all), 0);
	memcpy(all + 512, "abc", 3);
	(void)snprintf(m.name, sizeof(m.name), "empty");
	m.size = 0;
	m.mode = 0644;
	assert_int_equal(wire_ustar_encode(&m, all + 1024), 0);
	assert_true((fd = mkstemp(path)) >= 0);
	assert_non_null(f = fdopen(fd, "wb"));
	assert_int_equal(fwrite(all, 1, sizeof(all), f), sizeof(all));
	assert_int_equal(fclose(f), 0);
	list(path, got, sizeof(got));
	(void)remove(path);
	assert_string_equal(got, want);
}

static void
test_bech32(void **state)
{
	static const struct {
		const char *prefix, *text;
		size_t len;
	} good[] = {
		{ "a", "A12UEL5L", 0 },
		{ "?", "?1ezyfcl", 0 },
		{ "abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
		    20 },
		{ "split",
		    "split1checkupstagehandshakeupstreamerranterredcaperred2y9"
		    "e3w",
		    30 },
	};
	static const char *const bad[] = { "A12uEL5L", "A1G7SGD8", "a1lqfn3a",
		"li1dgmt3", "de1lg7wt\xff", "x1b4n0q5v", "10a06t8", "1qzzfhee",
		"" };
	uint8_t out[64];
	char text[128];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(wire_bech32_decode(good[i].prefix,
				     good[i].text, out, good[i].len),
		    0);
		(void)wire_bech32_encode(
		    good[i].prefix, out, good[i].len, text);
		for (k = 0; text[k] != '\0'; k++)
			assert_int_equal(text[k] | 32, good[i].text[k] | 32);
		assert_int_equal(strlen(good[i].text), k);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(
		    wire_bech32_decode("a", bad[i], out, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_bech32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

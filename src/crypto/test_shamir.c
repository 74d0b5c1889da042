/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret sharing against a second implementation (tests/shamir.py, which
 * works with tables of logarithms), in both directions, and by exhaustion.
 */
#include "crypto/shamir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "crypto/rng.h"
#include "wire/base32.h"

static const uint8_t secret[32] = "0123456789abcdef0123456789ABCDEF";

#define TEXT_MAX WIRE_BASE32_ENCODED_MAX(CRYPTO_SHAMIR_SHARE_LEN)

static void
to_text(const struct crypto_shamir_share *s, char out[TEXT_MAX])
{
	uint8_t raw[CRYPTO_SHAMIR_SHARE_LEN];

	crypto_shamir_encode(s, raw);
	assert_int_equal(wire_base32_encode(raw, sizeof(raw), out), 60);
}

/* Run the other implementation; its first lines are stored in ${line}. */
static unsigned
python(const char *const *args, char line[][TEXT_MAX + 8], unsigned max)
{
	unsigned n = 0;
	int fd[2], st;
	pid_t pid;
	FILE *f;

	assert_int_equal(pipe(fd), 0);
	if ((pid = fork()) == 0) {
		(void)dup2(fd[1], STDOUT_FILENO);
		(void)execv("/usr/bin/python3", (char *const *)(uintptr_t)args);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(close(fd[1]), 0);
	assert_non_null(f = fdopen(fd[0], "r"));
	while (n < max && fgets(line[n], TEXT_MAX + 8, f) != NULL) {
		line[n][strcspn(line[n], "\n")] = '\0';
		n++;
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st) && WEXITSTATUS(st) == 0);
	return n;
}

/* What we split the other one joins. */
static void
test_they_join(void **state)
{
	struct crypto_shamir_share s[16];
	char text[16][TEXT_MAX], line[2][TEXT_MAX + 8];

	(void)state;
	for (unsigned k = 2; k <= 16; k += 7) {
		const char *args[20] = { "python3", "tests/shamir.py", "join" };

		assert_int_equal(
		    crypto_shamir_split(secret, k, 16, crypto_rng_system(), s),
		    0);
		/* The last k. */
		for (unsigned i = 0; i < k; i++) {
			to_text(&s[16 - k + i], text[i]);
			args[3 + i] = text[i];
		}
		assert_int_equal(python(args, line, 2), 1);
		assert_string_equal(line[0],
		    "30313233343536373839616263646566"
		    "30313233343536373839414243444546");
	}
}

/* What the other one splits we join. */
static void
test_we_join(void **state)
{
	struct crypto_shamir_share s[5];
	static const char *const args[] = { "python3", "tests/shamir.py",
		"split", "3", "5",
		"30313233343536373839616263646566"
		"30313233343536373839414243444546",
		NULL };
	char line[6][TEXT_MAX + 8];
	uint8_t raw[CRYPTO_SHAMIR_SHARE_LEN], out[32];
	size_t len;

	(void)state;
	assert_int_equal(python(args, line, 6), 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(wire_base32_decode(line[i], strlen(line[i]),
				     raw, sizeof(raw), &len),
		    0);
		assert_int_equal(len, sizeof(raw));
		assert_int_equal(crypto_shamir_parse(raw, &s[i]), 0);
	}
	for (unsigned from = 0; from + 3 <= 5; from++) {
		assert_int_equal(crypto_shamir_join(s + from, 3, out), 0);
		assert_memory_equal(out, secret, 32);
	}
}

/* Each set of k of n, and no set of k - 1. */
static void
test_subsets(void **state)
{
	struct crypto_shamir_share s[6], some[6];
	uint8_t out[32];
	unsigned n;

	(void)state;
	assert_int_equal(
	    crypto_shamir_split(secret, 4, 6, crypto_rng_system(), s), 0);
	for (unsigned set = 0; set < 64; set++) {
		n = 0;
		for (unsigned i = 0; i < 6; i++)
			if ((set >> i & 1) != 0)
				some[n++] = s[i];
		if (n < 2) {
			assert_int_equal(
			    crypto_shamir_join(some, n, out), ERR_STATE_USAGE);
			continue;
		}
		assert_int_equal(crypto_shamir_join(some, n, out), 0);
		assert_int_equal(memcmp(out, secret, 32) == 0, n >= 4);
	}
}

static int
fill_fails(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	(void)buf;
	(void)len;
	return ERR_SYS_RNG;
}

static void
test_refused(void **state)
{
	const struct rng broken = { fill_fails, NULL };
	struct crypto_shamir_share s[17], back;
	uint8_t raw[CRYPTO_SHAMIR_SHARE_LEN], out[32];

	(void)state;
	assert_int_equal(
	    crypto_shamir_split(secret, 1, 5, crypto_rng_system(), s),
	    ERR_STATE_USAGE);
	assert_int_equal(
	    crypto_shamir_split(secret, 6, 5, crypto_rng_system(), s),
	    ERR_STATE_USAGE);
	assert_int_equal(
	    crypto_shamir_split(secret, 2, 17, crypto_rng_system(), s),
	    ERR_STATE_USAGE);
	assert_int_equal(
	    crypto_shamir_split(secret, 2, 3, &broken, s), ERR_SYS_RNG);
	assert_int_equal(
	    crypto_shamir_split(secret, 2, 3, crypto_rng_system(), s), 0);
	s[1].x = 1;
	assert_int_equal(crypto_shamir_join(s, 2, out), ERR_PEER_DUPLICATE);
	s[1].x = 0;
	assert_int_equal(crypto_shamir_join(s, 2, out), ERR_PEER_MALFORMED);
	crypto_shamir_encode(&s[1], raw);
	assert_int_equal(crypto_shamir_parse(raw, &back), ERR_PEER_MALFORMED);
	/* Each flipped bit is noticed. */
	crypto_shamir_encode(&s[2], raw);
	for (size_t i = 0; i < 8 * sizeof(raw); i++) {
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(
		    crypto_shamir_parse(raw, &back), ERR_PEER_MISMATCH);
		raw[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(crypto_shamir_parse(raw, &back), 0);
	assert_memory_equal(&back, &s[2], sizeof(back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_join),
		cmocka_unit_test(test_we_join),
		cmocka_unit_test(test_subsets),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

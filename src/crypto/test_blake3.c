/* SPDX-License-Identifier: Apache-2.0 */
/* BLAKE3: the authors' vectors, see tests/vectors/blake3. */
#include "crypto/blake3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/testvec_internal.h"

#define CONTEXT "BLAKE3 2019-12-27 16:29:52 test vectors context"

enum mode { HASH, KEYED, DERIVE, MODES };

static const char *const members[MODES] = { "hash", "keyed_hash",
	"derive_key" };

static void
begin(struct crypto_blake3 *h, enum mode mode, const uint8_t *key)
{
	if (mode == HASH)
		crypto_blake3_init(h);
	else if (mode == KEYED)
		crypto_blake3_init_keyed(h, key);
	else
		crypto_blake3_init_derive(h, CONTEXT);
}

/* In one piece, in pieces of 1, 2, 3... bytes, and from a copied state. */
static void
one(const json_t *t, enum mode mode, const uint8_t *key, const uint8_t *data)
{
	size_t len =
	    (size_t)json_integer_value(json_object_get(t, "input_len"));
	struct test_bytes want = crypto_testvec_bytes(t, members[mode]);
	struct crypto_blake3 h, copy;
	uint8_t *out = malloc(want.len);
	size_t at = 0, step = 1;

	assert_non_null(out);
	assert_in_range(want.len, CRYPTO_BLAKE3_LEN + 1, 1000);
	begin(&h, mode, key);
	copy = h;
	crypto_blake3_update(&h, data, len);
	crypto_blake3_final(&h, out, want.len);
	assert_memory_equal(out, want.data, want.len);
	while (at < len) {
		if (step > len - at)
			step = len - at;
		crypto_blake3_update(&copy, data + at, step);
		at += step++;
	}
	h = copy;
	crypto_blake3_final(&copy, out, CRYPTO_BLAKE3_LEN);
	assert_memory_equal(out, want.data, CRYPTO_BLAKE3_LEN);
	crypto_blake3_update(&h, NULL, 0);
	crypto_blake3_final(&h, out, want.len);
	assert_memory_equal(out, want.data, want.len);
	free(out);
	free(want.data);
}

static void
test_vectors(void **state)
{
	json_t *j = crypto_testvec_load("blake3/test_vectors.json"), *t;
	const char *key = json_string_value(json_object_get(j, "key"));
	uint8_t *data = malloc(102400);
	size_t i, n = 0;

	(void)state;
	assert_non_null(data);
	assert_int_equal(strlen(key), CRYPTO_BLAKE3_KEY_LEN);
	for (i = 0; i < 102400; i++)
		data[i] = (uint8_t)(i % 251);
	json_array_foreach(json_object_get(j, "cases"), i, t)
	{
		for (enum mode mode = 0; mode < MODES; mode++, n++)
			one(t, mode, (const uint8_t *)key, data);
	}
	assert_int_equal(n, 66);
	free(data);
	json_decref(j);
}

/* What was hashed does not stay behind. */
static void
test_wiped(void **state)
{
	static const struct crypto_blake3 zero;
	uint8_t key[CRYPTO_BLAKE3_KEY_LEN], out[CRYPTO_BLAKE3_LEN];
	struct crypto_blake3 h;

	(void)state;
	memset(key, 0x42, sizeof(key));
	crypto_blake3_init_keyed(&h, key);
	crypto_blake3_update(&h, "secret", 6);
	crypto_blake3_final(&h, out, sizeof(out));
	assert_memory_equal(&h, &zero, sizeof(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* AES key wrap: the RFCs' examples, and Wycheproof. */
#include "crypto/keywrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/testvec_internal.h"
#include "wire/hex.h"

struct example {
	enum crypto_keywrap_alg alg;
	const char *key, *in, *out;
};

#define KEY24 "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"

static const struct example examples[] = {
	/* RFC 3394 sections 4.1, 4.3, 4.6. */
	{ CRYPTO_KEYWRAP_KW, "000102030405060708090a0b0c0d0e0f",
	    "00112233445566778899aabbccddeeff",
	    "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5" },
	{ CRYPTO_KEYWRAP_KW,
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	    "00112233445566778899aabbccddeeff",
	    "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7" },
	{ CRYPTO_KEYWRAP_KW,
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	    "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
	    "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
	    "cbc7f0e71a99f43bfb988b9b7a02dd21" },
	/* RFC 5649 section 6. */
	{ CRYPTO_KEYWRAP_KWP, KEY24,
	    "c37b7e6492584340bed12207808941155068f738",
	    "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a" },
	{ CRYPTO_KEYWRAP_KWP, KEY24, "466f7250617369",
	    "afbeb0f07dfbf5419200f2ccb50bb24f" },
};

static void
test_rfc(void **state)
{
	uint8_t key[32], in[64], want[80], out[80];
	size_t in_len, want_len, len;
	struct crypto_keywrap_key k = { .key = key };

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];

		k.alg = e->alg;
		assert_int_equal(wire_hex_decode(e->key, strlen(e->key), key,
				     sizeof(key), &k.len),
		    0);
		assert_int_equal(wire_hex_decode(e->in, strlen(e->in), in,
				     sizeof(in), &in_len),
		    0);
		assert_int_equal(wire_hex_decode(e->out, strlen(e->out), want,
				     sizeof(want), &want_len),
		    0);
		assert_int_equal(
		    crypto_keywrap_wrap(&k, in, in_len, out, &len), 0);
		assert_int_equal(len, want_len);
		assert_memory_equal(out, want, len);
		assert_int_equal(
		    crypto_keywrap_unwrap(&k, want, want_len, out, &len), 0);
		assert_int_equal(len, in_len);
		assert_memory_equal(out, in, len);
	}
}

static void
wycheproof_case(enum crypto_keywrap_alg alg, const json_t *t)
{
	struct test_bytes key = crypto_testvec_bytes(t, "key");
	struct test_bytes msg = crypto_testvec_bytes(t, "msg");
	struct test_bytes ct = crypto_testvec_bytes(t, "ct");
	struct crypto_keywrap_key k = { alg, key.data, key.len };
	uint8_t *out = malloc(msg.len + ct.len + CRYPTO_KEYWRAP_MORE);
	int verdict = crypto_testvec_verdict(t), rc;
	size_t len = 0;

	assert_non_null(out);
	rc = crypto_keywrap_unwrap(&k, ct.data, ct.len, out, &len);
	/* "Acceptable" are keys of 8 bytes, which RFC 3394 does not wrap. */
	if (verdict == 1) {
		assert_int_equal(rc, 0);
		assert_int_equal(len, msg.len);
		assert_memory_equal(out, msg.data, len);
		assert_int_equal(
		    crypto_keywrap_wrap(&k, msg.data, msg.len, out, &len), 0);
		assert_int_equal(len, ct.len);
		assert_memory_equal(out, ct.data, len);
	} else {
		assert_true(
		    rc == ERR_PEER_DECRYPT || rc == ERR_PEER_MALFORMED);
	}
	free(out);
	free(key.data);
	free(msg.data);
	free(ct.data);
}

static size_t
wycheproof_file(enum crypto_keywrap_alg alg, const char *name)
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			wycheproof_case(alg, t);
			n++;
		}
	}
	json_decref(j);
	return n;
}

static void
test_wycheproof(void **state)
{
	(void)state;
	assert_int_equal(wycheproof_file(CRYPTO_KEYWRAP_KW,
			     "wycheproof/aes_wrap_test.json"),
	    165);
	assert_int_equal(wycheproof_file(CRYPTO_KEYWRAP_KWP,
			     "wycheproof/aes_kwp_test.json"),
	    254);
}

/* What neither algorithm takes; and a flipped bit anywhere is noticed. */
static void
test_refused(void **state)
{
	static const uint8_t zero[CRYPTO_KEYWRAP_MAX + 1];
	struct crypto_keywrap_key k = { CRYPTO_KEYWRAP_KW, zero, 32 };
	uint8_t wrapped[40 + CRYPTO_KEYWRAP_MORE], out[64];
	size_t len;

	(void)state;
	assert_int_equal(crypto_keywrap_wrap(&k, zero, 8, out, &len),
	    ERR_PEER_MALFORMED);
	assert_int_equal(crypto_keywrap_wrap(&k, zero, 17, out, &len),
	    ERR_PEER_MALFORMED);
	assert_int_equal(
	    crypto_keywrap_wrap(&k, zero, sizeof(zero), out, &len),
	    ERR_PEER_TOO_LARGE);
	k.alg = CRYPTO_KEYWRAP_KWP;
	assert_int_equal(crypto_keywrap_wrap(&k, zero, 0, out, &len),
	    ERR_PEER_MALFORMED);
	k.len = 31;
	assert_int_equal(
	    crypto_keywrap_wrap(&k, zero, 16, out, &len), ERR_PEER_KEY);
	k.len = 32;
	assert_int_equal(crypto_keywrap_wrap(&k, zero, 33, wrapped, &len), 0);
	assert_int_equal(len, 48);
	for (size_t i = 0; i < 8 * 48; i++) {
		wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
		memset(out, 0xff, 48);
		assert_int_equal(
		    crypto_keywrap_unwrap(&k, wrapped, 48, out, &len),
		    ERR_PEER_DECRYPT);
		assert_memory_equal(out, zero, 48);
		wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(
	    crypto_keywrap_unwrap(&k, wrapped, 48, out, &len), 0);
	assert_int_equal(len, 33);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc),
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Packets in place: Wycheproof through this path, numbers, no allocation. */
#include "crypto/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "crypto/testvec_internal.h"

#define TAG CRYPTO_AEAD_TAG_LEN

static const enum crypto_aead_alg both[] = { CRYPTO_AES_256_GCM,
	CRYPTO_CHACHA20_POLY1305 };

/* The packet number that makes this nonce of an IV of zero bytes and ours. */
static uint64_t
split(const uint8_t nonce[12], uint8_t iv[12])
{
	uint64_t number = 0x0123456789abcdefu;

	memcpy(iv, nonce, 12);
	for (int i = 0; i < 8; i++)
		iv[11 - i] ^= (uint8_t)(number >> (8 * i));
	return number;
}

/* One case: it opens iff valid; the packet numbered 0 seals to the vector. */
static void
aead_case(enum crypto_aead_alg alg, const json_t *t)
{
	struct test_bytes key = crypto_testvec_bytes(t, "key");
	struct test_bytes nonce = crypto_testvec_bytes(t, "iv");
	struct test_bytes aad = crypto_testvec_bytes(t, "aad");
	struct test_bytes msg = crypto_testvec_bytes(t, "msg");
	struct test_bytes ct = crypto_testvec_bytes(t, "ct");
	struct test_bytes tag = crypto_testvec_bytes(t, "tag");
	const struct crypto_bytes ad = { aad.data, aad.len };
	const size_t n = ct.len + TAG;
	uint8_t *buf = malloc(n), iv[12];
	struct crypto_packet *p;
	uint64_t number = split(nonce.data, iv);

	assert_non_null(buf);
	assert_int_equal(tag.len, TAG);
	memcpy(buf, ct.data, ct.len);
	memcpy(buf + ct.len, tag.data, TAG);
	assert_int_equal(crypto_packet_new(alg, key.data, iv, &p), 0);
	if (crypto_testvec_verdict(t) == 1) {
		assert_int_equal(crypto_packet_open(p, number, ad, buf, n), 0);
		assert_memory_equal(buf, msg.data, msg.len);
		crypto_packet_free(p);
		assert_int_equal(
		    crypto_packet_new(alg, key.data, nonce.data, &p), 0);
		assert_int_equal(crypto_packet_seal(p, ad, buf, msg.len), 0);
		assert_memory_equal(buf, ct.data, ct.len);
		assert_memory_equal(buf + ct.len, tag.data, TAG);
	} else {
		assert_int_equal(crypto_packet_open(p, number, ad, buf, n),
		    ERR_PEER_DECRYPT);
		for (size_t i = 0; i < ct.len; i++)
			assert_int_equal(buf[i], 0);
	}
	crypto_packet_free(p);
	free(buf);
	free(key.data);
	free(nonce.data);
	free(aad.data);
	free(msg.data);
	free(ct.data);
	free(tag.data);
}

static size_t
aead_file(enum crypto_aead_alg alg, const char *name)
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		if (json_integer_value(json_object_get(g, "keySize")) != 256 ||
		    json_integer_value(json_object_get(g, "ivSize")) != 96 ||
		    json_integer_value(json_object_get(g, "tagSize")) != 128)
			continue;
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			aead_case(alg, t);
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
	assert_in_range(
	    aead_file(CRYPTO_AES_256_GCM, "wycheproof/aes_gcm_test.json"), 60,
	    1000);
	assert_in_range(aead_file(CRYPTO_CHACHA20_POLY1305,
			    "wycheproof/chacha20_poly1305_test.json"),
	    250, 1000);
}

struct pair {
	struct crypto_packet *seal, *open;
};

static struct pair
pair_new(enum crypto_aead_alg alg)
{
	static const uint8_t key[32] = { 1, 2, 3 }, iv[12] = { 4, 5, 6 };
	struct pair p;

	assert_int_equal(crypto_packet_new(alg, key, iv, &p.seal), 0);
	assert_int_equal(crypto_packet_new(alg, key, iv, &p.open), 0);
	return p;
}

static void
pair_free(struct pair *p)
{
	crypto_packet_free(p->seal);
	crypto_packet_free(p->open);
}

/* Each packet has the next number, and opens under no other. */
static void
test_numbers(void **state)
{
	const struct crypto_bytes ad = { (const uint8_t *)"header", 6 };
	uint8_t sealed[3][5 + TAG], buf[5 + TAG];

	(void)state;
	for (size_t a = 0; a < 2; a++) {
		struct pair p = pair_new(both[a]);

		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(crypto_packet_next(p.seal), i);
			memcpy(sealed[i], "hello", 5);
			assert_int_equal(
			    crypto_packet_seal(p.seal, ad, sealed[i], 5), 0);
		}
		assert_memory_not_equal(sealed[0], sealed[1], 5);
		/* In any order, and as often as the caller likes. */
		for (unsigned i = 0; i < 9; i++) {
			unsigned which = i / 3, number = i % 3;

			memcpy(buf, sealed[which], sizeof(buf));
			assert_int_equal(crypto_packet_open(p.open, number, ad,
					     buf, sizeof(buf)),
			    which == number ? 0 : ERR_PEER_DECRYPT);
			if (which == number)
				assert_memory_equal(buf, "hello", 5);
		}
		pair_free(&p);
	}
}

/* Any bit flipped, cut short, or with other associated data. */
static void
test_altered(void **state)
{
	struct crypto_bytes ad = { (const uint8_t *)"header", 6 };
	uint8_t sealed[5 + TAG], buf[5 + TAG];

	(void)state;
	for (size_t a = 0; a < 2; a++) {
		struct pair p = pair_new(both[a]);

		ad.len = 6;
		memcpy(sealed, "hello", 5);
		assert_int_equal(crypto_packet_seal(p.seal, ad, sealed, 5), 0);
		for (unsigned bit = 0; bit < 8 * sizeof(sealed); bit++) {
			memcpy(buf, sealed, sizeof(buf));
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(
			    crypto_packet_open(p.open, 0, ad, buf, sizeof(buf)),
			    ERR_PEER_DECRYPT);
		}
		for (size_t len = 0; len < sizeof(sealed); len++) {
			memcpy(buf, sealed, sizeof(buf));
			assert_int_equal(
			    crypto_packet_open(p.open, 0, ad, buf, len),
			    ERR_PEER_DECRYPT);
		}
		memcpy(buf, sealed, sizeof(buf));
		ad.len = 5;
		assert_int_equal(
		    crypto_packet_open(p.open, 0, ad, buf, sizeof(buf)),
		    ERR_PEER_DECRYPT);
		pair_free(&p);
	}
}

/* A length that OpenSSL's int cannot hold uses up a number and no nonce. */
static void
test_limit(void **state)
{
	const struct crypto_bytes ad = { (const uint8_t *)"", (size_t)2 << 30 };
	uint8_t buf[1 + TAG] = { 7 };
	struct pair p = pair_new(CRYPTO_AES_256_GCM);

	(void)state;
	assert_int_equal(crypto_packet_seal(p.seal, ad, buf, 1), ERR_SYS_LIMIT);
	assert_int_equal(buf[0], 0);
	assert_int_equal(crypto_packet_next(p.seal), 1);
	assert_int_equal(
	    crypto_packet_open(p.open, 0, ad, buf, sizeof(buf)), ERR_SYS_LIMIT);
	pair_free(&p);
}

/* 10,000 packets sealed, opened, and refused: not one allocation. */
static void
test_no_allocation(void **state)
{
	const struct crypto_bytes ad = { (const uint8_t *)"sixteen bytes ad",
		16 };
	static uint8_t buf[1200 + TAG];
	unsigned long before;

	(void)state;
	if (!ALLOC_TEST)
		skip();
	for (size_t a = 0; a < 2; a++) {
		struct pair p;

		before = alloc_test_count();
		p = pair_new(both[a]);
		/* The counter does count. */
		assert_true(alloc_test_count() > before);
		before = alloc_test_count();
		for (unsigned i = 0; i < 10000; i++) {
			if (crypto_packet_seal(p.seal, ad, buf, 1200) != 0)
				fail();
			buf[0] ^= i % 2;
			if (crypto_packet_open(p.open, i, ad, buf,
				sizeof(buf)) != (i % 2 ? ERR_PEER_DECRYPT : 0))
				fail();
		}
		assert_int_equal(alloc_test_count(), before);
		pair_free(&p);
	}
}

#ifdef __x86_64__
#include <cpuid.h>

/* Bit 2 of XINUSE: the upper halves of the 256-bit registers are in use. */
static int
upper_in_use(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid_count(1, 0, &a, &b, &c, &d) || !(c & 1u << 27) ||
	    !__get_cpuid_count(13, 1, &a, &b, &c, &d) || !(a & 4))
		return -1;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(1));
	return (a & 4) != 0;
}
#else
static int
upper_in_use(void)
{
	return -1;
}
#endif

/*
 * No packet leaves the vector registers in use; of several tries, for an
 * interrupt may.
 */
static void
test_vectors_released(void **state)
{
	static const size_t lengths[] = { 0, 16, 100, 300, 1200, 1203 };
	static uint8_t buf[1203 + TAG];

	(void)state;
	if (upper_in_use() < 0)
		skip();
	for (size_t a = 0; a < 2; a++) {
		struct pair p = pair_new(both[a]);

		for (size_t i = 0; i < 6; i++) {
			unsigned in_use = 0;

			for (unsigned k = 0; k < 20; k++) {
				assert_int_equal(
				    crypto_packet_seal(p.seal,
					(struct crypto_bytes){ buf, 16 }, buf,
					lengths[i]),
				    0);
				in_use += upper_in_use() == 1;
			}
			assert_int_not_equal(in_use, 20);
		}
		pair_free(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_no_allocation),
		cmocka_unit_test(test_vectors_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

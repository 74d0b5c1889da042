/* SPDX-License-Identifier: Apache-2.0 */
/* The hybrid KEM: known answers of a second implementation, bad halves. */
#include "crypto/hybrid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/testvec_internal.h"

#define CT_MAX CRYPTO_HYBRID1024_CIPHERTEXT_LEN

static const uint8_t zero[CRYPTO_HYBRID_SECRET_LEN];

static void
one(const json_t *t)
{
	const enum crypto_mlkem_alg alg =
	    json_integer_value(json_object_get(t, "size")) == 768
		? CRYPTO_MLKEM768
		: CRYPTO_MLKEM1024;
	struct test_bytes label = crypto_testvec_bytes(t, "label");
	struct test_bytes seed = crypto_testvec_bytes(t, "seed");
	struct test_bytes ephemeral = crypto_testvec_bytes(t, "ephemeral");
	struct test_bytes m = crypto_testvec_bytes(t, "m");
	struct test_bytes pub = crypto_testvec_bytes(t, "pub");
	struct test_bytes ct = crypto_testvec_bytes(t, "ct");
	struct test_bytes want = crypto_testvec_bytes(t, "secret");
	struct test_bytes rejected = crypto_testvec_bytes(t, "rejected");
	const struct crypto_bytes l = { label.data, label.len };
	const struct crypto_hybrid_peer peer = { alg, l, pub.data };
	const struct rng rng = { crypto_testvec_fill, &m };
	uint8_t out[CT_MAX], secret[64];
	struct crypto_hybrid *k;

	assert_int_equal(seed.len, CRYPTO_HYBRID_SEED_LEN);
	assert_int_equal(pub.len, crypto_hybrid_public_len(alg));
	assert_int_equal(ct.len, crypto_hybrid_ciphertext_len(alg));
	assert_int_equal(crypto_hybrid_new(alg, seed.data, &k), 0);
	assert_memory_equal(crypto_hybrid_public(k), pub.data, pub.len);
	assert_int_equal(
	    crypto_hybrid_encaps(&peer, ephemeral.data, &rng, out, secret), 0);
	assert_memory_equal(out, ct.data, ct.len);
	assert_memory_equal(secret, want.data, 64);
	assert_int_equal(crypto_hybrid_decaps(k, l, ct.data, secret), 0);
	assert_memory_equal(secret, want.data, 64);
	/* Implicit rejection, with the very secret that FIPS 203 says. */
	ct.data[500] ^= 1;
	assert_int_equal(crypto_hybrid_decaps(k, l, ct.data, secret), 0);
	assert_memory_equal(secret, rejected.data, 64);
	crypto_hybrid_free(k);
	free(label.data);
	free(seed.data);
	free(ephemeral.data);
	free(m.data);
	free(pub.data);
	free(ct.data);
	free(want.data);
	free(rejected.data);
}

static void
test_known(void **state)
{
	json_t *j = crypto_testvec_load("noble/known.json"), *t;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(json_object_get(j, "hybrid"), i, t)
	{
		one(t);
		n++;
	}
	assert_int_equal(n, 3);
	json_decref(j);
}

struct world {
	struct crypto_hybrid *key;
	struct crypto_hybrid_peer peer;
	uint8_t pub[CRYPTO_HYBRID1024_PUBLIC_LEN];
	uint8_t ephemeral[32], m_bytes[32];
	struct test_bytes m;
	struct rng rng;
	uint8_t ct[CT_MAX], secret[64];
};

static int
setup(void **state)
{
	static const uint8_t seed[CRYPTO_HYBRID_SEED_LEN] = { 3, 1, 4, 1, 5 };
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(crypto_hybrid_new(CRYPTO_MLKEM1024, seed, &w->key), 0);
	memcpy(w->pub, crypto_hybrid_public(w->key), sizeof(w->pub));
	w->peer = (struct crypto_hybrid_peer){ CRYPTO_MLKEM1024,
		{ (const uint8_t *)"label", 5 }, w->pub };
	memset(w->ephemeral, 0x77, 32);
	w->m = (struct test_bytes){ w->m_bytes, 32 };
	w->rng = (struct rng){ crypto_testvec_fill, &w->m };
	assert_int_equal(crypto_hybrid_encaps(
			     &w->peer, w->ephemeral, &w->rng, w->ct, w->secret),
	    0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	crypto_hybrid_free(w->key);
	free(w);
	return 0;
}

/* The secret depends on each half, on every public byte and on the label. */
static void
test_bound(void **state)
{
	struct world *w = *state;
	const struct crypto_bytes other = { (const uint8_t *)"lapel", 5 };
	uint8_t secret[64];

	assert_int_equal(
	    crypto_hybrid_decaps(w->key, w->peer.label, w->ct, secret), 0);
	assert_memory_equal(secret, w->secret, 64);
	assert_int_equal(crypto_hybrid_decaps(w->key, other, w->ct, secret), 0);
	assert_memory_not_equal(secret, w->secret, 64);
	/* Bit 255 of E_s does not change the X25519 result, but the secret. */
	w->ct[31] ^= 0x80;
	assert_int_equal(
	    crypto_hybrid_decaps(w->key, w->peer.label, w->ct, secret), 0);
	assert_memory_not_equal(secret, w->secret, 64);
	w->ct[31] ^= 0x80;
	w->ct[32 + 1567] ^= 1;
	assert_int_equal(
	    crypto_hybrid_decaps(w->key, w->peer.label, w->ct, secret), 0);
	assert_memory_not_equal(secret, w->secret, 64);
}

/* Either half refused, or no randomness: no secret. */
static void
test_refused(void **state)
{
	struct world *w = *state;
	uint8_t secret[64];

	memset(w->ct, 0, 32);
	memset(secret, 1, 64);
	assert_int_equal(
	    crypto_hybrid_decaps(w->key, w->peer.label, w->ct, secret),
	    ERR_PEER_KEY);
	assert_memory_equal(secret, zero, 64);
	/* A coefficient of 4095, beyond q. */
	memset(w->pub + 32, 0xff, 3);
	memset(secret, 1, 64);
	assert_int_equal(crypto_hybrid_encaps(
			     &w->peer, w->ephemeral, &w->rng, w->ct, secret),
	    ERR_PEER_KEY);
	assert_memory_equal(secret, zero, 64);
	memcpy(w->pub, crypto_hybrid_public(w->key), sizeof(w->pub));
	memset(w->pub, 0, 32);
	memset(secret, 1, 64);
	assert_int_equal(crypto_hybrid_encaps(
			     &w->peer, w->ephemeral, &w->rng, w->ct, secret),
	    ERR_PEER_KEY);
	assert_memory_equal(secret, zero, 64);
	memcpy(w->pub, crypto_hybrid_public(w->key), sizeof(w->pub));
	w->m.len = 31;
	memset(secret, 1, 64);
	assert_int_equal(crypto_hybrid_encaps(
			     &w->peer, w->ephemeral, &w->rng, w->ct, secret),
	    ERR_SYS_RNG);
	assert_memory_equal(secret, zero, 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test_setup_teardown(test_bound, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

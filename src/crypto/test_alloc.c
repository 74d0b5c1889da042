/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every operation that allocates, with its n-th allocation failing for each
 * n: it succeeds or fails, without crash or leak, and keeps its promise about
 * outputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "base/alloc_test.h"
#include "crypto/ed25519.h"
#include "crypto/hybrid.h"
#include "crypto/mldsa.h"
#include "crypto/packet.h"
#include "crypto/pkey_sign.h"
#include "crypto/pwhash.h"
#include "crypto/rng.h"
#include "crypto/sha3.h"
#include "crypto/x25519.h"

static const uint8_t seed[96] = { 1, 2, 3 };
static const uint8_t base_point[32] = { 9 };
static const struct crypto_bytes label = { (const uint8_t *)"label", 5 };

static void
assert_all(const uint8_t *p, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(p[i], value);
}

static int
do_packet(void)
{
	struct crypto_packet *p = NULL;
	uint8_t buf[100 + CRYPTO_AEAD_TAG_LEN];
	int rc = crypto_packet_new(CRYPTO_AES_256_GCM, seed, seed + 32, &p);

	if (rc == 0)
		rc = crypto_packet_seal(p, label, buf, 100);
	else
		assert_null(p);
	crypto_packet_free(p);
	return rc;
}

static int
do_x25519(void)
{
	uint8_t out[32], shared[32];
	int rc;

	memset(shared, 0xaa, sizeof(shared));
	rc = crypto_x25519_public(seed, out);
	if (rc == 0)
		rc = crypto_x25519_shared(seed, base_point, shared);
	if (rc == 0)
		assert_memory_equal(out, shared, 32);
	else
		assert_true(shared[0] == 0xaa || shared[0] == 0);
	return rc;
}

static int
do_ed25519(void)
{
	uint8_t pub[32], sig[64];
	int rc;

	memset(sig, 0xaa, sizeof(sig));
	rc = crypto_ed25519_public(seed, pub);
	if (rc == 0) {
		rc = crypto_ed25519_sign(seed, "msg", 3, sig);
		if (rc != 0)
			assert_all(sig, sizeof(sig), 0xaa);
	}
	return rc == 0 ? crypto_ed25519_verify(pub, "msg", 3, sig) : rc;
}

static int
do_sha3(void)
{
	uint8_t out[32];

	return crypto_sha3_256(&label, 1, out);
}

static int
do_argon2(void)
{
	const struct crypto_pwhash_cost cost = { 64, 1, 2 };
	const struct crypto_bytes salt = { seed, 16 };
	uint8_t out[32];
	int rc = crypto_pwhash_argon2id(&cost, label, salt, out, sizeof(out));

	if (rc != 0)
		assert_all(out, sizeof(out), 0);
	return rc;
}

static int
do_mldsa(void)
{
	static uint8_t sig[CRYPTO_MLDSA65_SIG_LEN];
	struct crypto_pkey *k = NULL;
	int rc = crypto_mldsa_from_seed(CRYPTO_KEY_MLDSA65, seed, &k);

	if (rc == 0)
		rc = crypto_mldsa_sign(
		    k, label, label, crypto_rng_system(), sig);
	if (rc == 0)
		rc = crypto_mldsa_verify(
		    k, label, label, (struct crypto_bytes){ sig, sizeof(sig) });
	crypto_pkey_free(k);
	return rc;
}

static int
do_ecdsa(void)
{
	static uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256, seed, 32, sig, 0 };
	struct crypto_pkey *k = NULL;
	int rc = crypto_pkey_generate(CRYPTO_KEY_P256, &k);

	if (rc == 0)
		rc = crypto_pkey_sign(k, seed, 32, sig, &s.sig_len);
	if (rc == 0)
		rc = crypto_pkey_verify(k, &s);
	crypto_pkey_free(k);
	return rc;
}

static int
do_hybrid(void)
{
	static uint8_t ct[CRYPTO_HYBRID1024_CIPHERTEXT_LEN];
	struct crypto_hybrid *k = NULL;
	uint8_t a[64], b[64];
	int rc = crypto_hybrid_new(CRYPTO_MLKEM1024, seed, &k);

	if (rc == 0) {
		const struct crypto_hybrid_peer peer = { CRYPTO_MLKEM1024,
			label, crypto_hybrid_public(k) };

		rc = crypto_hybrid_encaps(
		    &peer, seed + 32, crypto_rng_system(), ct, a);
		if (rc != 0)
			assert_all(a, sizeof(a), 0);
	}
	if (rc == 0) {
		rc = crypto_hybrid_decaps(k, label, ct, b);
		if (rc == 0)
			assert_memory_equal(a, b, sizeof(a));
		else
			assert_all(b, sizeof(b), 0);
	}
	crypto_hybrid_free(k);
	return rc;
}

/*
 * Under a sanitizer, which finds the leaks, malloc is not ours to fail, but
 * OpenSSL takes ours; what else allocates then succeeds.
 */
static void *
openssl_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return !ALLOC_TEST && alloc_test_deny() ? NULL : malloc(n);
}

static void *
openssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return !ALLOC_TEST && alloc_test_deny() ? NULL : realloc(p, n);
}

static void
openssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void
test_each(void **state)
{
	static int (*const all[])(void) = { do_packet, do_x25519, do_ed25519,
		do_ecdsa, do_sha3, do_mldsa, do_hybrid, do_argon2 };
	const size_t n = sizeof(all) / sizeof(all[0]) - (ALLOC_TEST ? 0 : 1);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		/* Once without failures: OpenSSL fetches what it needs. */
		assert_int_equal(all[i](), 0);
		assert_true(alloc_test_each(all[i]) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
	};

	if (CRYPTO_set_mem_functions(
		openssl_malloc, openssl_realloc, openssl_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

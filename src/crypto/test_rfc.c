/* SPDX-License-Identifier: Apache-2.0 */
/* Published examples: FIPS 180-4, RFC 4231, 5869, 8032, 8439; key files. */
#include "crypto/ed25519.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "crypto/sha2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <cmocka.h>

#include "wire/hex.h"
#include "wire/pem.h"

static void
assert_hex(const uint8_t *data, size_t len, const char *want)
{
	char text[257];

	assert_in_range(len, 0, 128);
	wire_hex_encode(data, len, text);
	assert_string_equal(text, want);
}

/* NIST's example files for "abc" and the two-block message. */
static void
test_sha2(void **state)
{
	static const char two[] =
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t out[64], one[64];
	struct crypto_sha2 h;

	(void)state;
	crypto_sha2_256("abc", 3, out);
	assert_hex(out, 32,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha2_256(two, strlen(two), out);
	assert_hex(out, 32,
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	crypto_sha2_384("abc", 3, out);
	assert_hex(out, 48,
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7");
	crypto_sha2_512("abc", 3, out);
	assert_hex(out, 64,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	/* In pieces of every size, and forked in the middle. */
	crypto_sha2_256(two, strlen(two), one);
	for (size_t cut = 0; cut <= strlen(two); cut++) {
		struct crypto_sha2 fork;

		crypto_sha2_init(&h, CRYPTO_SHA256);
		crypto_sha2_update(&h, two, cut);
		fork = h;
		crypto_sha2_update(&h, two + cut, strlen(two) - cut);
		crypto_sha2_final(&h, out);
		assert_memory_equal(out, one, 32);
		crypto_sha2_update(&fork, "x", 1);
		crypto_sha2_final(&fork, out);
		assert_memory_not_equal(out, one, 32);
	}
}

/* RFC 4231 test case 2. */
static void
test_hmac(void **state)
{
	struct crypto_hmac_key key = { CRYPTO_SHA256, (const uint8_t *)"Jefe",
		4 };
	uint8_t out[64];

	(void)state;
	crypto_hmac_sign(&key, "what do ya want for nothing?", 28, out);
	assert_hex(out, 32,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_int_equal(crypto_hmac_verify(
			     &key, "what do ya want for nothing?", 28, out, 32),
	    0);
	assert_int_equal(crypto_hmac_verify(
			     &key, "what do ya want for nothing?", 28, out, 31),
	    ERR_PEER_SIGNATURE);
	key.alg = CRYPTO_SHA512;
	crypto_hmac_sign(&key, "what do ya want for nothing?", 28, out);
	assert_hex(out, 64,
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

/* RFC 5869 test case 3: no salt, no info. */
static void
test_hkdf(void **state)
{
	uint8_t ikm[22], prk[32], okm[42];

	(void)state;
	memset(ikm, 0x0b, sizeof(ikm));
	crypto_hkdf_extract(CRYPTO_SHA256, (struct crypto_bytes){ NULL, 0 },
	    (struct crypto_bytes){ ikm, sizeof(ikm) }, prk);
	assert_hex(prk, 32,
	    "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
	assert_int_equal(
	    crypto_hkdf_expand(CRYPTO_SHA256, (struct crypto_bytes){ prk, 32 },
		(struct crypto_bytes){ NULL, 0 }, okm, sizeof(okm)),
	    0);
	assert_hex(okm, 42,
	    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8");
}

/* RFC 8032 section 7.1, test 3. */
static void
test_ed25519(void **state)
{
	static const uint8_t seed[32] = { 0xc5, 0xaa, 0x8d, 0xf4, 0x3f, 0x9f,
		0x83, 0x7b, 0xed, 0xb7, 0x44, 0x2f, 0x31, 0xdc, 0xb7, 0xb1,
		0x66, 0xd3, 0x85, 0x35, 0x07, 0x6f, 0x09, 0x4b, 0x85, 0xce,
		0x3a, 0x2e, 0x0b, 0x44, 0x58, 0xf7 };
	static const uint8_t msg[2] = { 0xaf, 0x82 };
	uint8_t pub[32], sig[64];

	(void)state;
	assert_int_equal(crypto_ed25519_public(seed, pub), 0);
	assert_hex(pub, 32,
	    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
	assert_int_equal(crypto_ed25519_sign(seed, msg, 2, sig), 0);
	assert_hex(sig, 64,
	    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
	assert_int_equal(crypto_ed25519_verify(pub, msg, 2, sig), 0);
	sig[5] ^= 1;
	assert_int_equal(
	    crypto_ed25519_verify(pub, msg, 2, sig), ERR_PEER_SIGNATURE);
}

/* scrypt (RFC 7914) and aes256-CBC, as DER object identifiers. */
static const uint8_t scrypt_oid[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01,
	0xda, 0x47, 0x04, 0x0b };
static const uint8_t aes_oid[] = { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
	0x03, 0x04, 0x01, 0x2a };

/*
 * Open a key file by hand.  OpenSSL's own loader stops at 32 MiB of memory
 * for scrypt, half of what N 65536 and r 8 take.
 */
static EVP_PKEY *
open_by_hand(const struct buf *der, const char *pass)
{
	const uint8_t *salt, *iv, *ct, *p;
	const uint8_t *end = der->data + der->len;
	uint8_t key[32], clear[512];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n, m;

	salt = memmem(der->data, der->len, scrypt_oid, sizeof(scrypt_oid));
	iv = memmem(der->data, der->len, aes_oid, sizeof(aes_oid));
	assert_non_null(salt);
	assert_non_null(iv);
	salt += sizeof(scrypt_oid) + 2; /* past the head of the SEQUENCE */
	iv += sizeof(aes_oid);
	assert_int_equal(salt[0], 0x04);
	assert_memory_equal(salt + 2 + salt[1],
	    "\x02\x03\x01\x00\x00\x02\x01\x08\x02\x01\x01", 11);
	assert_memory_equal(iv, "\x04\x10", 2);
	ct = iv + 2 + 16;
	assert_memory_equal(ct, "\x04\x81", 2);
	ct += 3;
	assert_int_equal(EVP_PBE_scrypt(pass, strlen(pass), salt + 2, salt[1],
			     65536, 8, 1, 1 << 27, key, sizeof(key)),
	    1);
	assert_in_range(end - ct, 16, sizeof(clear));
	assert_int_equal(
	    EVP_DecryptInit_ex2(c, EVP_aes_256_cbc(), key, iv + 2, NULL), 1);
	assert_int_equal(
	    EVP_DecryptUpdate(c, clear, &n, ct, (int)(end - ct)), 1);
	assert_int_equal(EVP_DecryptFinal_ex(c, clear + n, &m), 1);
	EVP_CIPHER_CTX_free(c);
	p = clear;
	return d2i_AutoPrivateKey(NULL, &p, n + m);
}

/* A key file that we write is PBES2 with scrypt and AES-256-CBC. */
static void
test_key_file_ours(void **state)
{
	static const struct crypto_pass pass = { (const uint8_t *)"correct",
		7 };
	static const struct crypto_pass wrong = { (const uint8_t *)"horse", 5 };
	struct crypto_pkey *key, *back;
	struct buf text, der;
	size_t pos = 0;
	EVP_PKEY *opened;

	(void)state;
	base_buf_init(&text, CRYPTO_PKCS8_FILE_MAX);
	base_buf_init(&der, CRYPTO_PKCS8_FILE_MAX);
	assert_int_equal(crypto_pkey_generate(CRYPTO_KEY_P256, &key), 0);
	assert_int_equal(
	    crypto_pkcs8_encrypt(key, pass, crypto_rng_system(), &text), 0);
	assert_int_equal(wire_pem_next((char *)text.data, text.len, &pos,
			     "ENCRYPTED PRIVATE KEY", &der),
	    0);
	opened = open_by_hand(&der, "correct");
	assert_non_null(opened);
	assert_int_equal(EVP_PKEY_eq(opened, crypto_pkey_evp(key)), 1);
	EVP_PKEY_free(opened);
	assert_int_equal(
	    crypto_pkcs8_decrypt(text.data, text.len, pass, &back), 0);
	assert_true(crypto_pkey_equal(key, back));
	crypto_pkey_free(back);
	assert_int_equal(
	    crypto_pkcs8_decrypt(text.data, text.len, wrong, &back),
	    ERR_PEER_DECRYPT);
	/* Every truncation of the DER is refused. */
	for (size_t n = 0; n < der.len; n++)
		assert_int_not_equal(
		    crypto_pkcs8_decrypt(der.data, n, pass, &back), 0);
	crypto_pkey_free(key);
	base_buf_free(&text);
	base_buf_free(&der);
}

/* A key file as "openssl pkcs8 -scrypt" writes it is read. */
static void
test_key_file_theirs(void **state)
{
	static const struct crypto_pass pass = { (const uint8_t *)"correct",
		7 };
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pair);
	X509_ALGOR *alg = PKCS5_pbe2_set_scrypt(
	    EVP_aes_256_cbc(), NULL, 0, NULL, 16384, 8, 1);
	X509_SIG *sealed;
	struct crypto_pkey *back;
	uint8_t *der = NULL;
	int len;

	(void)state;
	assert_non_null(info);
	assert_non_null(alg);
	sealed = PKCS8_set0_pbe("correct", 7, info, alg);
	assert_non_null(sealed);
	len = i2d_X509_SIG(sealed, &der);
	assert_true(len > 0);
	assert_int_equal(
	    crypto_pkcs8_decrypt(der, (size_t)len, pass, &back), 0);
	assert_int_equal(EVP_PKEY_eq(pair, crypto_pkey_evp(back)), 1);
	crypto_pkey_free(back);
	OPENSSL_free(der);
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha2),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_key_file_ours),
		cmocka_unit_test(test_key_file_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Secret keys and secret inputs of hashes, MACs, key derivation, packets. */
#include <stdint.h>
#include <string.h>

#include "base/timing_test.h"
#include "crypto/blake2b.h"
#include "crypto/blake3.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/packet.h"
#include "crypto/pwhash.h"
#include "crypto/sha3.h"

static const uint8_t iv[12];
static const struct crypto_bytes known = { (const uint8_t *)"known bytes", 11 };
static uint8_t key[32], text[1200 + CRYPTO_AEAD_TAG_LEN], out[200];

static void
make_secrets(void)
{
	memset(key, 7, sizeof(key));
	memset(text, 8, sizeof(text));
	timing_secret(key, sizeof(key));
	timing_secret(text, sizeof(text));
}

static void
sha2(void)
{
	make_secrets();
	crypto_sha2_256(text, sizeof(text), out);
	crypto_sha2_512(text, sizeof(text), out);
}

static void
sha3(void)
{
	const struct crypto_bytes part = { text, sizeof(text) };

	make_secrets();
	(void)!crypto_sha3_256(&part, 1, out);
}

static void
blake2b(void)
{
	struct crypto_blake2b h;

	make_secrets();
	crypto_blake2b_init(&h, 31, key, sizeof(key));
	crypto_blake2b_update(&h, text, sizeof(text));
	crypto_blake2b_final(&h, out);
}

static void
blake3(void)
{
	struct crypto_blake3 h;

	make_secrets();
	crypto_blake3_init_keyed(&h, key);
	crypto_blake3_update(&h, text, sizeof(text));
	crypto_blake3_final(&h, out, sizeof(out));
}

static void
hmac(void)
{
	const struct crypto_hmac_key k = { CRYPTO_SHA256, key, sizeof(key) };

	make_secrets();
	crypto_hmac_sign(&k, text, sizeof(text), out);
}

/* The decision: whether the MAC is right. */
static void
hmac_verify(void)
{
	const struct crypto_hmac_key k = { CRYPTO_SHA512, key, sizeof(key) };

	make_secrets();
	memset(out, 9, 64);
	(void)timing_public_int(
	    crypto_hmac_verify(&k, text, sizeof(text), out, 64));
}

static void
hkdf(void)
{
	uint8_t prk[64];

	make_secrets();
	crypto_hkdf_extract(CRYPTO_SHA512, known,
	    (struct crypto_bytes){ key, sizeof(key) }, prk);
	(void)!crypto_hkdf_expand(CRYPTO_SHA512,
	    (struct crypto_bytes){ prk, sizeof(prk) }, known, out, 200);
}

static void
packet_seal(enum crypto_aead_alg alg)
{
	struct crypto_packet *p;

	make_secrets();
	if (crypto_packet_new(alg, key, iv, &p) != 0)
		return;
	(void)timing_public_int(crypto_packet_seal(p, known, text, 1200));
	crypto_packet_free(p);
}

/* A packet that is right, or wrong in its last bit. */
static void
packet_open(enum crypto_aead_alg alg, uint8_t flip)
{
	struct crypto_packet *p, *q;

	packet_seal(alg);
	make_secrets();
	if (crypto_packet_new(alg, key, iv, &p) != 0)
		return;
	(void)timing_public_int(crypto_packet_seal(p, known, text, 1200));
	timing_public(text, sizeof(text));
	text[sizeof(text) - 1] ^= flip;
	if (crypto_packet_new(alg, key, iv, &q) == 0) {
		(void)timing_public_int(
		    crypto_packet_open(q, 0, known, text, sizeof(text)));
		crypto_packet_free(q);
	}
	crypto_packet_free(p);
}

static void
seal_gcm(void)
{
	packet_seal(CRYPTO_AES_256_GCM);
}

static void
seal_chacha(void)
{
	packet_seal(CRYPTO_CHACHA20_POLY1305);
}

static void
open_gcm(void)
{
	packet_open(CRYPTO_AES_256_GCM, 0);
}

static void
open_chacha(void)
{
	packet_open(CRYPTO_CHACHA20_POLY1305, 0);
}

static void
refuse_gcm(void)
{
	packet_open(CRYPTO_AES_256_GCM, 1);
}

static void
refuse_chacha(void)
{
	packet_open(CRYPTO_CHACHA20_POLY1305, 1);
}

static void
argon2id(void)
{
	const struct crypto_pwhash_cost cost = { 64, 1, 1 };

	make_secrets();
	(void)timing_public_int(crypto_pwhash_argon2id(&cost,
	    (struct crypto_bytes){ key, sizeof(key) },
	    (struct crypto_bytes){ iv, sizeof(iv) }, out, 32));
}

int
main(void)
{
	static const struct timing_case cases[] = {
		{ "sha2", sha2, 0 },
		{ "sha3", sha3, 0 },
		{ "blake2b", blake2b, 0 },
		{ "blake3", blake3, 0 },
		{ "hmac", hmac, 0 },
		{ "hmac verify", hmac_verify, 1 },
		{ "hkdf", hkdf, 0 },
		{ "seal AES-256-GCM", seal_gcm, 0 },
		{ "seal ChaCha20-Poly1305", seal_chacha, 0 },
		/* The decision of these: whether the tag is right. */
		{ "open AES-256-GCM", open_gcm, 1 },
		{ "open ChaCha20-Poly1305", open_chacha, 1 },
		{ "refuse AES-256-GCM", refuse_gcm, 1 },
		{ "refuse ChaCha20-Poly1305", refuse_chacha, 1 },
		/*
		 * Which block Argon2id reads depends on the password from the
		 * second half of the first pass on: RFC 9106 section 3.4.1.3.
		 */
		{ "argon2id", argon2id, TIMING_LEAKS },
	};

	return timing_run(cases, sizeof(cases) / sizeof(cases[0]));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our side of the comparison with the @noble packages: reads requests, "name
 * hex hex...", an empty argument being "-", and answers each with a line, "ok
 * hex" or the name of the error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/aead.h"
#include "crypto/blake2b.h"
#include "crypto/blake3.h"
#include "crypto/ed25519.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/hybrid.h"
#include "crypto/mldsa.h"
#include "crypto/packet.h"
#include "crypto/pwhash.h"
#include "crypto/sha2.h"
#include "crypto/sha3.h"
#include "crypto/x25519.h"
#include "crypto/xeddsa.h"
#include "wire/hex.h"

#define ARGS_MAX 6
#define LINE_MAX_BYTES 65536
#define OUT_MAX 16384

static struct crypto_bytes arg[ARGS_MAX];
static uint8_t out[OUT_MAX];
static size_t out_len;

/* The value of a short argument, an integer. */
static unsigned
number(unsigned i)
{
	unsigned v = 0;

	for (size_t k = 0; k < arg[i].len; k++)
		v = v << 8 | arg[i].data[k];
	return v;
}

/* A generator that gives out argument ${ctx}. */
static int
arg_fill(void *ctx, uint8_t *buf, size_t len)
{
	const struct crypto_bytes *b = ctx;

	if (b->len != len)
		return -1;
	memcpy(buf, b->data, len);
	return 0;
}

static struct rng
arg_rng(unsigned i)
{
	return (struct rng){ arg_fill, &arg[i] };
}

static enum crypto_hash
hash_alg(unsigned i)
{
	return number(i) == 256	  ? CRYPTO_SHA256
	       : number(i) == 384 ? CRYPTO_SHA384
				  : CRYPTO_SHA512;
}

static int
do_sha2(void)
{
	struct crypto_sha2 h;

	crypto_sha2_init(&h, hash_alg(0));
	crypto_sha2_update(&h, arg[1].data, arg[1].len);
	crypto_sha2_final(&h, out);
	out_len = crypto_sha2_len(hash_alg(0));
	return 0;
}

static int
do_sha3(void)
{
	out_len = CRYPTO_SHA3_256_LEN;
	return crypto_sha3_256(arg, 1, out);
}

static int
do_blake2b(void)
{
	struct crypto_blake2b h;

	out_len = number(0);
	crypto_blake2b_init(&h, out_len, arg[1].data, arg[1].len);
	crypto_blake2b_update(&h, arg[2].data, arg[2].len);
	crypto_blake2b_final(&h, out);
	return 0;
}

/* length, key or nothing, context or nothing, message */
static int
do_blake3(void)
{
	struct crypto_blake3 h;
	char context[128] = "";

	out_len = number(0);
	if (arg[2].len >= sizeof(context))
		return ERR_SYS_LIMIT;
	memcpy(context, arg[2].data, arg[2].len);
	if (arg[1].len > 0)
		crypto_blake3_init_keyed(&h, arg[1].data);
	else if (arg[2].len > 0)
		crypto_blake3_init_derive(&h, context);
	else
		crypto_blake3_init(&h);
	crypto_blake3_update(&h, arg[3].data, arg[3].len / 2);
	crypto_blake3_update(
	    &h, arg[3].data + arg[3].len / 2, arg[3].len - arg[3].len / 2);
	crypto_blake3_final(&h, out, out_len);
	return 0;
}

static int
do_hmac(void)
{
	const struct crypto_hmac_key k = { hash_alg(0), arg[1].data,
		arg[1].len };

	crypto_hmac_sign(&k, arg[2].data, arg[2].len, out);
	out_len = crypto_sha2_len(k.alg);
	return 0;
}

/* alg, salt, input, info, length */
static int
do_hkdf(void)
{
	const enum crypto_hash alg = hash_alg(0);
	uint8_t prk[CRYPTO_HASH_LEN_MAX];

	crypto_hkdf_extract(alg, arg[1], arg[2], prk);
	out_len = number(4);
	return crypto_hkdf_expand(alg,
	    (struct crypto_bytes){ prk, crypto_sha2_len(alg) }, arg[3], out,
	    out_len);
}

/* password, salt, KiB, passes, lanes */
static int
do_argon2id(void)
{
	const struct crypto_pwhash_cost cost = { number(2), number(3),
		number(4) };

	out_len = 32;
	return crypto_pwhash_argon2id(&cost, arg[0], arg[1], out, out_len);
}

static enum crypto_aead_alg
aead_alg(unsigned i)
{
	return number(i) == 1 ? CRYPTO_AES_256_GCM : CRYPTO_CHACHA20_POLY1305;
}

/* alg, key, nonce, aad, text */
static int
aead(
    int (*fn)(struct crypto_aead *, const struct crypto_aead_text *, uint8_t *))
{
	const struct crypto_aead_text t = { arg[2].data, arg[3].data,
		arg[3].len, arg[4].data, arg[4].len };
	struct crypto_aead *a;
	int rc = crypto_aead_new(aead_alg(0), arg[1].data, &a);

	if (rc == 0) {
		rc = fn(a, &t, out);
		crypto_aead_free(a);
	}
	return rc;
}

static int
do_aead_seal(void)
{
	out_len = arg[4].len + CRYPTO_AEAD_TAG_LEN;
	return aead(crypto_aead_seal);
}

static int
do_aead_open(void)
{
	out_len = arg[4].len - CRYPTO_AEAD_TAG_LEN;
	return aead(crypto_aead_open);
}

/* alg, key, iv, aad, text, packets: the last of so many packets */
static int
do_packet(void)
{
	struct crypto_packet *p;
	int rc = crypto_packet_new(aead_alg(0), arg[1].data, arg[2].data, &p);

	if (rc != 0)
		return rc;
	for (unsigned i = 0; rc == 0 && i < number(5); i++) {
		memcpy(out, arg[4].data, arg[4].len);
		rc = crypto_packet_seal(p, arg[3], out, arg[4].len);
	}
	out_len = arg[4].len + CRYPTO_AEAD_TAG_LEN;
	crypto_packet_free(p);
	return rc;
}

static int
do_x25519_public(void)
{
	out_len = 32;
	return crypto_x25519_public(arg[0].data, out);
}

static int
do_x25519(void)
{
	out_len = 32;
	return crypto_x25519_shared(arg[0].data, arg[1].data, out);
}

static int
do_ed25519_sign(void)
{
	out_len = 64;
	return crypto_ed25519_sign(arg[0].data, arg[1].data, arg[1].len, out);
}

static int
do_ed25519_verify(void)
{
	return crypto_ed25519_verify(
	    arg[0].data, arg[1].data, arg[1].len, arg[2].data);
}

static int
do_xeddsa_sign(void)
{
	const struct rng rng = arg_rng(2);

	out_len = 64;
	return crypto_xeddsa_sign(arg[0].data, arg[1], &rng, out);
}

static int
do_xeddsa_verify(void)
{
	return crypto_xeddsa_verify(arg[0].data, arg[1], arg[2].data);
}

static enum crypto_mlkem_alg
mlkem_alg(unsigned i)
{
	return number(i) == 768 ? CRYPTO_MLKEM768 : CRYPTO_MLKEM1024;
}

static int
do_mlkem_public(void)
{
	struct crypto_mlkem *k;
	int rc = crypto_mlkem_new(mlkem_alg(0), arg[1].data, &k);

	if (rc == 0) {
		rc = crypto_mlkem_public(k, out);
		out_len = crypto_mlkem_public_len(mlkem_alg(0));
		crypto_mlkem_free(k);
	}
	return rc;
}

/* size, public key, message: ciphertext and secret */
static int
do_mlkem_encaps(void)
{
	const struct rng rng = arg_rng(2);
	size_t n = crypto_mlkem_ciphertext_len(mlkem_alg(0));

	out_len = n + CRYPTO_MLKEM_SECRET_LEN;
	return crypto_mlkem_encaps(
	    mlkem_alg(0), arg[1].data, &rng, out, out + n);
}

static int
do_mlkem_decaps(void)
{
	struct crypto_mlkem *k;
	int rc = crypto_mlkem_new(mlkem_alg(0), arg[1].data, &k);

	if (rc == 0) {
		rc = crypto_mlkem_decaps(k, arg[2].data, out);
		out_len = CRYPTO_MLKEM_SECRET_LEN;
		crypto_mlkem_free(k);
	}
	return rc;
}

static int
do_hybrid_public(void)
{
	struct crypto_hybrid *k;
	int rc = crypto_hybrid_new(mlkem_alg(0), arg[1].data, &k);

	if (rc == 0) {
		out_len = crypto_hybrid_public_len(mlkem_alg(0));
		memcpy(out, crypto_hybrid_public(k), out_len);
		crypto_hybrid_free(k);
	}
	return rc;
}

/* size, label, public key, ephemeral, message: ciphertext and secret */
static int
do_hybrid_encaps(void)
{
	const struct crypto_hybrid_peer peer = { mlkem_alg(0), arg[1],
		arg[2].data };
	const struct rng rng = arg_rng(4);
	size_t n = crypto_hybrid_ciphertext_len(mlkem_alg(0));

	out_len = n + CRYPTO_HYBRID_SECRET_LEN;
	return crypto_hybrid_encaps(&peer, arg[3].data, &rng, out, out + n);
}

/* size, label, seed, ciphertext */
static int
do_hybrid_decaps(void)
{
	struct crypto_hybrid *k;
	int rc = crypto_hybrid_new(mlkem_alg(0), arg[2].data, &k);

	if (rc == 0) {
		rc = crypto_hybrid_decaps(k, arg[1], arg[3].data, out);
		out_len = CRYPTO_HYBRID_SECRET_LEN;
		crypto_hybrid_free(k);
	}
	return rc;
}

static enum crypto_key_type
mldsa_type(unsigned i)
{
	return number(i) == 44	 ? CRYPTO_KEY_MLDSA44
	       : number(i) == 65 ? CRYPTO_KEY_MLDSA65
				 : CRYPTO_KEY_MLDSA87;
}

/* set, seed, context, message, randomness or nothing: public key, signature */
static int
do_mldsa_sign(void)
{
	const struct rng rng = arg_rng(4);
	size_t n = crypto_mldsa_public_len(mldsa_type(0));
	struct crypto_pkey *k;
	int rc = crypto_mldsa_from_seed(mldsa_type(0), arg[1].data, &k);

	if (rc != 0)
		return rc;
	rc = crypto_mldsa_public(k, out);
	if (rc == 0)
		rc = crypto_mldsa_sign(
		    k, arg[2], arg[3], arg[4].len > 0 ? &rng : NULL, out + n);
	out_len = n + crypto_mldsa_sig_len(mldsa_type(0));
	crypto_pkey_free(k);
	return rc;
}

/* set, public key, context, message, signature */
static int
do_mldsa_verify(void)
{
	struct crypto_pkey *k;
	int rc = crypto_mldsa_from_public(mldsa_type(0), arg[1].data, &k);

	if (rc == 0) {
		rc = crypto_mldsa_verify(k, arg[2], arg[3], arg[4]);
		crypto_pkey_free(k);
	}
	return rc;
}

static const struct {
	const char *name;
	unsigned args;
	int (*fn)(void);
} ops[] = {
	{ "sha2", 2, do_sha2 },
	{ "sha3", 1, do_sha3 },
	{ "blake2b", 3, do_blake2b },
	{ "blake3", 4, do_blake3 },
	{ "hmac", 3, do_hmac },
	{ "hkdf", 5, do_hkdf },
	{ "argon2id", 5, do_argon2id },
	{ "aead_seal", 5, do_aead_seal },
	{ "aead_open", 5, do_aead_open },
	{ "packet", 6, do_packet },
	{ "x25519_public", 1, do_x25519_public },
	{ "x25519", 2, do_x25519 },
	{ "ed25519_sign", 2, do_ed25519_sign },
	{ "ed25519_verify", 3, do_ed25519_verify },
	{ "xeddsa_sign", 3, do_xeddsa_sign },
	{ "xeddsa_verify", 3, do_xeddsa_verify },
	{ "mlkem_public", 2, do_mlkem_public },
	{ "mlkem_encaps", 3, do_mlkem_encaps },
	{ "mlkem_decaps", 3, do_mlkem_decaps },
	{ "hybrid_public", 2, do_hybrid_public },
	{ "hybrid_encaps", 5, do_hybrid_encaps },
	{ "hybrid_decaps", 4, do_hybrid_decaps },
	{ "mldsa_sign", 5, do_mldsa_sign },
	{ "mldsa_verify", 5, do_mldsa_verify },
};

static void
die(const char *why)
{
	fprintf(stderr, "noble_peer: %s\n", why);
	exit(2);
}

/* Split ${line} into the operation's name and its decoded arguments. */
static unsigned
parse(char *line, uint8_t *bytes)
{
	unsigned n = 0;
	char *word, *rest = line;

	(void)strsep(&rest, " ");
	while ((word = strsep(&rest, " ")) != NULL) {
		size_t len = strlen(word);

		if (n == ARGS_MAX)
			die("too many arguments");
		arg[n] = (struct crypto_bytes){ bytes, 0 };
		if (strcmp(word, "-") != 0 && wire_hex_decode(word, len, bytes,
						  len / 2, &arg[n].len) != 0)
			die("not hex");
		bytes += arg[n++].len;
	}
	return n;
}

static void
answer(int rc)
{
	static char text[2 * OUT_MAX + 1];

	if (rc == 0) {
		wire_hex_encode(out, out_len, text);
		printf("ok %s\n", text);
	} else {
		printf("%s\n", base_err_name(rc));
	}
	(void)fflush(stdout);
}

int
main(void)
{
	static char line[LINE_MAX_BYTES];
	static uint8_t bytes[LINE_MAX_BYTES / 2];
	size_t i, n = sizeof(ops) / sizeof(ops[0]);

	while (fgets(line, sizeof(line), stdin) != NULL) {
		unsigned args;

		if (strchr(line, '\n') == NULL)
			die("line too long");
		line[strcspn(line, "\n")] = '\0';
		args = parse(line, bytes);
		for (i = 0; i < n && strcmp(ops[i].name, line) != 0; i++)
			;
		if (i == n || ops[i].args != args)
			die(line);
		out_len = 0;
		answer(ops[i].fn());
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a second of CPU our wrappers do what "openssl speed" measures.
 *
 *   crypto_speed SECONDS [NAME] operations a second, one line for each; only
 *                               those whose name begins with NAME
 *   crypto_speed blake3 FILE    seconds to hash FILE, read like b3sum does
 *
 * "direct" lines are OpenSSL's own interface, called as briefly as the same
 * work allows, where "openssl speed" does other work than a user has: it keeps
 * the peer's parsed key from one operation to the next, sets an AES key up
 * anew for each packet, and makes no tag for ChaCha20-Poly1305.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "crypto/blake3.h"
#include "crypto/mldsa.h"
#include "crypto/mlkem.h"
#include "crypto/packet.h"
#include "crypto/pkey_sign.h"
#include "crypto/rng.h"
#include "crypto/x25519.h"

#define PACKET_LEN 1200
#define KEYS_MAX 5
#define SLICES 25

static const struct crypto_bytes aad = { (const uint8_t *)"thirteen byte", 13 };
static const struct crypto_bytes msg = {
	(const uint8_t *)"twenty bytes of text", 20
};
static uint8_t seed[64] = { 42 };

static struct {
	struct crypto_packet *packet[2];
	struct crypto_mlkem *kem[2];
	uint8_t ek[2][CRYPTO_MLKEM1024_PUBLIC_LEN];
	uint8_t ct[2][CRYPTO_MLKEM1024_CIPHERTEXT_LEN];
	struct crypto_pkey *key[KEYS_MAX];
	uint8_t sig[KEYS_MAX][CRYPTO_PKEY_SIG_MAX];
	size_t sig_len[KEYS_MAX];
	uint8_t x_pub[32];
	EVP_PKEY *x_own;
	EVP_CIPHER_CTX *cipher[2];
} w;

static void
check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "crypto_speed: %s failed\n", what);
	exit(1);
}

static double
now_s(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *const kem_name[] = { "ML-KEM-768", "ML-KEM-1024" };

static void
packet(unsigned i)
{
	static uint8_t buf[PACKET_LEN + CRYPTO_AEAD_TAG_LEN];

	check(
	    crypto_packet_seal(w.packet[i], aad, buf, PACKET_LEN) == 0, "seal");
}

static void
packet_direct(unsigned i)
{
	static uint8_t buf[PACKET_LEN + CRYPTO_AEAD_TAG_LEN], nonce[12];
	int n;

	nonce[0]++;
	check(
	    EVP_EncryptInit_ex2(w.cipher[i], NULL, NULL, nonce, NULL) == 1 &&
		EVP_EncryptUpdate(
		    w.cipher[i], NULL, &n, aad.data, (int)aad.len) == 1 &&
		EVP_EncryptUpdate(w.cipher[i], buf, &n, buf, PACKET_LEN) == 1 &&
		EVP_EncryptFinal_ex(w.cipher[i], buf + PACKET_LEN, &n) == 1 &&
		EVP_CIPHER_CTX_ctrl(w.cipher[i], EVP_CTRL_AEAD_GET_TAG,
		    CRYPTO_AEAD_TAG_LEN, buf + PACKET_LEN) == 1,
	    "EVP_Encrypt");
}

static void
x25519(unsigned i)
{
	uint8_t out[32];

	(void)i;
	check(crypto_x25519_shared(seed, w.x_pub, out) == 0, "x25519");
}

/* Our own key is prepared, the peer's comes as bytes. */
static void
x25519_direct(unsigned i)
{
	uint8_t out[32];
	size_t len = sizeof(out);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_X25519, NULL, w.x_pub, sizeof(w.x_pub));
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(w.x_own, NULL);

	(void)i;
	check(EVP_PKEY_derive_init(c) == 1 &&
		  EVP_PKEY_derive_set_peer_ex(c, peer, 0) == 1 &&
		  EVP_PKEY_derive(c, out, &len) == 1,
	    "EVP_PKEY_derive");
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(peer);
}

static void
kem_keygen(unsigned i)
{
	struct crypto_mlkem *k;

	seed[0]++;
	check(crypto_mlkem_new((enum crypto_mlkem_alg)i, seed, &k) == 0,
	    "mlkem_new");
	crypto_mlkem_free(k);
}

/* As "openssl speed": one context for all keys. */
static void
kem_keygen_direct(unsigned i)
{
	static EVP_PKEY_CTX *c[2];
	EVP_PKEY *key = NULL;

	if (c[i] == NULL) {
		c[i] = EVP_PKEY_CTX_new_from_name(NULL, kem_name[i], NULL);
		check(EVP_PKEY_keygen_init(c[i]) == 1, "EVP_PKEY_keygen_init");
	}
	check(EVP_PKEY_generate(c[i], &key) == 1, "EVP_PKEY_generate");
	EVP_PKEY_free(key);
}

static void
kem_encaps(unsigned i)
{
	uint8_t secret[32];

	check(crypto_mlkem_encaps((enum crypto_mlkem_alg)i, w.ek[i],
		  crypto_rng_system(), w.ct[i], secret) == 0,
	    "encaps");
}

static void
kem_encaps_direct(unsigned i)
{
	uint8_t secret[32];
	size_t ct_len = sizeof(w.ct[i]), secret_len = sizeof(secret);
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, kem_name[i], NULL,
	    w.ek[i], crypto_mlkem_public_len((enum crypto_mlkem_alg)i));
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	check(EVP_PKEY_encapsulate_init(c, NULL) == 1 &&
		  EVP_PKEY_encapsulate(
		      c, w.ct[i], &ct_len, secret, &secret_len) == 1,
	    "EVP_PKEY_encapsulate");
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(key);
}

static void
kem_decaps(unsigned i)
{
	uint8_t secret[32];

	check(crypto_mlkem_decaps(w.kem[i], w.ct[i], secret) == 0, "decaps");
}

static void
sign(unsigned i)
{
	check(crypto_pkey_sign(
		  w.key[i], msg.data, msg.len, w.sig[i], &w.sig_len[i]) == 0,
	    "sign");
}

static void
verify(unsigned i)
{
	struct crypto_signed s = { .msg = msg.data,
		.msg_len = msg.len,
		.sig = w.sig[i],
		.sig_len = w.sig_len[i] };

	check(crypto_pkey_sig_alg(w.key[i], &s.alg) == 0 &&
		  crypto_pkey_verify(w.key[i], &s) == 0,
	    "verify");
}

static void
mldsa_sign(unsigned i)
{
	check(crypto_mldsa_sign(
		  w.key[i], msg, msg, crypto_rng_system(), w.sig[i]) == 0,
	    "mldsa_sign");
}

static void
mldsa_verify(unsigned i)
{
	check(crypto_mldsa_verify(w.key[i], msg, msg,
		  (struct crypto_bytes){ w.sig[i],
		      crypto_mldsa_sig_len(crypto_pkey_type(w.key[i])) }) == 0,
	    "mldsa_verify");
}

static const struct op {
	const char *name;
	void (*fn)(unsigned i);
	unsigned i;
	size_t bytes; /* for rates in bytes */
} ops[] = {
	{ "AES-256-GCM packet", packet, CRYPTO_AES_256_GCM, PACKET_LEN },
	{ "AES-256-GCM packet direct", packet_direct, CRYPTO_AES_256_GCM,
	    PACKET_LEN },
	{ "ChaCha20-Poly1305 packet", packet, CRYPTO_CHACHA20_POLY1305,
	    PACKET_LEN },
	{ "ChaCha20-Poly1305 packet direct", packet_direct,
	    CRYPTO_CHACHA20_POLY1305, PACKET_LEN },
	{ "X25519", x25519, 0, 0 },
	{ "X25519 direct", x25519_direct, 0, 0 },
	{ "ML-KEM-768 keygen", kem_keygen, 0, 0 },
	{ "ML-KEM-768 keygen direct", kem_keygen_direct, 0, 0 },
	{ "ML-KEM-768 encaps", kem_encaps, 0, 0 },
	{ "ML-KEM-768 encaps direct", kem_encaps_direct, 0, 0 },
	{ "ML-KEM-768 decaps", kem_decaps, 0, 0 },
	{ "ML-KEM-1024 keygen", kem_keygen, 1, 0 },
	{ "ML-KEM-1024 keygen direct", kem_keygen_direct, 1, 0 },
	{ "ML-KEM-1024 encaps", kem_encaps, 1, 0 },
	{ "ML-KEM-1024 encaps direct", kem_encaps_direct, 1, 0 },
	{ "ML-KEM-1024 decaps", kem_decaps, 1, 0 },
	{ "Ed25519 sign", sign, 0, 0 },
	{ "Ed25519 verify", verify, 0, 0 },
	{ "P-256 sign", sign, 1, 0 },
	{ "P-256 verify", verify, 1, 0 },
	{ "ML-DSA-44 sign", mldsa_sign, 2, 0 },
	{ "ML-DSA-44 verify", mldsa_verify, 2, 0 },
	{ "ML-DSA-65 sign", mldsa_sign, 3, 0 },
	{ "ML-DSA-65 verify", mldsa_verify, 3, 0 },
	{ "ML-DSA-87 sign", mldsa_sign, 4, 0 },
	{ "ML-DSA-87 verify", mldsa_verify, 4, 0 },
	{ NULL, NULL, 0, 0 },
};

static void
prepare(void)
{
	static const enum crypto_key_type types[KEYS_MAX] = {
		CRYPTO_KEY_ED25519, CRYPTO_KEY_P256, CRYPTO_KEY_MLDSA44,
		CRYPTO_KEY_MLDSA65, CRYPTO_KEY_MLDSA87
	};

	for (unsigned i = 0; i < 2; i++) {
		w.cipher[i] = EVP_CIPHER_CTX_new();
		check(EVP_EncryptInit_ex2(w.cipher[i],
			  i == CRYPTO_AES_256_GCM ? EVP_aes_256_gcm()
						  : EVP_chacha20_poly1305(),
			  seed, seed, NULL) == 1,
		    "EVP_EncryptInit_ex2");
		check(crypto_packet_new((enum crypto_aead_alg)i, seed, seed,
			  &w.packet[i]) == 0,
		    "packet_new");
		check(crypto_mlkem_new(
			  (enum crypto_mlkem_alg)i, seed, &w.kem[i]) == 0 &&
			  crypto_mlkem_public(w.kem[i], w.ek[i]) == 0,
		    "mlkem_new");
	}
	for (unsigned i = 0; i < KEYS_MAX; i++)
		check(crypto_pkey_generate(types[i], &w.key[i]) == 0,
		    "pkey_generate");
	check(crypto_x25519_public(seed + 32, w.x_pub) == 0, "x25519_public");
	w.x_own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, seed, 32);
}

struct rate {
	unsigned long n;
	double took;
};

/* Run ${op} for some time; add to what is known of its rate. */
static void
run(const struct op *op, double seconds, struct rate *r)
{
	double begun = now_s(CLOCK_PROCESS_CPUTIME_ID), took;

	do {
		for (unsigned k = 0; k < 16; k++)
			op->fn(op->i);
		r->n += 16;
		took = now_s(CLOCK_PROCESS_CPUTIME_ID) - begun;
	} while (took < seconds);
	r->took += took;
}

static void
print(const struct op *op, const struct rate *r)
{
	printf("%s\t%.1f\n", op->name,
	    (double)r->n * (double)(op->bytes > 0 ? op->bytes : 1) / r->took);
}

/* An operation and, in turns with it, its direct counterpart if it has one. */
static void
measure(const struct op *op, double seconds)
{
	struct rate ours = { 0, 0 }, direct = { 0, 0 };
	bool both = op[1].name != NULL && strstr(op[1].name, " direct") != NULL;

	op[0].fn(op[0].i);
	for (unsigned i = 0; i < SLICES; i++) {
		run(&op[0], seconds / SLICES, &ours);
		if (both)
			run(&op[1], seconds / SLICES, &direct);
	}
	print(&op[0], &ours);
	if (both)
		print(&op[1], &direct);
}

static void
blake3_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct crypto_blake3 h;
	uint8_t out[CRYPTO_BLAKE3_LEN];
	struct stat st;
	void *p;

	check(fd >= 0 && fstat(fd, &st) == 0, path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	check(p != MAP_FAILED, "mmap");
	crypto_blake3_init(&h);
	crypto_blake3_update(&h, p, (size_t)st.st_size);
	crypto_blake3_final(&h, out, sizeof(out));
	for (size_t i = 0; i < sizeof(out); i++)
		printf("%02x", out[i]);
	printf("\n");
}

int
main(int argc, char **argv)
{
	double seconds;

	if (argc == 3 && strcmp(argv[1], "blake3") == 0) {
		blake3_file(argv[2]);
		return 0;
	}
	seconds = argc == 2 || argc == 3 ? strtod(argv[1], NULL) : 0;
	check(seconds > 0, "reading the arguments");
	prepare();
	for (size_t i = 0; ops[i].name != NULL; i++)
		if (strstr(ops[i].name, " direct") == NULL &&
		    (argc < 3 ||
			strncmp(ops[i].name, argv[2], strlen(argv[2])) == 0))
			measure(&ops[i], seconds);
	return 0;
}

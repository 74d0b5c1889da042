/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha2.h"

/*
 * OpenSSL's EVP interface allocates and may fail, and fetching an algorithm
 * takes a lock; a Merkle tree hashes 65 bytes at a time.  The block functions
 * below are the same code (assembly, SHA-NI where there is one) without
 * either.  They are marked deprecated in favour of EVP, hence this line.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>

#include "base/assert.h"
#include "base/wipe.h"

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct crypto_sha2 *)0)->state),
    "state holds a SHA-256 context");
_Static_assert(sizeof(SHA512_CTX) <= sizeof(((struct crypto_sha2 *)0)->state),
    "state holds a SHA-512 context");
_Static_assert(_Alignof(SHA512_CTX) <= _Alignof(uint64_t),
    "state is aligned for a SHA-512 context");

static SHA256_CTX *
small(struct crypto_sha2 *h)
{
	return (SHA256_CTX *)(void *)h->state;
}

static SHA512_CTX *
large(struct crypto_sha2 *h)
{
	return (SHA512_CTX *)(void *)h->state;
}

size_t
crypto_sha2_len(enum crypto_hash alg)
{
	switch (alg) {
	case CRYPTO_SHA256:
		return CRYPTO_SHA256_LEN;
	case CRYPTO_SHA384:
		return CRYPTO_SHA384_LEN;
	default:
		return CRYPTO_SHA512_LEN;
	}
}

void
crypto_sha2_init(struct crypto_sha2 *h, enum crypto_hash alg)
{
	int ok;

	h->alg = alg;
	if (alg == CRYPTO_SHA256)
		ok = SHA256_Init(small(h));
	else if (alg == CRYPTO_SHA384)
		ok = SHA384_Init(large(h));
	else
		ok = SHA512_Init(large(h));
	TROTH_ASSERT(ok == 1);
}

void
crypto_sha2_update(struct crypto_sha2 *h, const void *data, size_t len)
{
	int ok;

	if (len == 0)
		return;
	if (h->alg == CRYPTO_SHA256)
		ok = SHA256_Update(small(h), data, len);
	else if (h->alg == CRYPTO_SHA384)
		ok = SHA384_Update(large(h), data, len);
	else
		ok = SHA512_Update(large(h), data, len);
	TROTH_ASSERT(ok == 1);
}

void
crypto_sha2_final(struct crypto_sha2 *h, uint8_t *out)
{
	int ok;

	if (h->alg == CRYPTO_SHA256)
		ok = SHA256_Final(out, small(h));
	else if (h->alg == CRYPTO_SHA384)
		ok = SHA384_Final(out, large(h));
	else
		ok = SHA512_Final(out, large(h));
	TROTH_ASSERT(ok == 1);
	base_wipe(h, sizeof(*h));
}

static void
digest(enum crypto_hash alg, const void *data, size_t len, uint8_t *out)
{
	struct crypto_sha2 h;

	crypto_sha2_init(&h, alg);
	crypto_sha2_update(&h, data, len);
	crypto_sha2_final(&h, out);
}

void
crypto_sha2_256(const void *data, size_t len, uint8_t out[32])
{
	digest(CRYPTO_SHA256, data, len, out);
}

void
crypto_sha2_384(const void *data, size_t len, uint8_t out[48])
{
	digest(CRYPTO_SHA384, data, len, out);
}

void
crypto_sha2_512(const void *data, size_t len, uint8_t out[64])
{
	digest(CRYPTO_SHA512, data, len, out);
}

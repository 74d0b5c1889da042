/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_TEST_REFERENCE_H
#define MERKLE_TEST_REFERENCE_H

/*
 * The recursive definitions of RFC 6962 section 2.1, word for word, on
 * OpenSSL alone: what the tests compare our iterative code with.  Included by
 * test programs only.
 */
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#define REF_LEAVES 300

static uint8_t ref_leaf[REF_LEAVES][32]; /* leaf data hashes */

/**
 * ref_hash(prefix, a, a_len, b, b_len, ret):
 * SHA-256(prefix || a || b).
 */
static inline void
ref_hash(uint8_t prefix, const void *a, size_t a_len, const void *b,
    size_t b_len, uint8_t ret[32])
{
	uint8_t in[1 + 64];

	in[0] = prefix;
	memcpy(in + 1, a, a_len);
	if (b_len > 0)
		memcpy(in + 1 + a_len, b, b_len);
	(void)EVP_Digest(in, 1 + a_len + b_len, ret, NULL, EVP_sha256(), NULL);
}

/**
 * ref_init():
 * Make the leaves: leaf i hashes the 2 octets of i.
 */
static inline void
ref_init(void)
{
	uint8_t data[2];
	int i;

	for (i = 0; i < REF_LEAVES; i++) {
		data[0] = (uint8_t)(i >> 8);
		data[1] = (uint8_t)i;
		ref_hash(0, data, 2, NULL, 0, ref_leaf[i]);
	}
}

/**
 * ref_k(n):
 * The largest power of two smaller than n.
 */
static inline int
ref_k(int n)
{
	int k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

/**
 * ref_mth(first, n, ret):
 * MTH(D[first : first + n]).
 */
static inline void
ref_mth(int first, int n, uint8_t ret[32])
{
	uint8_t l[32], r[32];
	int k;

	if (n == 0) {
		(void)EVP_Digest("", 0, ret, NULL, EVP_sha256(), NULL);
		return;
	}
	if (n == 1) {
		memcpy(ret, ref_leaf[first], 32);
		return;
	}
	k = ref_k(n);
	ref_mth(first, k, l);
	ref_mth(first + k, n - k, r);
	ref_hash(1, l, 32, r, 32, ret);
}

/**
 * ref_path(m, first, n, ret):
 * PATH(m, D[first : first + n]); returns the number of hashes.
 */
static inline int
ref_path(int m, int first, int n, uint8_t ret[][32])
{
	int k, c;

	if (n == 1)
		return 0;
	k = ref_k(n);
	if (m < k) {
		c = ref_path(m, first, k, ret);
		ref_mth(first + k, n - k, ret[c]);
	} else {
		c = ref_path(m - k, first + k, n - k, ret);
		ref_mth(first, k, ret[c]);
	}
	return c + 1;
}

/**
 * ref_subproof(m, first, n, b, ret):
 * SUBPROOF(m, D[first : first + n], b); returns the number of hashes.
 */
static inline int
ref_subproof(int m, int first, int n, int b, uint8_t ret[][32])
{
	int k, c;

	if (m == n) {
		if (b)
			return 0;
		ref_mth(first, n, ret[0]);
		return 1;
	}
	k = ref_k(n);
	if (m <= k) {
		c = ref_subproof(m, first, k, b, ret);
		ref_mth(first + k, n - k, ret[c]);
	} else {
		c = ref_subproof(m - k, first + k, n - k, 0, ret);
		ref_mth(first, k, ret[c]);
	}
	return c + 1;
}

#endif

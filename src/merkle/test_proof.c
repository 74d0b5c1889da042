/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "merkle/test_reference.h"
#include "wire/base64.h"
#include "wire/json.h"

/* Complete subtrees of the reference tree, computed once. */
static struct merkle_hash nodes[10][REF_LEAVES];

static int
node(void *ctx, unsigned level, uint64_t index, struct merkle_hash *ret)
{
	uint64_t *size = ctx;

	/* The contract: nothing outside the tree is asked for. */
	assert_true(level < 10);
	assert_true((index + 1) << level <= *size);
	*ret = nodes[level][index];
	return 0;
}

static uint64_t tree_size;
static const struct merkle_reader reader = { node, &tree_size };

static struct merkle_head
head_of(int n)
{
	struct merkle_head head = { (uint64_t)n, { { 0 } } };

	ref_mth(0, n, head.root.b);
	return head;
}

static struct merkle_head heads[REF_LEAVES + 1];

static int
setup(void **state)
{
	int level, i, n;

	(void)state;
	ref_init();
	for (level = 0; level < 10; level++)
		for (i = 0; ((i + 1) << level) <= REF_LEAVES; i++)
			ref_mth(i << level, 1 << level, nodes[level][i].b);
	for (n = 0; n <= REF_LEAVES; n++)
		heads[n] = head_of(n);
	return 0;
}

static void
test_inclusion_all(void **state)
{
	struct merkle_proof proof, bad;
	struct merkle_hash leaf, root;
	uint8_t want[16][32];
	int n, m, count;

	(void)state;
	for (n = 1; n <= REF_LEAVES; n++) {
		tree_size = (uint64_t)n;
		assert_int_equal(
		    merkle_proof_root(&reader, tree_size, &root), 0);
		assert_memory_equal(root.b, heads[n].root.b, 32);
		for (m = 0; m < n; m++) {
			assert_int_equal(merkle_proof_inclusion(&reader,
					     (uint64_t)m, tree_size, &proof),
			    0);
			count = ref_path(m, 0, n, want);
			assert_int_equal(proof.count, count);
			assert_memory_equal(
			    proof.hash, want, (size_t)count * 32);
			memcpy(leaf.b, ref_leaf[m], 32);
			assert_int_equal(merkle_proof_verify_inclusion(&leaf,
					     (uint64_t)m, &heads[n], &proof),
			    0);
			if (n % 37 != 0 || count == 0)
				continue;
			/* One wrong bit, one index off, one hash less. */
			bad = proof;
			bad.hash[m % count].b[m % 32] ^= 1;
			assert_int_equal(merkle_proof_verify_inclusion(&leaf,
					     (uint64_t)m, &heads[n], &bad),
			    ERR_PEER_PROOF);
			assert_int_equal(
			    merkle_proof_verify_inclusion(
				&leaf, (uint64_t)m ^ 1, &heads[n], &proof),
			    ERR_PEER_PROOF);
			bad = proof;
			bad.count--;
			assert_int_equal(merkle_proof_verify_inclusion(&leaf,
					     (uint64_t)m, &heads[n], &bad),
			    ERR_PEER_PROOF);
		}
		assert_int_equal(merkle_proof_inclusion(
				     &reader, tree_size, tree_size, &proof),
		    ERR_STATE_NOT_FOUND);
	}
}

static void
test_consistency_all(void **state)
{
	struct merkle_proof proof, bad;
	uint8_t want[16][32];
	int n, m, count, i;

	(void)state;
	for (n = 1; n <= REF_LEAVES; n++) {
		tree_size = (uint64_t)n;
		for (m = 0; m <= n; m++) {
			assert_int_equal(merkle_proof_consistency(&reader,
					     (uint64_t)m, tree_size, &proof),
			    0);
			count = m == 0 ? 0 : ref_subproof(m, 0, n, 1, want);
			assert_int_equal(proof.count, count);
			if (count > 0)
				assert_memory_equal(
				    proof.hash, want, (size_t)count * 32);
			assert_int_equal(merkle_proof_verify_consistency(
					     &heads[m], &heads[n], &proof),
			    0);
			if (n % 37 != 0)
				continue;
			for (i = 0; i < count; i++) {
				bad = proof;
				bad.hash[i].b[m % 32] ^= 0x80;
				assert_int_equal(
				    merkle_proof_verify_consistency(
					&heads[m], &heads[n], &bad),
				    ERR_PEER_PROOF);
			}
			bad = proof;
			bad.count++;
			memset(bad.hash[count].b, 0, 32);
			assert_int_equal(merkle_proof_verify_consistency(
					     &heads[m], &heads[n], &bad),
			    ERR_PEER_PROOF);
			if (m != n)
				assert_int_equal(
				    merkle_proof_verify_consistency(
					&heads[n], &heads[m], &proof),
				    ERR_PEER_PROOF);
		}
	}
}

static void
test_edge_from_nodes(void **state)
{
	struct merkle_edge grown, read;
	struct merkle_hash leaf, a, b;
	int n;

	(void)state;
	merkle_edge_init(&grown);
	for (n = 0; n < REF_LEAVES; n++) {
		tree_size = (uint64_t)n;
		assert_int_equal(
		    merkle_proof_edge(&reader, tree_size, &read), 0);
		memcpy(leaf.b, ref_leaf[n], 32);
		merkle_edge_append(&read, &leaf);
		merkle_edge_append(&grown, &leaf);
		merkle_edge_root(&read, &a);
		merkle_edge_root(&grown, &b);
		assert_memory_equal(a.b, b.b, 32);
	}
}

static void
test_impossible_sizes(void **state)
{
	struct merkle_proof proof = { 0 };
	struct merkle_head big = { UINT64_MAX, heads[3].root };
	struct merkle_hash r;

	(void)state;
	/* Hostile numbers end with an error, whatever the hashes. */
	proof.count = MERKLE_PROOF_MAX;
	assert_int_equal(merkle_proof_verify_inclusion(
			     &heads[1].root, UINT64_MAX - 1, &big, &proof),
	    ERR_PEER_PROOF);
	assert_int_equal(
	    merkle_proof_inclusion_root(&heads[1].root, 0, 0, &proof, &r),
	    ERR_PEER_PROOF);
	assert_int_equal(
	    merkle_proof_verify_consistency(&heads[3], &big, &proof),
	    ERR_PEER_PROOF);
	proof.count = MERKLE_PROOF_MAX + 1;
	assert_int_equal(
	    merkle_proof_verify_consistency(&heads[3], &big, &proof),
	    ERR_PEER_PROOF);
}

static json_t *
load(const char *path)
{
	json_t *j = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);

	assert_non_null(j);
	return j;
}

/* Store the hash and return 1, or 0 if it has not 32 octets. */
static int
hash_of(const json_t *j, struct merkle_hash *ret)
{
	const char *s = json_string_value(j);
	size_t n;

	return s != NULL &&
	       wire_base64_decode(
		   WIRE_BASE64_STD, s, strlen(s), ret->b, 32, &n) == 0 &&
	       n == 32;
}

/* Load the proof of a vector; 0 if we cannot even represent it. */
static int
proof_of(const json_t *vec, struct merkle_proof *ret)
{
	const json_t *list = json_object_get(vec, "proof");
	size_t i;

	memset(ret, 0, sizeof(*ret));
	if (json_array_size(list) > MERKLE_PROOF_MAX)
		return 0;
	for (i = 0; i < json_array_size(list); i++)
		if (!hash_of(json_array_get(list, i), &ret->hash[i]))
			return 0;
	ret->count = json_array_size(list);
	return 1;
}

/* The vectors hold -1 as 2^64 - 1, more than a json_int_t takes. */
static uint64_t
number(const json_t *vec, const char *name)
{
	double v = json_real_value(json_object_get(vec, name));

	return v >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)v;
}

static void
test_vectors_inclusion(void **state)
{
	json_t *all =
	    load("tests/vectors/transparency-dev-merkle/inclusion.json");
	struct merkle_proof proof;
	struct merkle_head head;
	struct merkle_hash leaf;
	int good = 0, ok, want;
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(all, i, v)
	{
		head.size = number(v, "treeSize");
		ok = hash_of(json_object_get(v, "root"), &head.root) &&
		     hash_of(json_object_get(v, "leafHash"), &leaf) &&
		     proof_of(v, &proof) &&
		     merkle_proof_verify_inclusion(
			 &leaf, number(v, "leafIdx"), &head, &proof) == 0;
		want = !json_is_true(json_object_get(v, "wantErr"));
		assert_int_equal(ok, want);
		good += ok;
	}
	assert_true(good >= 5);
	assert_int_equal(i, 98);
	json_decref(all);
}

static void
test_vectors_consistency(void **state)
{
	json_t *all =
	    load("tests/vectors/transparency-dev-merkle/consistency.json");
	int good = 0, count = 0, ok, want;
	struct merkle_proof proof;
	struct merkle_head a, b;
	json_t *v;
	size_t i;

	(void)state;
	json_array_foreach(all, i, v)
	{
		a.size = number(v, "size1");
		b.size = number(v, "size2");
		/* Size 0 has one root here; the vectors allow any, also
		 * roots that are no hashes. */
		if (a.size == 0 ||
		    !hash_of(json_object_get(v, "root1"), &a.root) ||
		    !hash_of(json_object_get(v, "root2"), &b.root))
			continue;
		count++;
		ok = proof_of(v, &proof) &&
		     merkle_proof_verify_consistency(&a, &b, &proof) == 0;
		want = !json_is_true(json_object_get(v, "wantErr"));
		assert_int_equal(ok, want);
		good += ok;
	}
	assert_int_equal(good, 5);
	assert_int_equal(count, 75);
	json_decref(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inclusion_all),
		cmocka_unit_test(test_consistency_all),
		cmocka_unit_test(test_edge_from_nodes),
		cmocka_unit_test(test_impossible_sizes),
		cmocka_unit_test(test_vectors_inclusion),
		cmocka_unit_test(test_vectors_consistency),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

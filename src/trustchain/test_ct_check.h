/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_TEST_CT_CHECK_H
#define TRUSTCHAIN_TEST_CT_CHECK_H

/* The invariants every log must keep, whatever happened to it. */
#include "trustchain/test_ct_run.h"
#include "wire/hex.h"

/* Count what is wrong, instead of failing at once: the test of the test needs
 * to see it fail. */
static int wrong;
static char first_wrong[512];

/**
 * expect(): Count what is wrong instead of failing at once: the test of the
 * test needs to see it fail.
 */
static void
expect(int ok, const char *what)
{
	if (ok)
		return;
	if (wrong++ == 0)
		snprintf(first_wrong, sizeof(first_wrong), "%s", what);
}

/**
 * check_receipt(): One SCT: its entry is at its index, provably, with its
 * issuer.
 */
static void
check_receipt(struct ct_tiles *tiles, const struct ct_shard_head *head, int i)
{
	const struct receipt *r = &fx->receipt[i];
	char path[160], hex[65];
	struct merkle_proof proof;
	struct merkle_hash hash;
	struct ct_leaf leaf;
	uint8_t *data;
	size_t len;

	if (r->got != 1)
		return;
	if (ct_tiles_leaf(tiles, r->index, &leaf) != 0) {
		expect(0, "an SCT's entry is not in the log");
		return;
	}
	expect(leaf.timestamp_ms == r->timestamp_ms &&
		   leaf.entry.cert.len == CERT_LEN &&
		   memcmp(leaf.entry.cert.data, fx->cert[i], CERT_LEN) == 0,
	    "another entry is at the SCT's index");
	ct_leaf_hash(&leaf, &hash);
	expect(merkle_proof_inclusion(ct_tiles_reader(tiles), r->index,
		   head->tree.size, &proof) == 0 &&
		   merkle_proof_verify_inclusion(
		       &hash, r->index, &head->tree, &proof) == 0,
	    "no inclusion proof");
	wire_hex_encode(fx->entry[i].issuer[0].fingerprint, 32, hex);
	snprintf(path, sizeof(path), "%s/issuer/%s", fx->dir, hex);
	if (store_file_load(path, 1000, &data, &len) != 0) {
		expect(0, "an issuer file is missing");
		return;
	}
	expect(len == 100 && memcmp(data, fx->cert[i % 3], 100) == 0,
	    "an issuer file is wrong");
	free(data);
}

/**
 * check_log(): Every SCT that left is in the tree, every head seen is a prefix
 * of it, and the head is signed.
 */
static void
check_log(void)
{
	const struct ct_shard_head *head = ct_shard_head(fx->shard);
	struct ct_sth_key key = { fx->params.origin, fx->params.spki,
		fx->params.spki_len, &fx->params.note };
	struct merkle_checkpoint cp;
	struct merkle_proof proof;
	struct ct_tiles *tiles;
	struct merkle_hash root;
	size_t i;

	if (head == NULL) {
		for (i = 0; i < ENTRIES_MAX; i++)
			expect(fx->receipt[i].got != 1, "no head");
		return;
	}
	expect(ct_sth_open(&key, head->checkpoint, head->checkpoint_len, &cp,
		   NULL) == 0 &&
		   cp.head.size == head->tree.size,
	    "bad signature");
	tiles = ct_tiles_new(fx->dir, head->tree.size);
	expect(merkle_proof_root(
		   ct_tiles_reader(tiles), head->tree.size, &root) == 0 &&
		   merkle_tree_equal(&root, &head->tree.root),
	    "tiles do not have the signed root");
	for (i = 0; i < fx->seen_count; i++)
		expect(
		    fx->seen[i].size <= head->tree.size &&
			merkle_proof_consistency(ct_tiles_reader(tiles),
			    fx->seen[i].size, head->tree.size, &proof) == 0 &&
			merkle_proof_verify_consistency(
			    &fx->seen[i], &head->tree, &proof) == 0,
		    "a head that was seen is not a prefix");
	for (i = 0; i < ENTRIES_MAX; i++)
		check_receipt(tiles, head, (int)i);
	ct_tiles_free(tiles);
}

/**
 * traffic(): Submit n entries in waves, so that several records, segments and
 * heads come about.
 */
static void
traffic(int first, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (submit(first + i) != 0)
			break;
		if (i % 5 == 4)
			settle();
	}
	settle();
}

#endif

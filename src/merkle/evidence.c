/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/evidence.h"

#include <string.h>

#include "merkle/checkpoint.h"
#include "merkle/evidence_internal.h"
#include "merkle/note.h"
#include "merkle/proof.h"

/* A head that the holder of ${key} put its name to. */
static int
open_one(enum merkle_evidence_type type, const char *data, size_t len,
    const struct merkle_vkey *key, struct merkle_checkpoint *ret)
{
	struct merkle_note note;
	int rc;

	if ((rc = merkle_note_parse(data, len, &note)) != 0 ||
	    (rc = merkle_evidence_signed(type, &note, key)) != 0)
		return rc;
	return merkle_checkpoint_parse(note.text, note.text_len, ret);
}

/* The tree of ${n} has another root at the size of ${m} than ${m} says. */
static int
contradicts(const struct merkle_head *m, const struct merkle_head *n,
    const struct merkle_proof *proof)
{
	struct merkle_head real = { m->size, { { 0 } } };
	struct merkle_proof rest;

	if (m->size == n->size)
		return !merkle_tree_equal(&m->root, &n->root);
	if (m->size > n->size || proof->count == 0)
		return 0;
	real.root = proof->hash[0];
	rest.count = proof->count - 1;
	memcpy(rest.hash, proof->hash + 1, rest.count * sizeof(rest.hash[0]));
	/* The empty tree is a prefix of every tree, whatever its root. */
	if (m->size == 0)
		merkle_tree_empty(&real.root);
	return !merkle_tree_equal(&real.root, &m->root) &&
	       merkle_proof_verify_consistency(&real, n, &rest) == 0;
}

int
merkle_evidence_verify(
    const struct merkle_evidence *e, const struct merkle_vkey *key)
{
	struct merkle_checkpoint a, b;
	int rc;

	if ((rc = open_one(e->type, e->a, e->a_len, key, &a)) != 0 ||
	    (rc = open_one(e->type, e->b, e->b_len, key, &b)) != 0)
		return rc;
	if (strcmp(a.origin, b.origin) != 0 ||
	    (e->type == MERKLE_EVIDENCE_EQUIVOCATION &&
		a.head.size != b.head.size) ||
	    (e->type == MERKLE_EVIDENCE_FORK && a.head.size == b.head.size))
		return ERR_PEER_PROOF;
	return contradicts(&a.head, &b.head, &e->proof) ? 0 : ERR_PEER_PROOF;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_QUORUM_H
#define MERKLE_QUORUM_H

#include "merkle/vkey.h"

struct merkle_note;

/*
 * A policy of k witnesses out of n.  A witness may have two keys (Ed25519 and
 * ML-DSA-44); it counts once, however many lines it signs.
 */
#define MERKLE_QUORUM_WITNESSES_MAX 32
#define MERKLE_QUORUM_KEYS_MAX 2

struct merkle_quorum_witness {
	size_t key_count;
	struct merkle_vkey key[MERKLE_QUORUM_KEYS_MAX];
};

struct merkle_quorum {
	unsigned int k;
	size_t n;
	const struct merkle_quorum_witness *witness; /* n of them */
};

struct merkle_quorum_result {
	unsigned int count; /* witnesses that cosigned */
	uint32_t cosigned;  /* bit i: witness i did */
	uint64_t newest_s;  /* the latest time among them, 0 for none */
};

/**
 * merkle_quorum_ok(q):
 * Check a configured policy: k <= n <= MERKLE_QUORUM_WITNESSES_MAX, each
 * witness has 1 or 2 cosigning keys, and no key is there twice, also under
 * another name (C2SP tlog-policy).  ERR_STATE_CONFIG, ERR_PEER_DUPLICATE.
 */
MUST_CHECK int merkle_quorum_ok(const struct merkle_quorum *q);

/**
 * merkle_quorum_faults(k, n):
 * Return how many lying or dead witnesses the policy survives, -1 for none:
 * two quorums share an honest one iff 2k - n > f, progress needs n - k >= f,
 * so f = min(2k - n - 1, n - k).
 */
int merkle_quorum_faults(unsigned int k, unsigned int n);

/**
 * merkle_quorum_check(q, note, ret):
 * Count the witnesses whose cosignatures the checkpoint ${note} carries.
 * Unknown lines are ignored.  ERR_PEER_SIGNATURE if a line of a known key is
 * wrong (C2SP signed-note: the note is malformed), ERR_PEER_MALFORMED;
 * ERR_STATE_REFUSED if there are fewer than k: ${ret} is set then too.
 */
MUST_CHECK int merkle_quorum_check(const struct merkle_quorum *q,
    const struct merkle_note *note, struct merkle_quorum_result *ret);

#endif

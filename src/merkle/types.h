/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_TYPES_H
#define MERKLE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH_LEN 32
#define MERKLE_LEVELS_MAX 63
/* An inclusion path has at most 63 hashes, a consistency proof one more. */
#define MERKLE_PROOF_MAX 64

enum merkle_sig_type { /* C2SP signed-note */
	MERKLE_SIG_ED25519 = 0x01,
	MERKLE_SIG_COSIGNATURE = 0x04, /* Ed25519 */
	MERKLE_SIG_RFC6962 = 0x05,
	MERKLE_SIG_COSIGNATURE44 = 0x06, /* ML-DSA-44 */
};

struct merkle_hash {
	uint8_t b[MERKLE_HASH_LEN];
};

/* One signed or claimed tree: size and root. */
struct merkle_head {
	uint64_t size;
	struct merkle_hash root;
};

struct merkle_proof {
	size_t count;
	struct merkle_hash hash[MERKLE_PROOF_MAX];
};

#endif

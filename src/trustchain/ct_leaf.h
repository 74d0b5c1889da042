/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_LEAF_H
#define TRUSTCHAIN_CT_LEAF_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "merkle/types.h"
#include "pki/ct.h"

/*
 * One log entry: the TileLeaf of static-ct-api, which holds the
 * TimestampedEntry of RFC 6962 section 3.4, the precertificate and the
 * fingerprints of the issuers.
 */
#define CT_LEAF_CHAIN_MAX 10
#define CT_LEAF_INDEX_MAX (((uint64_t)1 << 40) - 1)
#define CT_LEAF_DEDUP_LEN 16

struct ct_leaf {
	uint64_t timestamp_ms;
	uint64_t index;
	struct pki_ct_entry entry; /* the certificate, or TBS of the precert */
	struct pki_bytes precert;  /* PKI_CT_PRECERT only */
	struct pki_bytes chain;	   /* SHA-256 of each issuer, one by one */
	struct pki_bytes timestamped; /* set by parse: the TimestampedEntry */
};

/**
 * ct_leaf_encode(leaf, out):
 * Append the TileLeaf to ${out}; leaf->timestamped is not looked at.
 * ERR_SYS_NOMEM, ERR_SYS_LIMIT beyond the buffer's maximum,
 * ERR_PEER_TOO_LARGE for parts that do not fit their length fields.
 */
MUST_CHECK int ct_leaf_encode(const struct ct_leaf *leaf, struct buf *out);

/**
 * ct_leaf_parse(data, len, ret, ret_len):
 * Read one TileLeaf from the front of ${len} octets; ${ret} points into them.
 * Its only extension must be leaf_index.  ERR_PEER_TRUNCATED,
 * ERR_PEER_MALFORMED.
 */
MUST_CHECK int ct_leaf_parse(
    const uint8_t *data, size_t len, struct ct_leaf *ret, size_t *ret_len);

/**
 * ct_leaf_hash(leaf, ret):
 * The leaf hash of a parsed entry: of its MerkleTreeLeaf, which is version
 * 0, type 0 and the TimestampedEntry.
 */
void ct_leaf_hash(const struct ct_leaf *leaf, struct merkle_hash *ret);

/**
 * ct_leaf_dedup(entry, ret):
 * The first 16 octets of SHA-256(entry_type, signed_entry).
 */
void ct_leaf_dedup(
    const struct pki_ct_entry *entry, uint8_t ret[CT_LEAF_DEDUP_LEN]);

/**
 * ct_leaf_same(a, b):
 * Return 1 if the two are the same certificate or precertificate: same type,
 * issuer key and octets.
 */
int ct_leaf_same(const struct pki_ct_entry *a, const struct pki_ct_entry *b);

#endif

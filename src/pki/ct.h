/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CT_H
#define PKI_CT_H

#include "base/err.h"
#include "pki/oid.h"

/*
 * Certificate Transparency structures that CA, log and key process share
 * (RFC 6962 section 3).  Integers are big-endian.
 */
enum {
	PKI_CT_SIG_MAX = 512,
	PKI_CT_EXT_MAX = 64,
	PKI_CT_SCT_MAX = 1 + 32 + 8 + 2 + PKI_CT_EXT_MAX + 4 + PKI_CT_SIG_MAX,
	PKI_CT_LIST_MAX = 8, /* SCTs in one certificate */
	PKI_CT_LEAF_INDEX_LEN = 8
};

enum pki_ct_entry_type { PKI_CT_X509 = 0, PKI_CT_PRECERT = 1 };

struct pki_ct_sct {
	uint8_t log_id[32];
	uint64_t timestamp_ms;
	uint8_t hash_alg; /* TLS HashAlgorithm, 4 = sha256 */
	uint8_t sig_alg;  /* TLS SignatureAlgorithm, 3 = ecdsa */
	uint16_t ext_len;
	uint16_t sig_len;
	uint8_t ext[PKI_CT_EXT_MAX];
	uint8_t sig[PKI_CT_SIG_MAX];
};

/* What an SCT is about; cert is the leaf DER or the precert's TBS. */
struct pki_ct_entry {
	enum pki_ct_entry_type type;
	uint8_t issuer_key_hash[32]; /* PRECERT only */
	struct pki_bytes cert;
};

/**
 * pki_ct_sct_parse(in, ret), pki_ct_sct_encode(sct, out, cap, ret_len):
 * Read one SignedCertificateTimestamp of version 1 that fills ${in}; write
 * one, at most PKI_CT_SCT_MAX octets.  ERR_PEER_TRUNCATED, ERR_PEER_TRAILING,
 * ERR_PEER_UNSUPPORTED (version), ERR_PEER_TOO_LARGE; ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_ct_sct_parse(struct pki_bytes in, struct pki_ct_sct *ret);
MUST_CHECK int pki_ct_sct_encode(
    const struct pki_ct_sct *sct, uint8_t *out, size_t cap, size_t *ret_len);

/**
 * pki_ct_leaf_index_encode(index, out), pki_ct_leaf_index_parse(ext, ret):
 * Write, or read from an extensions field that is nothing else, the
 * leaf_index SCT extension (C2SP static-ct-api): type 0, length 5, index
 * below 2^40.  ERR_PEER_MALFORMED.
 */
void pki_ct_leaf_index_encode(
    uint64_t index, uint8_t out[PKI_CT_LEAF_INDEX_LEN]);
MUST_CHECK int pki_ct_leaf_index_parse(struct pki_bytes ext, uint64_t *ret);

/**
 * pki_ct_signed_input(entry, timestamp_ms, ext, out, cap, ret_len):
 * Write the octets an SCT signs (RFC 6962 section 3.2).  The very same octets
 * are the entry's MerkleTreeLeaf (section 3.4): version 0, type 0, timestamp,
 * entry type, entry, extensions.  ERR_SYS_LIMIT, ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int pki_ct_signed_input(const struct pki_ct_entry *entry,
    uint64_t timestamp_ms, struct pki_bytes ext, uint8_t *out, size_t cap,
    size_t *ret_len);

/**
 * pki_ct_key_hash(spki, out), pki_ct_sct_verify(sct, entry, log_spki):
 * Write SHA-256 of a public key: log id and issuer_key_hash.  Verify an SCT by
 * a log's DER public key: the log id is its SHA-256, the algorithms are those
 * of the key, the signature holds.  ERR_PEER_MISMATCH (log id),
 * ERR_PEER_UNSUPPORTED, ERR_PEER_SIGNATURE, ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_ct_key_hash(struct pki_bytes spki, uint8_t out[32]);
MUST_CHECK int pki_ct_sct_verify(const struct pki_ct_sct *sct,
    const struct pki_ct_entry *entry, struct pki_bytes log_spki);

/**
 * pki_ct_list_parse(ext_value, ret, ret_n),
 * pki_ct_list_encode(scts, n, out, cap, ret_len):
 * Read an SCT list extension value (the content of extnValue: an OCTET STRING
 * around a TLS list) into ${ret}, which holds PKI_CT_LIST_MAX; write it.
 * ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE, those of pki_ct_sct_parse;
 * ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_ct_list_parse(
    struct pki_bytes ext_value, struct pki_ct_sct *ret, size_t *ret_n);
MUST_CHECK int pki_ct_list_encode(const struct pki_ct_sct *scts, size_t n,
    uint8_t *out, size_t cap, size_t *ret_len);

/**
 * pki_ct_strip(tbs, ext, out, cap, ret_len),
 * pki_ct_embed(tbs, list, out, cap, ret_len):
 * Copy a TBSCertificate without the extension ${ext} (PKI_OID_CT_POISON or
 * PKI_OID_CT_SCT_LIST): the PreCert TBS of RFC 6962 section 3.2; or with the
 * SCT list extension value ${list} where the poison was.  Every other octet
 * but the enclosing lengths stays.  ERR_STATE_NOT_FOUND when it is absent,
 * ERR_PEER_DUPLICATE, ERR_PEER_MALFORMED, ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_ct_embed(struct pki_bytes tbs, struct pki_bytes list,
    uint8_t *out, size_t cap, size_t *ret_len);
MUST_CHECK int pki_ct_strip(struct pki_bytes tbs, enum pki_oid ext,
    uint8_t *out, size_t cap, size_t *ret_len);

#endif

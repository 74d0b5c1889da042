/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CRL_H
#define PKI_CRL_H

#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/*
 * Certificate revocation lists of version 2 (RFC 5280 section 5), written
 * octet by octet: authority key identifier, CRL number, and for one that
 * covers a shard a critical issuing distribution point {the URL of the
 * shard, onlyContainsUserCerts}.
 */
enum {
	PKI_CRL_ENTRY_MAX = 80,	  /* octets of one entry */
	PKI_CRL_FRAME_MAX = 2048, /* octets of a TBSCertList without entries */
	PKI_CRL_SERIAL_MAX = 20,
};

struct pki_crl {
	struct pki_bytes issuer, issuer_spki; /* its Name and its key */
	int64_t this_update_ms, next_update_ms;
	uint64_t number;
	const char *idp_url; /* NULL: covers all that the issuer signed */
};

struct pki_crl_entry {
	struct pki_bytes serial; /* content octets, 1..20 */
	int64_t revoked_ms;
	unsigned reason; /* 0: left out, as section 5.3.1 wants */
};

/* What a TBSCertList says; the ranges are inside it. */
struct pki_crl_view {
	struct pki_bytes algorithm, issuer; /* whole values */
	int64_t this_update_ms, next_update_ms;
	struct pki_bytes entries; /* one after the other; may be empty */
	uint64_t number;
	struct pki_bytes key_id; /* of the issuer's key */
	struct pki_bytes idp;	 /* extension value; empty: none */
};

/**
 * pki_crl_entry(e, out, ret_len):
 * Write one element of revokedCertificates.  ERR_SYS_LIMIT for a serial that
 * is too long or empty, ERR_STATE_REFUSED for a date outside 1950..9999.
 */
MUST_CHECK int pki_crl_entry(const struct pki_crl_entry *e,
    uint8_t out[PKI_CRL_ENTRY_MAX], size_t *ret_len);

/**
 * pki_crl_tbs(crl, entries, out, cap, ret_len):
 * Write the TBSCertList with the entries that pki_crl_entry wrote one after
 * the other; ${out} has room for them and PKI_CRL_FRAME_MAX more.
 * ERR_SYS_LIMIT, ERR_PEER_KEY (no algorithm for the issuer's key).
 */
MUST_CHECK int pki_crl_tbs(const struct pki_crl *crl, struct pki_bytes entries,
    uint8_t *out, size_t cap, size_t *ret_len);

/**
 * pki_crl_assemble(tbs, signature, out, cap, ret_len):
 * Write CertificateList = TBS, the TBS's own AlgorithmIdentifier, signature.
 * ERR_PEER_MALFORMED when the TBS is none, ERR_SYS_LIMIT.
 */
MUST_CHECK int pki_crl_assemble(struct pki_bytes tbs,
    struct pki_bytes signature, uint8_t *out, size_t cap, size_t *ret_len);

/**
 * pki_crl_read(tbs, ret):
 * Read a TBSCertList of exactly the form that pki_crl_tbs writes: strict DER,
 * version 2, nextUpdate, entries that are SEQUENCEs, the extensions named
 * above in that order and no other.  ERR_PEER_*; ${ret} is untouched then.
 */
MUST_CHECK int pki_crl_read(struct pki_bytes tbs, struct pki_crl_view *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_CHAIN_H
#define TRUSTCHAIN_CT_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/chain.h"
#include "trustchain/ct_shard.h"

/*
 * From a submitted chain to a log entry: RFC 6962 sections 3.1 and 3.2.  Pure;
 * any thread.
 */
struct arena;

struct ct_chain_rules {
	const struct pki_roots *roots;
	size_t chain_max; /* certificates submitted */
	size_t entry_max; /* octets of the leaf */
};

enum ct_chain_want {
	CT_CHAIN_X509,	  /* add-chain: no poison */
	CT_CHAIN_PRECERT, /* add-pre-chain: poison */
	CT_CHAIN_EITHER
};

enum ct_chain_result {
	CT_CHAIN_OK,
	CT_CHAIN_MALFORMED,
	CT_CHAIN_UNKNOWN_ROOT,
	CT_CHAIN_BAD_SIGNATURE,
	CT_CHAIN_TOO_LONG,
	CT_CHAIN_NOT_AFTER, /* outside the shard; found by the caller */
	CT_CHAIN_PRECERT_REQUIRED,
	CT_CHAIN_NOT_PRECERT,
	CT_CHAIN_TOO_LARGE,
	CT_CHAIN_NOMEM
};

struct ct_chain {
	struct pki_cert *cert[PKI_CHAIN_LEN_MAX]; /* as submitted */
	size_t n;
	struct pki_path path;
	int64_t not_after_ms;
};

/**
 * ct_chain_word(result):
 * Return the error code of the specification, e.g. "chain_unknown_root".
 */
const char *ct_chain_word(enum ct_chain_result result);

/**
 * ct_chain_parse(rules, der, n, ret):
 * Parse the certificates of a submission; ${ret} is given to ct_chain_fini
 * whatever the result.
 */
enum ct_chain_result ct_chain_parse(const struct ct_chain_rules *rules,
    const struct pki_bytes *der, size_t n, struct ct_chain *ret);

/**
 * ct_chain_entry(rules, chain, want, arena, ret):
 * Verify a parsed chain to a root and fill in entry, precert, issuers and
 * dedup of ${ret}, which point into ${chain} and ${arena}.
 */
enum ct_chain_result ct_chain_entry(const struct ct_chain_rules *rules,
    struct ct_chain *chain, enum ct_chain_want want, struct arena *arena,
    struct ct_shard_entry *ret);

/**
 * ct_chain_fini(chain):
 * Free the certificates.
 */
void ct_chain_fini(struct ct_chain *chain);

#endif

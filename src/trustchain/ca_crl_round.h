/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CRL_ROUND_H
#define TRUSTCHAIN_CA_CRL_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "pki/bytes.h"
#include "trustchain/ca_crl.h"

/*
 * One publication of one issuer's CRLs, the part that reads the store, encodes
 * and writes files: for threads of the pool, one at a time.
 */
struct ca_authority_issuer;
struct ca_crl_round;

struct ca_crl_round_opts {
	const struct ca_authority_issuer *issuer;
	struct ca_store *store;
	struct store_disk *disk;
	struct ops_faults *faults;
	const char *state_dir, *status_url;
	int64_t number, this_update_ms, next_update_ms;
	int64_t since; /* what had expired then was on a CRL after it */
};

/**
 * ca_crl_round_new(opts, ret), ca_crl_round_free(r):
 * ${opts} is copied, what it names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_crl_round_new(
    const struct ca_crl_round_opts *opts, struct ca_crl_round **ret);
/** ca_crl_round_free: NULL is legal. */
void ca_crl_round_free(struct ca_crl_round *r);

/**
 * ca_crl_round_collect(r):
 * Read the revocations into the entries of their shards.  Errors of the store,
 * ERR_SYS_LIMIT, ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_crl_round_collect(struct ca_crl_round *r);

/**
 * ca_crl_round_next(r, ret_tbs):
 * Frame the next CRL that there is to sign; after the last one ${ret_tbs} is
 * empty.  It lives until the next call.
 */
MUST_CHECK int ca_crl_round_next(
    struct ca_crl_round *r, struct pki_bytes *ret_tbs);

/**
 * ca_crl_round_write(r, sig, len):
 * Write the CRL framed last, with its signature, to its file; durable is its
 * content, its name only after ca_crl_round_end.
 */
MUST_CHECK int ca_crl_round_write(
    struct ca_crl_round *r, const uint8_t *sig, size_t len);

/**
 * ca_crl_round_end(r):
 * Make the names durable and remove the files of shards that are no more.
 */
MUST_CHECK int ca_crl_round_end(struct ca_crl_round *r);

/**
 * ca_crl_round_too_large(r):
 * Whether the CRL for all is more than the key process takes: then it is not
 * made, and an old one is removed.
 */
bool ca_crl_round_too_large(const struct ca_crl_round *r);

/** ca_crl_round_entries(r): how many revocations were collected. */
size_t ca_crl_round_entries(const struct ca_crl_round *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_LISTING_H
#define TRUSTCHAIN_CT_LISTING_H

#include "base/err.h"
#include "pki/bytes.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_shard.h"

/*
 * The published list of shards: signed by the list key whenever it changes,
 * stored before it is shown, with a serial that only rises.  Loop thread
 * only.
 */
struct ct_listing;

struct ct_listing_opts {
	const struct ct_signer *signer;
	struct store_disk *disk;
	const struct clock *clock;
	struct ops_log *log;
	const char *state_dir; /* outlives the result, as the next */
	const char *base;      /* [log] base: the key's name begins with it */
};

/**
 * ct_listing_key_name(base, ret, cap):
 * Write the name of the list key of a log server.  ERR_SYS_LIMIT.
 */
MUST_CHECK int ct_listing_key_name(const char *base, char *ret, size_t cap);

/**
 * ct_listing_new(opts, ret):
 * Take up the list stored last.  ERR_SYS_NOMEM, ERR_SYS_IO.
 */
MUST_CHECK int ct_listing_new(
    const struct ct_listing_opts *opts, struct ct_listing **ret);

/**
 * ct_listing_free(x):
 * Free it, when no signature is under way; NULL is allowed.
 */
void ct_listing_free(struct ct_listing *x);

/**
 * ct_listing_update(x, list):
 * Publish ${list} (its serial is not looked at) if it is not what is
 * published.  To be called again and again: a failure is tried anew then.
 */
void ct_listing_update(struct ct_listing *x, const struct ct_list *list);

/**
 * ct_listing_get(x, ret_json, ret_note):
 * The list and its signed note, empty before the first; valid until the next
 * turn of the loop.
 */
void ct_listing_get(const struct ct_listing *x, struct pki_bytes *ret_json,
    struct pki_bytes *ret_note);

#endif

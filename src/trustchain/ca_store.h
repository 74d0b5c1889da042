/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_STORE_H
#define TRUSTCHAIN_CA_STORE_H

#include <stdbool.h>

#include "base/err.h"
#include "trustchain/ca_row_status.h"

/*
 * The CA's store (spec section 11).  Changes are batches (ca_batch.h): they
 * are committed by one writer thread, many batches to one sync, and complete
 * on the loop thread.  Reads are synchronous, see everything whose completion
 * has been called, and return rows in the caller's arena.
 *
 * Reads return 0, ERR_STATE_NOT_FOUND, ERR_SYS_LIMIT (arena full),
 * ERR_SYS_NOMEM or ERR_SYS_DATABASE.  After ENOSPC or EIO the store is
 * read-only until restart: changes fail with ERR_STATE_READ_ONLY, reads work.
 */
struct arena;
struct ca_batch;
struct ca_store;

/* Which certificates a list wants; unset members do not constrain. */
struct ca_cert_filter {
	const char *issuer;
	int64_t state; /* enum ca_cert_state */
	int64_t created_before;
	int64_t not_after_from, not_after_before; /* from <= x < before */
	int64_t revoked; /* 1: only revoked, -1: only not revoked */
	const char *owner, *order_id;
	struct ca_blob spki;
	const struct ca_name *name; /* exact match */
	int64_t after_id;	    /* cursor: the last id seen */
	size_t limit;		    /* 1..500 */
};

/* Which page of an account's orders. */
struct ca_order_page {
	const char *account;
	const char *cursor; /* the last id seen, or NULL */
	size_t limit;	    /* 1..500 */
};

/* Which authorization is looked for. */
struct ca_authz_key {
	const char *account, *type, *value;
	const char *status;
	int64_t wildcard;
	int64_t now; /* expires > now */
};

struct ca_store_ops {
	/* Queue a batch, consumed in every case; on 0 done follows once. */
	int (*submit)(struct ca_store *, struct ca_batch *,
	    void (*done)(void *ctx, int rc), void *ctx);
	/* Commit a batch and wait; for start-up, tools and tests. */
	int (*submit_wait)(struct ca_store *, struct ca_batch *);

	int (*get_issuer)(struct ca_store *, const char *id, struct arena *,
	    struct ca_issuer *ret);
	/* issuer may be NULL: then any issuer's first match. */
	int (*get_cert)(struct ca_store *, const char *issuer,
	    struct ca_blob serial, struct arena *, struct ca_cert *ret);
	int (*get_cert_id)(
	    struct ca_store *, int64_t id, struct arena *, struct ca_cert *ret);
	int (*get_cert_fp)(struct ca_store *, struct ca_blob fp, struct arena *,
	    struct ca_cert *ret);
	/* Revoked by itself or by a sweep, good or unknown; the latter is no
	 * error.  Reads no certificate. */
	int (*get_status)(struct ca_store *, const char *issuer,
	    struct ca_blob serial, struct ca_status *ret);
	/* All that match and are revoked by themselves, at most 4096. */
	int (*list_revoked)(struct ca_store *, const struct ca_revoke_match *,
	    struct arena *, struct ca_revoked **ret, size_t *ret_n);
	/* From one moment of the database; from any thread. */
	int (*scan_revoked)(
	    struct ca_store *, const struct ca_revoked_scan *scan);
	/* Whether certificates of that shard had not expired at ${since}.
	 * Looks at each of the issuer's; from any thread. */
	int (*shard_used)(struct ca_store *, const char *issuer, int64_t shard,
	    int64_t since, bool *ret);
	/* One element for each profile; from any thread. */
	int (*tally)(struct ca_store *, const struct ca_tally_scope *,
	    struct arena *, struct ca_tally **ret, size_t *ret_n);
	/* The epoch of the newest sweep, -1: none. */
	int (*swept_epoch)(struct ca_store *, const char *issuer, int64_t *ret);
	/* What an operation swept, and when. */
	int (*sweep_scopes)(struct ca_store *, const char *operation_id,
	    struct arena *, struct ca_tally_scope **ret, size_t *ret_n);
	/* Whether a sweep with reason 1 covers a certificate of that key. */
	int (*key_swept)(struct ca_store *, struct ca_blob spki, bool *ret);
	int (*get_emergency)(struct ca_store *, const char *operation_id,
	    struct arena *, struct ca_emergency *ret);
	/* Newest first, at most 100. */
	int (*list_emergencies)(struct ca_store *, struct arena *,
	    struct ca_emergency **ret, size_t *ret_n);
	/* Calls fn for each; from any thread. */
	int (*list_expired)(
	    struct ca_store *, const struct ca_expired_page *page);
	/* Ascending by id; *ret_n rows, 0 being no error. */
	int (*list_certs)(struct ca_store *, const struct ca_cert_filter *,
	    struct arena *, struct ca_cert **ret, size_t *ret_n);
	int (*cert_names)(struct ca_store *, int64_t cert_id, struct arena *,
	    struct ca_name **ret, size_t *ret_n);
	/* Newest notBefore of any row (0: none), for the clock check. */
	int (*newest_not_before)(struct ca_store *, int64_t *ret);
	/* Certificates in state I, unexpired at now, unrevoked.  Looks at each
	 * of them; from any thread. */
	int (*count_live)(struct ca_store *, int64_t now, int64_t *ret);

	/* Expired entries are NOT_FOUND. */
	int (*get_idem)(struct ca_store *, const char *token, const char *key,
	    int64_t now, struct arena *, struct ca_idem *ret);
	/* The highest seq that was ever dropped from the outbox, 0: none. */
	int (*outbox_drained)(struct ca_store *, int64_t *ret);
	int (*list_outbox)(struct ca_store *, int64_t after_seq, size_t limit,
	    struct arena *, struct ca_outbox **ret, size_t *ret_n);

	int (*get_token)(struct ca_store *, const char *id, struct arena *,
	    struct ca_token *ret);
	int (*get_token_hash)(struct ca_store *, struct ca_blob hash,
	    struct arena *, struct ca_token *ret);
	int (*list_tokens)(struct ca_store *, struct arena *,
	    struct ca_token **ret, size_t *ret_n);
	int (*get_block)(struct ca_store *, const char *kind, const char *value,
	    struct arena *, struct ca_block *ret);
	int (*list_blocks)(struct ca_store *, struct arena *,
	    struct ca_block **ret, size_t *ret_n);

	int (*get_eab)(struct ca_store *, const char *kid, struct arena *,
	    struct ca_eab *ret);
	/* A page of at most 500, ascending; after NULL: from the first. */
	int (*list_eabs)(struct ca_store *, const char *after, struct arena *,
	    struct ca_eab **ret, size_t *ret_n);
	int (*list_accounts)(struct ca_store *, const char *after,
	    struct arena *, struct ca_acme_account **ret, size_t *ret_n);
	/* A page of at most 500, ascending by kind and key, after ${after}
	 * (NULL: from the first), that matter at now. */
	int (*list_limits)(struct ca_store *, const struct ca_limit *after,
	    int64_t now, struct arena *, struct ca_limit **ret, size_t *ret_n);
	int (*get_account)(struct ca_store *, const char *id, struct arena *,
	    struct ca_acme_account *ret);
	int (*get_account_key)(struct ca_store *, const char *thumbprint,
	    struct arena *, struct ca_acme_account *ret);
	int (*get_order)(struct ca_store *, const char *id, struct arena *,
	    struct ca_acme_order *ret);
	/* The order whose cert_id this is. */
	int (*get_order_cert)(struct ca_store *, const char *cert_id,
	    struct arena *, struct ca_acme_order *ret);
	/* The order, not invalid, that replaces this certificate. */
	int (*get_order_replaces)(struct ca_store *, const char *certid,
	    struct arena *, struct ca_acme_order *ret);
	/* Newest first. */
	int (*list_orders)(struct ca_store *, const struct ca_order_page *,
	    struct arena *, struct ca_acme_order **ret, size_t *ret_n);
	/* Orders, at most 500, that wait for this authorization. */
	int (*orders_of_authz)(struct ca_store *, const char *authz,
	    struct arena *, struct ca_acme_order **ret, size_t *ret_n);
	int (*get_authz)(struct ca_store *, const char *id, struct arena *,
	    struct ca_acme_authz *ret);
	/* The one of that key that expires last. */
	int (*find_authz)(struct ca_store *, const struct ca_authz_key *,
	    struct arena *, struct ca_acme_authz *ret);
	/* Pending, unexpired authorizations of an account. */
	int (*count_pending)(
	    struct ca_store *, const char *account, int64_t now, int64_t *ret);
	int (*get_challenge)(struct ca_store *, const char *id, struct arena *,
	    struct ca_acme_challenge *ret);
	int (*list_challenges)(struct ca_store *, const char *authz,
	    struct arena *, struct ca_acme_challenge **ret, size_t *ret_n);

	/* 0, or ERR_STATE_READ_ONLY after a write failed. */
	int (*health)(struct ca_store *);
	void (*close)(struct ca_store *);
};

/* Call as s->ops->get_order(s, id, arena, &order). */
struct ca_store {
	const struct ca_store_ops *ops;
	/* Grows with every commit that revoked something, before its
	 * completion: for CRLs and what is cached.  Loop thread only. */
	uint64_t revocations;
};

#endif

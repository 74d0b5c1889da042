/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_STORE_INTERNAL_H
#define TRUSTCHAIN_CA_STORE_INTERNAL_H

#include "trustchain/ca_store.h"

/*
 * The reading half of the SQLite store; each function is the member of
 * struct ca_store_ops with the name after ca_read_.
 */
struct store_sql;

/**
 * ca_store_reader(s):
 * Return the connection that reads.
 */
struct store_sql *ca_store_reader(struct ca_store *s);

/** ca_read_get_issuer: struct ca_store_ops. */
int ca_read_get_issuer(
    struct ca_store *, const char *, struct arena *, struct ca_issuer *);
/** ca_read_get_cert: struct ca_store_ops. */
int ca_read_get_cert(struct ca_store *, const char *, struct ca_blob,
    struct arena *, struct ca_cert *);
/** ca_read_get_cert_id: struct ca_store_ops. */
int ca_read_get_cert_id(
    struct ca_store *, int64_t, struct arena *, struct ca_cert *);
/** ca_read_get_cert_fp: struct ca_store_ops. */
int ca_read_get_cert_fp(
    struct ca_store *, struct ca_blob, struct arena *, struct ca_cert *);
/** ca_read_get_status: struct ca_store_ops. */
int ca_read_get_status(
    struct ca_store *, const char *, struct ca_blob, struct ca_status *);
/** ca_read_list_revoked: struct ca_store_ops. */
int ca_read_list_revoked(struct ca_store *, const struct ca_revoke_match *,
    struct arena *, struct ca_revoked **, size_t *);
/** ca_read_scan_revoked: struct ca_store_ops, on a connection. */
int ca_read_scan_revoked(struct store_sql *, const struct ca_revoked_scan *);
/** ca_read_shard_used: struct ca_store_ops, on a connection. */
int ca_read_shard_used(
    struct store_sql *, const char *, int64_t, int64_t, bool *);
/** ca_read_tally: struct ca_store_ops, on a connection. */
int ca_read_tally(struct store_sql *, const struct ca_tally_scope *,
    struct arena *, struct ca_tally **, size_t *);
/** ca_read_swept_epoch: struct ca_store_ops. */
int ca_read_swept_epoch(struct ca_store *, const char *, int64_t *);
/** ca_read_sweep_scopes: struct ca_store_ops. */
int ca_read_sweep_scopes(struct ca_store *, const char *, struct arena *,
    struct ca_tally_scope **, size_t *);
/** ca_read_key_swept: struct ca_store_ops. */
int ca_read_key_swept(struct ca_store *, struct ca_blob, bool *);
/** ca_read_get_emergency: struct ca_store_ops. */
int ca_read_get_emergency(
    struct ca_store *, const char *, struct arena *, struct ca_emergency *);
/** ca_read_list_emergencies: struct ca_store_ops. */
int ca_read_list_emergencies(
    struct ca_store *, struct arena *, struct ca_emergency **, size_t *);
/**
 * ca_read_swept(s, rows, n):
 * Give each of ${rows} the date and reason of the earliest sweep that covers
 * it, if that was before its own revocation.
 */
int ca_read_swept(struct ca_store *s, struct ca_cert *rows, size_t n);
/** ca_read_list_certs: struct ca_store_ops. */
int ca_read_list_certs(struct ca_store *, const struct ca_cert_filter *,
    struct arena *, struct ca_cert **, size_t *);
/** ca_read_cert_names: struct ca_store_ops. */
int ca_read_cert_names(
    struct ca_store *, int64_t, struct arena *, struct ca_name **, size_t *);
/** ca_read_newest_not_before: struct ca_store_ops. */
int ca_read_newest_not_before(struct ca_store *, int64_t *);
/** ca_read_count_live: struct ca_store_ops, on a connection. */
int ca_read_count_live(struct store_sql *, int64_t, int64_t *);
/** ca_read_get_idem: struct ca_store_ops. */
int ca_read_get_idem(struct ca_store *, const char *, const char *, int64_t,
    struct arena *, struct ca_idem *);
/** ca_read_outbox_drained: struct ca_store_ops. */
int ca_read_outbox_drained(struct ca_store *, int64_t *);
/** ca_read_list_outbox: struct ca_store_ops. */
int ca_read_list_outbox(struct ca_store *, int64_t, size_t, struct arena *,
    struct ca_outbox **, size_t *);
/** ca_read_get_token: struct ca_store_ops. */
int ca_read_get_token(
    struct ca_store *, const char *, struct arena *, struct ca_token *);
/** ca_read_get_token_hash: struct ca_store_ops. */
int ca_read_get_token_hash(
    struct ca_store *, struct ca_blob, struct arena *, struct ca_token *);
/** ca_read_list_tokens: struct ca_store_ops. */
int ca_read_list_tokens(
    struct ca_store *, struct arena *, struct ca_token **, size_t *);
/** ca_read_get_block: struct ca_store_ops. */
int ca_read_get_block(struct ca_store *, const char *, const char *,
    struct arena *, struct ca_block *);
/** ca_read_list_blocks: struct ca_store_ops. */
int ca_read_list_blocks(
    struct ca_store *, struct arena *, struct ca_block **, size_t *);
/** ca_read_get_eab: struct ca_store_ops. */
int ca_read_get_eab(
    struct ca_store *, const char *, struct arena *, struct ca_eab *);
/** ca_read_list_eabs: struct ca_store_ops. */
int ca_read_list_eabs(struct ca_store *, const char *, struct arena *,
    struct ca_eab **, size_t *);
/** ca_read_list_accounts: struct ca_store_ops. */
int ca_read_list_accounts(struct ca_store *, const char *, struct arena *,
    struct ca_acme_account **, size_t *);
/** ca_read_list_limits: struct ca_store_ops. */
int ca_read_list_limits(struct ca_store *, const struct ca_limit *, int64_t,
    struct arena *, struct ca_limit **, size_t *);
/** ca_read_get_account: struct ca_store_ops. */
int ca_read_get_account(
    struct ca_store *, const char *, struct arena *, struct ca_acme_account *);
/** ca_read_get_account_key: struct ca_store_ops. */
int ca_read_get_account_key(
    struct ca_store *, const char *, struct arena *, struct ca_acme_account *);
/** ca_read_get_order: struct ca_store_ops. */
int ca_read_get_order(
    struct ca_store *, const char *, struct arena *, struct ca_acme_order *);
/** ca_read_get_order_cert: struct ca_store_ops. */
int ca_read_get_order_cert(
    struct ca_store *, const char *, struct arena *, struct ca_acme_order *);
/** ca_read_get_order_replaces: struct ca_store_ops. */
int ca_read_get_order_replaces(
    struct ca_store *, const char *, struct arena *, struct ca_acme_order *);
/** ca_read_list_orders: struct ca_store_ops. */
int ca_read_list_orders(struct ca_store *, const struct ca_order_page *,
    struct arena *, struct ca_acme_order **, size_t *);
/** ca_read_orders_of_authz: struct ca_store_ops. */
int ca_read_orders_of_authz(struct ca_store *, const char *, struct arena *,
    struct ca_acme_order **, size_t *);
/** ca_read_get_authz: struct ca_store_ops. */
int ca_read_get_authz(
    struct ca_store *, const char *, struct arena *, struct ca_acme_authz *);
/** ca_read_find_authz: struct ca_store_ops. */
int ca_read_find_authz(struct ca_store *, const struct ca_authz_key *,
    struct arena *, struct ca_acme_authz *);
/** ca_read_count_pending: struct ca_store_ops. */
int ca_read_count_pending(struct ca_store *, const char *, int64_t, int64_t *);
/** ca_read_get_challenge: struct ca_store_ops. */
int ca_read_get_challenge(struct ca_store *, const char *, struct arena *,
    struct ca_acme_challenge *);
/** ca_read_list_challenges: struct ca_store_ops. */
int ca_read_list_challenges(struct ca_store *, const char *, struct arena *,
    struct ca_acme_challenge **, size_t *);

/**
 * ca_read_list_expired(q, page):
 * See list_expired of struct ca_store_ops.
 */
MUST_CHECK int ca_read_list_expired(
    struct store_sql *q, const struct ca_expired_page *page);

#endif

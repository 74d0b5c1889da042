/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_BATCH_H
#define TRUSTCHAIN_CA_BATCH_H

#include "base/err.h"
#include "trustchain/ca_row_status.h"

/*
 * A batch is a list of changes that become durable together or not at all.
 * Fill it with the calls below, then give it to ca_store_submit().  Inputs
 * are copied.  Errors while filling (ERR_SYS_NOMEM, ERR_SYS_LIMIT beyond
 * CA_BATCH_BYTES_MAX) stick and are reported by ca_store_submit().
 *
 * The codes in brackets are what the batch as a whole then fails with when
 * the change is not possible; nothing of the batch has been done then.
 */
struct ca_batch;

enum { CA_BATCH_BYTES_MAX = 4 << 20 };

/**
 * ca_batch_new():
 * Return an empty batch, or NULL when memory is short.  It ends with
 * ca_store_submit(), ca_store_submit_wait() or ca_batch_free().
 */
struct ca_batch *ca_batch_new(void);

/**
 * ca_batch_free(b):
 * Free a batch that will not be submitted; NULL is allowed.
 */
void ca_batch_free(struct ca_batch *b);

/**
 * ca_batch_put_issuer(b, row):
 * Add the issuer if its id is unknown; a known one keeps its state, epoch and
 * CRL number and gets the new certificate.
 */
void ca_batch_put_issuer(struct ca_batch *b, const struct ca_issuer *row);

/**
 * ca_batch_issuer_state(b, id, state):
 * Set the state of issuer ${id} to "open" or "halted" [NOT_FOUND].
 */
void ca_batch_issuer_state(
    struct ca_batch *b, const char *id, const char *state);

/**
 * ca_batch_put_precert(b, row, names, n):
 * C1: add the certificate ${row} in state P with its ${n} names.  With
 * order_id set, the order goes from ready to processing in the same batch
 * [ERR_STATE_CONFLICT if it is not ready].  [ERR_STATE_HALTED if the
 * issuer's epoch is not the row's; ERR_STATE_EXISTS if the serial is taken]
 * A row with state I (an ocsp-signer, exempt from logging) is stored so.
 */
void ca_batch_put_precert(struct ca_batch *b, const struct ca_cert *row,
    const struct ca_name *names, size_t n);

/**
 * ca_batch_finalize(b, row):
 * C2: the certificate of issuer and serial of ${row} goes from P to I with
 * fp, final, scts and sct_json of ${row}; its order becomes valid and gets
 * ${row}'s order certificate.  [ERR_STATE_HALTED if the issuer's epoch has
 * moved; ERR_STATE_STALE if the row is no longer in state P;
 * ERR_STATE_NOT_FOUND]
 */
void ca_batch_finalize(struct ca_batch *b, const struct ca_cert *row);

/**
 * ca_batch_abandon(b, issuer, serial, at, error):
 * The certificate goes from P to A, revoked at ${at} with reason 5 unless it
 * was revoked before; its idempotency keys are released and its order becomes
 * invalid with the problem JSON ${error} (may be NULL) [ERR_STATE_STALE].
 */
void ca_batch_abandon(struct ca_batch *b, const char *issuer,
    struct ca_blob serial, int64_t at, const char *error);

/**
 * ca_batch_revoke(b, issuer, serial, at, reason):
 * Set the revocation date; a row already revoked keeps its first date
 * [ERR_STATE_NOT_FOUND].  With reason 1 the row's key is blocked.
 */
void ca_batch_revoke(struct ca_batch *b, const char *issuer,
    struct ca_blob serial, int64_t at, int64_t reason);

/**
 * ca_batch_revoke_match(b, match, at, reason, by):
 * Revoke all that match and are not revoked yet, each with an audit event
 * that names ${by}.
 */
void ca_batch_revoke_match(struct ca_batch *b,
    const struct ca_revoke_match *match, int64_t at, int64_t reason,
    const char *by);

/**
 * ca_batch_sweep(b, issuer, at, reason, operation_id):
 * Revoke all that the issuer has signed so far: a sweep of its epoch, which
 * then grows by one, and state "halted", so that what is in flight fails
 * [ERR_STATE_NOT_FOUND].
 */
void ca_batch_sweep(struct ca_batch *b, const char *issuer, int64_t at,
    int64_t reason, const char *operation_id);

/**
 * ca_batch_put_idem(b, row):
 * Keep what an idempotency key stands for [ERR_STATE_EXISTS if the key is
 * held by an unexpired entry].
 */
void ca_batch_put_idem(struct ca_batch *b, const struct ca_idem *row);

/**
 * ca_batch_outbox(b, at, event, fields):
 * Add an audit event; it reaches the audit log after the batch is durable.
 * ${fields} NULL: memory was too short for them, which sticks: no event is
 * written without what it is about.
 */
void ca_batch_outbox(
    struct ca_batch *b, int64_t at, const char *event, const char *fields);

/**
 * ca_batch_outbox_done(b, seq):
 * Drop the events up to ${seq}: the audit log holds them durably.
 */
void ca_batch_outbox_done(struct ca_batch *b, int64_t seq);

/**
 * ca_batch_put_token(b, row):
 * Add a token [ERR_STATE_EXISTS].
 */
void ca_batch_put_token(struct ca_batch *b, const struct ca_token *row);

/**
 * ca_batch_revoke_token(b, id, at):
 * Revoke a token; one already revoked keeps its first date
 * [ERR_STATE_NOT_FOUND].
 */
void ca_batch_revoke_token(struct ca_batch *b, const char *id, int64_t at);

/**
 * ca_batch_put_block(b, row):
 * Add a block; one that exists keeps its date and author.  A blocked binding
 * key (kind "eab") is also revoked, if it is known.
 */
void ca_batch_put_block(struct ca_batch *b, const struct ca_block *row);

/**
 * ca_batch_drop_block(b, kind, value):
 * Remove a block [ERR_STATE_NOT_FOUND].
 */
void ca_batch_drop_block(
    struct ca_batch *b, const char *kind, const char *value);

/**
 * ca_batch_drop_cert(b, id), ca_batch_drop_der(b, id):
 * Forget a certificate and its names; keep its row without what was signed.
 * One that waits (state P), or is unknown, stays as it is.
 */
void ca_batch_drop_cert(struct ca_batch *b, int64_t id);

/** ca_batch_drop_der: see ca_batch_drop_cert. */
void ca_batch_drop_der(struct ca_batch *b, int64_t id);

/**
 * ca_batch_gc(b, now, ret_removed):
 * Wipe binding keys that were not bound in time.  Remove expired idempotency
 * entries and counters of limits, and unfinished
 * orders and authorizations 24 h after their expiry, with their challenges: at
 * most a thousand rows of each.  How many rows went is in ${ret_removed} when
 * the batch completes; it outlives the batch.
 */
void ca_batch_gc(struct ca_batch *b, int64_t now, int64_t *ret_removed);

#endif

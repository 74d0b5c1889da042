/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_BATCH_ACME_H
#define TRUSTCHAIN_CA_BATCH_ACME_H

#include "trustchain/ca_batch.h"

/*
 * The changes of a batch that are about ACME's objects; see ca_batch.h.
 */

/**
 * ca_batch_put_account(b, row):
 * Add or replace by rev [ERR_STATE_CONFLICT: other rev, id taken;
 * ERR_STATE_EXISTS: thumbprint taken].
 */
void ca_batch_put_account(
    struct ca_batch *b, const struct ca_acme_account *row);

/**
 * ca_batch_put_order(b, row):
 * Add or replace by rev [ERR_STATE_CONFLICT; ERR_STATE_EXISTS: another living
 * order replaces the same certificate].
 */
void ca_batch_put_order(struct ca_batch *b, const struct ca_acme_order *row);

/**
 * ca_batch_put_authz(b, row):
 * Add or replace by rev [ERR_STATE_CONFLICT].
 */
void ca_batch_put_authz(struct ca_batch *b, const struct ca_acme_authz *row);

/**
 * ca_batch_put_challenge(b, row):
 * Add or replace by rev [ERR_STATE_CONFLICT].
 */
void ca_batch_put_challenge(
    struct ca_batch *b, const struct ca_acme_challenge *row);

/**
 * ca_batch_charge(b, row):
 * Count one more in window ${row}->window of the key; now and before of
 * ${row} do not matter.
 */
void ca_batch_charge(struct ca_batch *b, const struct ca_limit *row);

/**
 * ca_batch_put_eab(b, row):
 * Add an external account binding key [ERR_STATE_EXISTS].
 */
void ca_batch_put_eab(struct ca_batch *b, const struct ca_eab *row);

/**
 * ca_batch_bind_eab(b, kid, account, now):
 * Bind a key to its one account and wipe its HMAC key [ERR_STATE_CONFLICT if
 * it is bound, expired or revoked].
 */
void ca_batch_bind_eab(
    struct ca_batch *b, const char *kid, const char *account, int64_t now);

/**
 * ca_batch_revoke_eab(b, kid, at):
 * Revoke a binding key, wipe its HMAC key and end the account that it is
 * bound to; one already revoked keeps its first date [ERR_STATE_NOT_FOUND].
 */
void ca_batch_revoke_eab(struct ca_batch *b, const char *kid, int64_t at);

/**
 * ca_batch_end_account(b, id):
 * End a valid account from our side: status "revoked" (RFC 8555 section
 * 7.1.2); one that is not valid stays [ERR_STATE_NOT_FOUND].
 */
void ca_batch_end_account(struct ca_batch *b, const char *id);

#endif

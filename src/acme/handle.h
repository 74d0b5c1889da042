/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_HANDLE_H
#define ACME_HANDLE_H

struct acme_account;
struct acme_order;
struct acme_turn;

/**
 * acme_handle_directory(t), acme_handle_nonce(t),
 * acme_handle_new_account(t), acme_handle_account(t), acme_handle_orders(t),
 * acme_handle_new_order(t), acme_handle_order(t), acme_handle_finalize(t),
 * acme_handle_cert(t), acme_handle_authz(t), acme_handle_challenge(t),
 * acme_handle_key_change(t), acme_handle_revoke(t),
 * acme_handle_renewal(t):
 * Decide one kind of request.  0 with the outcome filled in,
 * ERR_STATE_REFUSED with the turn's problem, or an ERR_SYS code.
 */
int acme_handle_directory(struct acme_turn *t);
int acme_handle_nonce(struct acme_turn *t);
int acme_handle_new_account(struct acme_turn *t);
int acme_handle_account(struct acme_turn *t);
int acme_handle_orders(struct acme_turn *t);
int acme_handle_new_order(struct acme_turn *t);
int acme_handle_order(struct acme_turn *t);
int acme_handle_finalize(struct acme_turn *t);
int acme_handle_cert(struct acme_turn *t);
int acme_handle_authz(struct acme_turn *t);
int acme_handle_challenge(struct acme_turn *t);
int acme_handle_key_change(struct acme_turn *t);
int acme_handle_revoke(struct acme_turn *t);
int acme_handle_renewal(struct acme_turn *t);

/**
 * acme_handle_show_order(t, status, o), acme_handle_show_account(t, status, a):
 * Reply with an object and its Location.
 */
int acme_handle_show_order(
    struct acme_turn *t, int status, const struct acme_order *o);
int acme_handle_show_account(
    struct acme_turn *t, int status, const struct acme_account *a);

#endif

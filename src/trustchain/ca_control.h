/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CONTROL_H
#define TRUSTCHAIN_CA_CONTROL_H

#include "base/err.h"
#include "wire/json.h"

/*
 * The daemon's side of the commands of section 12 that ask or change a
 * running daemon: one JSON object {"op": ...} each, see ops/control.h.
 *
 *	token.create  role[] name_scope[] profile[] ttl_s rate -> token id
 *	token.list    -> tokens[]
 *	token.revoke  id
 *	issue         csr profile? issuer? san[]? hours? -> certificate record
 *	show          serial -> certificate record
 *	rotate        threshold_s? immediate? -> rotated serial not_before
 *	              not_after remaining_s
 *	revoke        serial|fingerprint|name|eab_kid reason? block?
 *	              -> revoked serials[] reason at
 *	block.add     kind value; block.remove likewise
 *	block.list    -> blocks[]
 *	cleanup       archive_revoked? -> der_dropped rows_removed archived
 *	backup.done   id bytes sha256, for the audit log
 *	halt          -> issuance
 *	resume        operation_id? -> issuance halted[]
 *	emergency.approve note -> operation_id action scope reason not_after
 *	              token?
 *	emergency.show operation_id? -> operation, or operations[]
 *	revoke-all    token, or dry_run and scope? -> as in ca_sweep.h
 *	crl.publish   -> issuers[] of {issuer, number, entries, at}
 *	list          status? name? limit? cursor? -> certificates[] next?
 */
struct ca_auth;
struct ca_authority;
struct ca_cleanup;
struct ca_config;
struct ca_control;
struct ca_crl;
struct ca_backups;
struct ca_issue;
struct ca_revoke;
struct ca_store;
struct ca_sweep;
struct ca_tls;
struct clock;
struct ops_control_call;
struct rng;

struct ca_control_opts {
	struct ca_store *store;
	struct ca_auth *auth;
	struct ca_issue *issue;
	struct ca_revoke *revoke;
	struct ca_crl *crl;
	struct ca_sweep *sweep;
	struct ca_tls *tls;
	struct ca_cleanup *cleanup;
	struct ca_backups *backups;
	const struct ca_authority *authority;
	const struct ca_config *config;
	const struct clock *clock;
	const struct rng *rng;
};

/**
 * ca_control_new(opts, ret):
 * What ${opts} names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_control_new(
    const struct ca_control_opts *opts, struct ca_control **ret);

/**
 * ca_control_free(c):
 * NULL is legal.
 */
void ca_control_free(struct ca_control *c);

/**
 * ca_control_handle(ctx, call, request):
 * An ops_control_fn; ${ctx} is a struct ca_control.
 */
void ca_control_handle(
    void *ctx, struct ops_control_call *call, const json_t *request);

#endif

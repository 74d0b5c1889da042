/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_EXEC_INTERNAL_H
#define TRUSTCHAIN_CA_EXEC_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

struct arena;
struct ca_op;
struct store_sql;

/* What one batch knows while it runs. */
struct ca_exec {
	struct store_sql *q;
	struct arena *arena;
	int64_t cert_id; /* the certificate put by this batch */
};

/** ca_exec_revoke(x, op): Perform ca_batch_revoke. */
MUST_CHECK int ca_exec_revoke(struct ca_exec *x, struct ca_op *op);

/**
 * ca_exec_eab_bind(x, op), ca_exec_eab_revoke(x, op),
 * ca_exec_account_end(x, op):
 * Perform ca_batch_bind_eab and so on.
 */
MUST_CHECK int ca_exec_eab_bind(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_eab_revoke(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_account_end(struct ca_exec *x, struct ca_op *op);

/**
 * ca_exec_eab_end(x, kid, at):
 * Revoke a binding key and end its account.  ERR_STATE_NOT_FOUND.
 */
MUST_CHECK int ca_exec_eab_end(struct ca_exec *x, const char *kid, int64_t at);

/** ca_exec_revoke_match(x, op): Perform ca_batch_revoke_match. */
MUST_CHECK int ca_exec_revoke_match(struct ca_exec *x, struct ca_op *op);

/** ca_exec_gc(x, op), ca_exec_charge(x, op): ca_batch_gc, ca_batch_charge. */
MUST_CHECK int ca_exec_gc(struct ca_exec *x, struct ca_op *op);
/** ca_exec_charge: see ca_exec_gc. */
MUST_CHECK int ca_exec_charge(struct ca_exec *x, struct ca_op *op);

/** ca_exec_sweep(x, op): Perform ca_batch_sweep. */
MUST_CHECK int ca_exec_sweep(struct ca_exec *x, struct ca_op *op);

/**
 * ca_exec_crl(x, op), ca_exec_open(x, op), ca_exec_emergency_begin(x, op),
 * ca_exec_emergency_count(x, op), ca_exec_emergency_done(x, op),
 * ca_exec_emergency_allow(x, op), ca_exec_emergency_resume(x, op):
 * Perform ca_batch_crl and so on.
 */
MUST_CHECK int ca_exec_crl(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_open(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_emergency_begin(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_emergency_count(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_emergency_done(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_emergency_allow(struct ca_exec *x, struct ca_op *op);
MUST_CHECK int ca_exec_emergency_resume(struct ca_exec *x, struct ca_op *op);

/**
 * ca_exec_hold(x, issuer):
 * Halt the issuer if an operation over all issuers is not resumed: one that is
 * configured meanwhile does not issue either.
 */
MUST_CHECK int ca_exec_hold(struct ca_exec *x, const char *issuer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_BATCH_INTERNAL_H
#define TRUSTCHAIN_CA_BATCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trustchain/ca_row.h"

struct arena;

enum ca_op_kind {
	CA_OP_PUT_ISSUER,
	CA_OP_ISSUER_STATE,
	CA_OP_PUT_CERT,
	CA_OP_FINALIZE,
	CA_OP_ABANDON,
	CA_OP_REVOKE,
	CA_OP_REVOKE_MATCH,
	CA_OP_SWEEP,
	CA_OP_CRL,
	CA_OP_OPEN,
	CA_OP_EMERGENCY_ARM,
	CA_OP_EMERGENCY_BEGIN,
	CA_OP_EMERGENCY_COUNT,
	CA_OP_EMERGENCY_DONE,
	CA_OP_EMERGENCY_ALLOW,
	CA_OP_EMERGENCY_RESUME,
	CA_OP_PUT_IDEM,
	CA_OP_OUTBOX,
	CA_OP_OUTBOX_DONE,
	CA_OP_PUT_TOKEN,
	CA_OP_REVOKE_TOKEN,
	CA_OP_PUT_EAB,
	CA_OP_BIND_EAB,
	CA_OP_REVOKE_EAB,
	CA_OP_END_ACCOUNT,
	CA_OP_PUT_BLOCK,
	CA_OP_DROP_BLOCK,
	CA_OP_PUT_ACCOUNT,
	CA_OP_PUT_ORDER,
	CA_OP_PUT_AUTHZ,
	CA_OP_PUT_CHALLENGE,
	CA_OP_CHARGE,
	CA_OP_GC,
	CA_OP_DROP_CERT,
	CA_OP_DROP_DER,
	CA_OP_COUNT
};

/* One change; which members it uses depends on its kind. */
struct ca_op {
	struct ca_op *next;
	enum ca_op_kind kind;
	void *row;
	const struct ca_name *names;
	size_t n_names;
	const char *a, *b;
	struct ca_blob serial;
	int64_t i, j;
};

struct ca_batch {
	struct arena *arena;
	struct ca_op *first, **last;
	int rc;	      /* first error while filling */
	bool revokes; /* something the status services must know */
};

/**
 * ca_batch_op(b, kind):
 * Return a new change at the end of the batch, or NULL with the error kept.
 */
struct ca_op *ca_batch_op(struct ca_batch *b, enum ca_op_kind kind);

/**
 * ca_batch_row(b, kind, table, row):
 * The same for a change that carries a copy of ${row}, of enum ca_table_id.
 */
struct ca_op *ca_batch_row(
    struct ca_batch *b, enum ca_op_kind kind, int table, const void *row);

/**
 * ca_batch_text(b, s), ca_batch_blob(b, blob):
 * Return a copy in the batch; NULL stays NULL.  What fails sticks to ${b}.
 */
const char *ca_batch_text(struct ca_batch *b, const char *s);
/** ca_batch_blob: see ca_batch_text. */
struct ca_blob ca_batch_blob(struct ca_batch *b, struct ca_blob blob);

#endif

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

/** ca_exec_sweep(x, op): Perform ca_batch_sweep. */
MUST_CHECK int ca_exec_sweep(struct ca_exec *x, struct ca_op *op);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_EXEC_H
#define TRUSTCHAIN_CA_EXEC_H

#include "base/err.h"

struct ca_batch;
struct store_sql;

/**
 * ca_exec_batch(q, b):
 * Make the changes of ${b} inside the current transaction, in order, up to
 * the first one that fails; its code is returned and the caller rolls back.
 */
MUST_CHECK int ca_exec_batch(struct store_sql *q, struct ca_batch *b);

#endif

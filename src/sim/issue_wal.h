/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_ISSUE_WAL_H
#define SIM_ISSUE_WAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Rows on a simulated disk: records with checksums, one after the other; a
 * later one of a serial replaces the earlier, and the first that is not whole
 * ends the file.
 */
struct sim_disk;

#define ISSUE_ROWS_MAX 1024

enum issue_row_state {
	ISSUE_ROW_PENDING,
	ISSUE_ROW_ISSUED,
	ISSUE_ROW_ABANDONED,
	ISSUE_ROW_ENTRY, /* of a log */
	ISSUE_ROW_EPOCH	 /* of the issuer, no certificate: serial 0 */
};

struct issue_row {
	uint32_t state, key, epoch, index;
	uint64_t serial, precert, final, created_us;
};

struct issue_table {
	struct issue_row rows[ISSUE_ROWS_MAX];
	size_t n;
};

/**
 * issue_wal_append(d, row):
 * Write one record at the end of the file.  ERR_SYS_NOSPACE, ERR_SYS_NOMEM.
 */
MUST_CHECK int issue_wal_append(
    struct sim_disk *d, const struct issue_row *row);

/**
 * issue_wal_read(bytes, len, t):
 * Fill ${t} from a file's bytes and return the length of its whole records.
 */
size_t issue_wal_read(const uint8_t *bytes, size_t len, struct issue_table *t);

/**
 * issue_table_put(t, row), issue_table_find(t, serial):
 * Add or replace a row; find one, or NULL.
 */
void issue_table_put(struct issue_table *t, const struct issue_row *row);
struct issue_row *issue_table_find(struct issue_table *t, uint64_t serial);

#endif

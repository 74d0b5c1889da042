/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/issue_wal.h"

#include <string.h>

#include "base/assert.h"
#include "base/map.h"
#include "sim/sim_disk.h"

struct record {
	struct issue_row row;
	uint64_t checksum;
};

_Static_assert(sizeof(struct record) == 56, "no padding in a record");

static uint64_t
checksum(const struct issue_row *row)
{
	static const uint8_t key[16] = "issue wal";

	return base_map_siphash(key, row, sizeof(*row));
}

int
issue_wal_append(struct sim_disk *d, const struct issue_row *row)
{
	struct record r = { *row, checksum(row) };
	size_t len;

	sim_disk_bytes(d, &len);
	return sim_disk_write(d, len, &r, sizeof(r));
}

size_t
issue_wal_read(const uint8_t *bytes, size_t len, struct issue_table *t)
{
	struct record r;
	size_t at;

	t->n = 0;
	for (at = 0; at + sizeof(r) <= len; at += sizeof(r)) {
		memcpy(&r, bytes + at, sizeof(r));
		if (r.checksum != checksum(&r.row))
			break;
		issue_table_put(t, &r.row);
	}
	return at;
}

struct issue_row *
issue_table_find(struct issue_table *t, uint64_t serial)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].serial == serial)
			return &t->rows[i];
	return NULL;
}

void
issue_table_put(struct issue_table *t, const struct issue_row *row)
{
	struct issue_row *old = issue_table_find(t, row->serial);

	if (old == NULL) {
		TROTH_ASSERT(t->n < ISSUE_ROWS_MAX);
		old = &t->rows[t->n++];
	}
	*old = *row;
}

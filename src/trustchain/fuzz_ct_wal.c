/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "trustchain/ct_leaf.h"
#include "trustchain/ct_wal.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Read a segment as recovery does, entries included. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ct_wal_record record;
	struct ct_wal_header header;
	struct ct_wal_scan scan;
	struct ct_leaf leaf;
	const uint8_t *part;
	size_t pos, n, used;

	if (ct_wal_header_parse(data, len, &header) != 0)
		return 0;
	ct_wal_scan_init(&scan, data, len, &header);
	while (ct_wal_scan_next(&scan, &record) == CT_WAL_RECORD) {
		TROTH_ASSERT(scan.pos <= len);
		pos = 0;
		while (ct_wal_next_leaf(&record, &pos, &part, &n) == 1)
			(void)!ct_leaf_parse(part, n, &leaf, &used);
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "audit/dir.h"
#include "audit/log_internal.h"
#include "audit/scan.h"
#include "base/fault.h"

int
audit_log_read_newest(struct audit_log *log, struct fault *fault)
{
	struct audit_scan_tail tail;
	int rc;

	log->first = audit_log_size(log);
	log->first_ms = 0;
	rc = audit_scan_file(log->dir->log, audit_log_take_old, log, &tail);
	if (rc == ERR_STATE_INTEGRITY)
		base_fault_set(fault, rc,
		    "audit log differs from its checkpoint or is damaged, "
		    "line %" PRIu64 " offset %" PRIu64,
		    audit_log_size(log), tail.offset);
	else if (rc == 0 && audit_log_size(log) < log->published.size)
		rc = base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "audit log has %" PRIu64 " lines, its checkpoint covers "
		    "%" PRIu64 ": truncated or rolled back",
		    audit_log_size(log), log->published.size);
	if (rc == 0 && tail.len > 0)
		rc = audit_dir_cut(log->dir, tail.offset, tail.data, tail.len);
	free(tail.data);
	return rc;
}

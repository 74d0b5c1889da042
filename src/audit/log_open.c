/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "audit/dir.h"
#include "audit/log_internal.h"
#include "base/fault.h"

int
audit_log_open(const struct audit_log_opts *opts, struct fault *fault,
    struct audit_log **ret_log)
{
	struct audit_log *log = calloc(1, sizeof(*log));
	struct fault why = { 0, "" };
	int rc = ERR_SYS_NOMEM;

	if (log != NULL) {
		log->opts = *opts;
		log->dir = calloc(1, sizeof(*log->dir));
		log->tiles = audit_log_tiles_new();
	}
	if (log != NULL && log->dir != NULL && log->tiles != NULL) {
		log->dir->disk = opts->disk;
		log->dir->path = opts->dir;
		rc = audit_log_read_checkpoint(log, &why);
	}
	if (rc == 0)
		rc = audit_dir_open(log->dir);
	if (rc == 0)
		rc = audit_log_read_segments(log, &why);
	if (rc == 0)
		rc = audit_log_read_newest(log, &why);
	if (rc != 0) {
		audit_log_close(log);
		return base_fault_set(fault, rc, "%s: %s", opts->dir,
		    why.msg[0] != '\0' ? why.msg : base_err_text(rc));
	}
	*ret_log = log;
	return 0;
}

void
audit_log_close(struct audit_log *log)
{
	if (log == NULL)
		return;
	if (log->dir != NULL)
		audit_dir_close(log->dir);
	free(log->dir);
	audit_log_tiles_free(log);
	free(log);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/head.h"
#include "audit/log_internal.h"
#include "base/fault.h"

_Static_assert((int)AUDIT_LOG_TEXT_MAX == (int)AUDIT_HEAD_TEXT_MAX &&
		   (int)AUDIT_LOG_NOTE_MAX == (int)AUDIT_HEAD_NOTE_MAX,
    "as a head has them");

int
audit_log_read_checkpoint(struct audit_log *log, struct fault *fault)
{
	int rc;

	if (log->opts.vkey == NULL)
		return 0;
	rc = audit_head_load(log->opts.dir, log->opts.vkey, &log->published);
	if (rc == 0 || rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (base_err_class(rc) == ERR_CLASS_PEER)
		return base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "audit checkpoint: %s", base_err_text(rc));
	return rc;
}

int
audit_log_text(struct audit_log *log)
{
	return audit_head_text(log->opts.vkey, &log->prepared, log->text);
}

int
audit_log_note(const struct audit_log *log, const uint8_t *sig, size_t sig_len,
    char note[AUDIT_LOG_NOTE_MAX])
{
	return audit_head_note(log->opts.vkey, log->text, sig, sig_len, note);
}

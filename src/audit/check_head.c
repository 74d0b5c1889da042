/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "audit/check_internal.h"
#include "audit/source.h"
#include "base/fault.h"
#include "base/str.h"
#include "merkle/note.h"
#include "merkle/signed.h"

int
audit_check_head(const struct audit_check_opts *opts, struct fault *fault,
    struct merkle_head *ret)
{
	char text[MERKLE_NOTE_MAX];
	struct merkle_note note;
	size_t len;
	int rc;

	rc = audit_source_load(
	    opts->source, "checkpoint", text, sizeof(text), &len);
	if (rc == 0)
		rc = merkle_signed_head(text, len, opts->vkey, &note, ret);
	if (base_err_class(rc) == ERR_CLASS_PEER)
		return base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "checkpoint: %s", base_err_text(rc));
	return rc == 0 ? 0
		       : base_fault_set(
			     fault, rc, "checkpoint: %s", base_err_text(rc));
}

int
audit_check_range(const struct audit_check_opts *opts, struct fault *fault,
    uint64_t *first, uint64_t *end)
{
	char text[64], *space = NULL;
	uint64_t a, b;
	size_t len;
	int rc;

	rc = audit_source_load(
	    opts->source, "range", text, sizeof(text) - 1, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (base_err_class(rc) == ERR_CLASS_SYS)
		return base_fault_set(
		    fault, rc, "range: %s", base_err_text(rc));
	if (rc == 0)
		space = memchr(text, ' ', len);
	if (space == NULL || text[len - 1] != '\n' ||
	    base_str_u64(text, (size_t)(space - text), &a) != 0 ||
	    base_str_u64(
		space + 1, (size_t)(text + len - 1 - (space + 1)), &b) != 0 ||
	    a >= b || b > *end)
		return base_fault_set(
		    fault, ERR_STATE_INTEGRITY, "range: not a part of the log");
	*first = a;
	*end = b;
	return 0;
}

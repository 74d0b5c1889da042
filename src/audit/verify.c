/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/verify.h"

#include <string.h>

#include "audit/check.h"
#include "audit/source.h"
#include "base/fault.h"

int
audit_verify_log(const struct audit_verify_opts *opts, struct fault *fault,
    struct audit_verify_result *ret)
{
	struct audit_check_opts o = { NULL, opts->vkey, opts->event_id };
	struct audit_check_result r;
	struct audit_source *source;
	int rc;

	memset(ret, 0, sizeof(*ret));
	rc = audit_source_dir(opts->log, opts->tiles, &source);
	if (rc != 0)
		return base_fault_set(
		    fault, rc, "%s: %s", opts->log, base_err_text(rc));
	o.source = source;
	rc = audit_check(&o, fault, &r);
	audit_source_free(source);
	ret->head = r.head;
	ret->lines = r.end;
	ret->index = r.index;
	return rc;
}

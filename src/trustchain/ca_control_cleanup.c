/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/control.h"
#include "trustchain/ca_cleanup.h"
#include "trustchain/ca_control_internal.h"

static void
done(void *ctx, const struct ca_cleanup_result *r)
{
	struct ops_control_call *call = ctx;

	if (r->rc != 0)
		ops_control_error(call, r->rc,
		    "%s, after der_dropped=%zu rows_removed=%zu archived=%zu",
		    base_err_text(r->rc), r->der_dropped, r->rows_removed,
		    r->archived);
	else
		ops_control_reply(
		    call, json_pack("{s:b, s:I, s:I, s:I}", "ok", 1,
			      "der_dropped", (json_int_t)r->der_dropped,
			      "rows_removed", (json_int_t)r->rows_removed,
			      "archived", (json_int_t)r->archived));
}

void
ca_control_cleanup(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	bool archive = json_is_true(json_object_get(req, "archive_revoked"));
	int rc = ca_cleanup_run(c->o.cleanup, archive, done, call);

	if (rc != 0)
		ops_control_error(call, rc, "%s",
		    rc == ERR_STATE_CONFLICT ? "a clean-up runs already"
					     : base_err_text(rc));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/control.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_tls.h"
#include "wire/time.h"

/* Answer once the certificate is there, or is not due. */
static void
done(void *ctx, const struct ca_tls_result *r)
{
	struct ops_control_call *call = ctx;
	char from[WIRE_TIME_TEXT_MAX], to[WIRE_TIME_TEXT_MAX];

	if (r->rc != 0) {
		ops_control_error(call, r->rc,
		    "%s%s%s; the certificate in use stays",
		    r->code != NULL ? r->code : "", r->code != NULL ? ": " : "",
		    r->detail);
		return;
	}
	wire_time_format(r->not_before, from);
	wire_time_format(r->not_after, to);
	ops_control_reply(
	    call, json_pack("{s:b, s:b, s:s, s:s, s:s, s:I}", "ok", 1,
		      "rotated", r->rotated, "serial", r->serial, "not_before",
		      from, "not_after", to, "remaining_s",
		      (json_int_t)(r->left_ms / 1000)));
}

void
ca_control_rotate(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	int64_t threshold_s = 0, ms = -1;
	int rc;

	rc = wire_json_int(req, "threshold_s", 0, 86400, &threshold_s);
	if (rc == 0)
		ms = threshold_s * 1000;
	else if (rc != ERR_STATE_NOT_FOUND) {
		ops_control_error(call, ERR_STATE_USAGE,
		    "the threshold is a time of up to 24h");
		return;
	}
	if (json_is_true(json_object_get(req, "immediate")))
		ms = INT64_MAX;
	if ((rc = ca_tls_rotate(c->o.tls, ms, done, call)) != 0)
		ops_control_error(
		    call, rc, "others wait for a rotation already; try again");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/control.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_emergency_note.h"
#include "trustchain/ca_sweep.h"

/* Operations halt, resume, emergency.* and revoke-all. */

static int
class_of(enum ca_problem p)
{
	switch (p) {
	case CA_PROBLEM_MALFORMED:
		return ERR_STATE_USAGE;
	case CA_PROBLEM_NOT_FOUND:
		return ERR_STATE_NOT_FOUND;
	case CA_PROBLEM_UNAUTHORIZED:
		return ERR_STATE_UNAUTHORIZED;
	case CA_PROBLEM_FORBIDDEN:
		return ERR_STATE_REFUSED;
	case CA_PROBLEM_CONFLICT:
		return ERR_STATE_CONFLICT;
	default:
		return ERR_SYS_UNAVAILABLE;
	}
}

static void
answered(void *ctx, const struct ca_sweep_result *r)
{
	struct ops_control_call *call = ctx;

	if (r->problem != CA_PROBLEM_NONE) {
		ops_control_error(call, class_of(r->problem), "%s", r->detail);
		return;
	}
	(void)json_object_set_new(r->reply, "ok", json_true());
	ops_control_reply(call, json_incref(r->reply));
}

/* An optional string member. */
static bool
text(struct ops_control_call *call, const json_t *req, const char *name,
    size_t max, const char **ret)
{
	size_t len;
	int rc = wire_json_string(req, name, max, ret, &len);

	if (rc == ERR_STATE_NOT_FOUND)
		*ret = NULL;
	else if (rc != 0)
		ops_control_error(
		    call, ERR_STATE_USAGE, "%s is too long or no text", name);
	return rc == 0 || rc == ERR_STATE_NOT_FOUND;
}

void
ca_control_halt(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	(void)req;
	ca_sweep_halt(c->o.sweep, "system", answered, call);
}

void
ca_control_resume(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *id;

	if (text(call, req, "operation_id", 64, &id))
		ca_sweep_resume(c->o.sweep, id, "system", answered, call);
}

void
ca_control_approve(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *note;
	size_t len;

	if (wire_json_string(req, "note", CA_EMERGENCY_NOTE_MAX, &note, &len) !=
	    0)
		ops_control_error(
		    call, ERR_STATE_USAGE, "the statement is missing");
	else
		ca_sweep_arm(c->o.sweep, note, len, answered, call);
}

void
ca_control_emergencies(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *id;

	if (text(call, req, "operation_id", 64, &id))
		ca_sweep_show(c->o.sweep, id, answered, call);
}

void
ca_control_revoke_all(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	const char *token, *scope;

	if (!text(call, req, "token", CA_SWEEP_TOKEN_MAX, &token) ||
	    !text(call, req, "scope", 32, &scope))
		return;
	if (json_is_true(json_object_get(req, "dry_run")))
		ca_sweep_count(c->o.sweep, scope, answered, call);
	else if (token == NULL)
		ops_control_error(call, ERR_STATE_UNAUTHORIZED,
		    "an emergency token is needed, which two operators make: "
		    "emergency arm, emergency approve");
	else
		ca_sweep_run(c->o.sweep, token, scope, answered, call);
}

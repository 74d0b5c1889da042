/* SPDX-License-Identifier: Apache-2.0 */
/* Responses to challenges (RFC 8555 section 7.5.1). */
#include "acme/authz_update.h"

#include "acme/kind.h"
#include "acme/limit_kind.h"
#include "acme/load_authz.h"
#include "acme/payload.h"
#include "acme/turn_change.h"

int
acme_authz_update_respond(
    struct acme_turn *t, const struct acme_authz *a, struct acme_challenge *c)
{
	struct acme_challenge *next;
	json_t *o;
	int rc = acme_payload_object(t, &o);

	if (rc != 0)
		return rc;
	json_decref(o);
	if (c->status != ACME_PENDING)
		return 0;
	if (acme_load_authz_state(a, t->now_ms) != ACME_PENDING)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.5.1: the authorization is not "
		    "pending");
	rc = acme_turn_limited(t, ACME_LIMIT_FAILED,
	    acme_load_authz_limit_key(t->arena, a),
	    "failed validations of this name");
	if (rc != 0)
		return rc;
	next = acme_turn_dup(t, c, sizeof(*c));
	if (next == NULL)
		return ERR_SYS_NOMEM;
	acme_state_move(ACME_CHALLENGE, &next->status, ACME_PROCESSING);
	*c = *next;
	return acme_turn_put(t, ACME_PUT_CHALLENGE, next);
}

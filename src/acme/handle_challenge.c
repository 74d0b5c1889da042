/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges (RFC 8555 section 7.5.1). */
#include "acme/handle.h"

#include "acme/authz_run.h"
#include "acme/authz_update.h"
#include "acme/load_authz.h"
#include "acme/turn_internal.h"
#include "acme/view.h"

int
acme_handle_challenge(struct acme_turn *t)
{
	struct acme_challenge c;
	struct acme_authz a;
	int rc;

	rc = acme_load_challenge(t, t->id, &c, &a);
	if (rc == 0 && t->payload_len > 0)
		rc = acme_authz_update_respond(t, &a, &c);
	if (rc == 0)
		rc = acme_authz_run(t, &a, &c);
	if (rc == 0)
		rc = acme_turn_link(
		    t, acme_turn_url(t, "authz", a.id, ""), "up");
	return rc != 0 ? rc
		       : acme_turn_json(t, 200, acme_view_challenge(t, &c));
}

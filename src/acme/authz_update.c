/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/authz_update.h"

#include <string.h>

#include "acme/kind.h"
#include "acme/load_authz.h"
#include "acme/news.h"
#include "acme/payload.h"
#include "acme/turn_change.h"

/* The payload must ask for deactivation: there is no other update. */
static int
wants_deactivation(struct acme_turn *t)
{
	const char *status;
	json_t *o;
	int rc = acme_payload_object(t, &o);

	if (rc != 0)
		return rc;
	rc = acme_payload_word(t, o, "status", &status);
	json_decref(o);
	if (rc == 0 && (status == NULL || strcmp(status, "deactivated") != 0))
		rc = acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.5.2: status must be deactivated");
	return rc;
}

int
acme_authz_update_deactivate(struct acme_turn *t, struct acme_authz *a)
{
	struct acme_authz *next = acme_turn_dup(t, a, sizeof(*a));
	const struct acme_news news = { t->store, t->arena, t->out, next, NULL,
		t->now_ms };
	int rc;

	if (next == NULL)
		return ERR_SYS_NOMEM;
	rc = wants_deactivation(t);
	if (rc != 0)
		return rc;
	if (!acme_state_may(ACME_AUTHZ, acme_load_authz_state(a, t->now_ms),
		ACME_DEACTIVATED))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.1.6: the authorization is no longer "
		    "pending or valid");
	acme_state_move(ACME_AUTHZ, &next->status, ACME_DEACTIVATED);
	*a = *next;
	rc = acme_turn_put(t, ACME_PUT_AUTHZ, next);
	return rc != 0 ? rc : acme_news_tell(&news);
}

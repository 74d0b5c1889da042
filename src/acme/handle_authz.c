/* SPDX-License-Identifier: Apache-2.0 */
/* Authorizations (RFC 8555 section 7.5). */
#include "acme/handle.h"

#include "acme/authz_run.h"
#include "acme/authz_update.h"
#include "acme/load_authz.h"
#include "acme/turn_internal.h"
#include "acme/view.h"

/* Of several the one that was responded to; NULL when none was. */
static const struct acme_challenge *
processing(const struct acme_challenge *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (c[i].status == ACME_PROCESSING)
			return &c[i];
	return NULL;
}

int
acme_handle_authz(struct acme_turn *t)
{
	const struct acme_challenge *runs = NULL;
	struct acme_challenge *c;
	struct acme_authz a;
	size_t n;
	int rc = acme_load_authz(t, t->id, &a);

	if (rc == 0 && t->payload_len > 0)
		rc = acme_authz_update_deactivate(t, &a);
	if (rc == 0)
		rc = acme_load_challenges(t, a.id, &c, &n);
	if (rc == 0)
		runs = processing(c, n);
	if (runs != NULL)
		rc = acme_authz_run(t, &a, runs);
	return rc != 0 ? rc
		       : acme_turn_json(t, 200, acme_view_authz(t, &a, c, n));
}

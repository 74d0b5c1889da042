/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts (RFC 8555 sections 7.3.2, 7.3.6). */
#include "acme/handle.h"

#include <string.h>

#include "acme/account.h"
#include "acme/kind.h"
#include "acme/load_account.h"
#include "acme/payload_account.h"
#include "acme/turn_change.h"
#include "acme/view.h"

int
acme_handle_show_account(
    struct acme_turn *t, int status, const struct acme_account *a)
{
	int rc = acme_turn_header(
	    t, "location", acme_turn_url(t, "acct", a->id, ""));

	return rc != 0 ? rc
		       : acme_turn_json(t, status, acme_view_account(t, a));
}

static int
update(struct acme_turn *t, struct acme_account *a)
{
	struct acme_payload_account in = { 0 };
	int rc = acme_payload_account(t, &in);

	if (rc != 0)
		return rc;
	if (in.status != NULL && strcmp(in.status, "deactivated") == 0) {
		acme_state_move(ACME_ACCOUNT, &a->status, ACME_DEACTIVATED);
		rc = acme_turn_audit(
		    t, "acme.account.deactivated", a->id, NULL);
	} else if (in.status != NULL && strcmp(in.status, "valid") != 0) {
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.3.6: status can only become "
		    "deactivated");
	} else if (in.contact == NULL) {
		return 0;
	}
	if (in.contact != NULL)
		a->contact = in.contact;
	return rc != 0 ? rc : acme_turn_put(t, ACME_PUT_ACCOUNT, a);
}

int
acme_handle_account(struct acme_turn *t)
{
	struct acme_account *a = acme_turn_alloc(t, sizeof(*a));
	int rc = acme_turn_own(t, t->id);

	if (rc == 0 && a == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = acme_load_account(t, t->id, a);
	if (rc == 0 && t->payload_len > 0)
		rc = update(t, a);
	return rc != 0 ? rc : acme_turn_json(t, 200, acme_view_account(t, a));
}

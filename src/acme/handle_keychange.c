/* SPDX-License-Identifier: Apache-2.0 */
/* keyChange (RFC 8555 section 7.3.5). */
#include "acme/handle.h"

#include "acme/account.h"
#include "acme/key_change.h"
#include "acme/kind.h"
#include "acme/load_account.h"
#include "acme/turn_change.h"

/* The new key has an account: say which. */
static int
taken(struct acme_turn *t, const char *id)
{
	int rc =
	    acme_turn_header(t, "location", acme_turn_url(t, "acct", id, ""));

	return rc != 0 ? rc
		       : acme_turn_refuse(t, 409, ACME_PROBLEM_MALFORMED,
			     "RFC 8555 section 7.3.5: the new key has an "
			     "account already");
}

int
acme_handle_key_change(struct acme_turn *t)
{
	struct acme_account *a = acme_turn_alloc(t, sizeof(*a)), known;
	struct acme_key_change in;
	int rc = acme_key_change_read(t, &in);

	if (rc == 0 && a == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = acme_load_account(t, t->account, a);
	if (rc != 0)
		return rc;
	rc = acme_load_account_key(t, in.thumbprint, &known);
	if (rc == 0)
		return taken(t, known.id);
	if (rc != ERR_STATE_NOT_FOUND)
		return rc;
	a->jwk = in.jwk;
	a->thumbprint = in.thumbprint;
	rc = acme_turn_put(t, ACME_PUT_ACCOUNT, a);
	if (rc == 0)
		rc = acme_turn_audit(
		    t, "acme.account.key_changed", a->id, NULL);
	return rc != 0 ? rc : acme_handle_show_account(t, 200, a);
}

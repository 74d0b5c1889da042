/* SPDX-License-Identifier: Apache-2.0 */
/* newAccount (RFC 8555 section 7.3). */
#include "acme/handle.h"

#include <string.h>

#include "acme/account.h"
#include "acme/account_make.h"
#include "acme/eab_bind.h"
#include "acme/kind.h"
#include "acme/limit_kind.h"
#include "acme/load_account.h"
#include "acme/payload_account.h"
#include "acme/turn_change.h"

static int
create(struct acme_turn *t, const struct acme_payload_account *in,
    struct acme_account *a)
{
	const char *peer = acme_account_make_peer(t);
	int rc;

	rc = acme_turn_limited(
	    t, ACME_LIMIT_ACCOUNTS, peer, "accounts from this address");
	if (rc == 0)
		rc = acme_turn_id(t, 16, &a->id);
	if (rc == 0)
		rc = acme_eab_bind(t, in->binding, a->id, &a->eab_kid);
	if (rc != 0)
		return rc;
	a->status = ACME_VALID;
	a->contact = in->contact == NULL ? "[]" : in->contact;
	a->created = t->now_ms;
	rc = acme_turn_put(t, ACME_PUT_ACCOUNT, a);
	if (rc == 0)
		rc = acme_turn_audit(
		    t, "acme.account.created", a->id, a->eab_kid);
	acme_turn_charge(t, ACME_LIMIT_ACCOUNTS, peer);
	return rc != 0 ? rc : acme_handle_show_account(t, 201, a);
}

int
acme_handle_new_account(struct acme_turn *t)
{
	struct acme_account *a = acme_turn_alloc(t, sizeof(*a));
	struct acme_payload_account in = { 0 };
	struct acme_account known;
	int rc = acme_payload_account(t, &in);

	if (rc == 0 && a == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = acme_account_make_key(t, &a->jwk, &a->thumbprint);
	if (rc != 0)
		return rc;
	rc = acme_load_account_key(t, a->thumbprint, &known);
	if (rc == 0 && known.status != ACME_VALID)
		return acme_turn_refuse(t, 401, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 8555 section 7.3.6: the account is not valid");
	if (rc == 0)
		return acme_handle_show_account(t, 200, &known);
	if (rc != ERR_STATE_NOT_FOUND)
		return rc;
	if (in.only_existing)
		return acme_turn_refuse(t, 0,
		    ACME_PROBLEM_ACCOUNT_DOES_NOT_EXIST,
		    "RFC 8555 section 7.3.1: this key has no account");
	if (!in.terms_agreed && acme_account_make_terms(t))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_USER_ACTION_REQUIRED,
		    "RFC 8555 section 7.3: the terms of service must be "
		    "agreed to");
	return create(t, &in, a);
}

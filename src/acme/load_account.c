/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/load_account.h"

#include "acme/account.h"
#include "acme/store.h"
#include "acme/turn_internal.h"

int
acme_load_account(struct acme_turn *t, const char *id, struct acme_account *ret)
{
	int rc = t->store->ops->account(t->store->ctx, id, t->arena, ret);

	if (rc == ERR_STATE_NOT_FOUND)
		return acme_turn_refuse(t, 0,
		    ACME_PROBLEM_ACCOUNT_DOES_NOT_EXIST,
		    "RFC 8555 section 6.2: kid names no account");
	if (rc == 0 && ret->status != ACME_VALID)
		return acme_turn_refuse(t, 401, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 8555 section 7.3.6: the account is not valid");
	return rc;
}

int
acme_load_account_jwk(struct acme_turn *t, const char *id, const char **ret)
{
	struct acme_account a;
	int rc = acme_load_account(t, id, &a);

	if (rc == 0)
		*ret = a.jwk;
	return rc;
}

int
acme_load_account_key(
    struct acme_turn *t, const char *thumbprint, struct acme_account *ret)
{
	return t->store->ops->account_key(
	    t->store->ctx, thumbprint, t->arena, ret);
}

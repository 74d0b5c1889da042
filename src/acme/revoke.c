/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/revoke.h"

#include <stdio.h>
#include <string.h>

#include "acme/authz.h"
#include "acme/cert.h"
#include "acme/ident_type.h"
#include "acme/store.h"
#include "acme/turn_internal.h"

enum { REASON_KEY = 1, BY_MAX = 64 };

static int
unauthorized(struct acme_turn *t, const char *what)
{
	return acme_problem_set(t->problem, ACME_PROBLEM_UNAUTHORIZED,
	    "RFC 8555 section 7.6: %s", what);
}

/* Whether the account holds a valid authorization for each name. */
static int
check_names(struct acme_turn *t, const struct acme_cert *cert)
{
	struct acme_authz key = { .account = t->account, .expires = t->now_ms };
	struct acme_authz found;
	size_t i;
	int rc = cert->n_idents > 0 ? 0 : ERR_STATE_NOT_FOUND;

	for (i = 0; i < cert->n_idents && rc == 0; i++) {
		key.type = cert->ident[i].type;
		key.value = cert->ident[i].value;
		key.wildcard = strncmp(key.value, "*.", 2) == 0;
		key.value += key.wildcard ? 2 : 0;
		rc = t->store->ops->authz_valid(
		    t->store->ctx, &key, t->arena, &found);
	}
	return rc != ERR_STATE_NOT_FOUND
		   ? rc
		   : unauthorized(t,
			 "this account was not issued the certificate and is "
			 "not authorized for all its names");
}

int
acme_revoke_allowed(struct acme_turn *t, const struct acme_cert *cert,
    int64_t reason, const char **ret_by)
{
	char *by = acme_turn_alloc(t, BY_MAX);
	int rc;

	if (by == NULL)
		return ERR_SYS_NOMEM;
	*ret_by = by;
	(void)snprintf(by, BY_MAX, "acct:%s", t->account);
	if (cert->account != NULL && strcmp(cert->account, t->account) == 0)
		return 0;
	rc = check_names(t, cert);
	/* It blocks the key, of which this account knows nothing. */
	if (rc == 0 && reason == REASON_KEY)
		rc = acme_turn_refuse(t, 0, ACME_PROBLEM_BAD_REVOCATION_REASON,
		    "keyCompromise is for the certificate's own account, or "
		    "for its key");
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account_make.h"

#include <string.h>

#include "acme/jwk.h"
#include "acme/request.h"
#include "acme/server_internal.h"
#include "acme/turn_internal.h"

int
acme_account_make_key(
    struct acme_turn *t, const char **ret_jwk, const char **ret_thumbprint)
{
	const char *jwk = acme_jwk_canonical(t->key);

	*ret_jwk = acme_turn_dup(t, jwk, strlen(jwk));
	*ret_thumbprint = acme_turn_dup(
	    t, acme_jwk_thumbprint(t->key), ACME_JWK_THUMBPRINT_LEN);
	return *ret_jwk == NULL || *ret_thumbprint == NULL ? ERR_SYS_NOMEM : 0;
}

const char *
acme_account_make_peer(const struct acme_turn *t)
{
	return t->req->peer;
}

bool
acme_account_make_terms(const struct acme_turn *t)
{
	return t->srv->config.terms_url[0] != '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/eab_bind.h"

#include <string.h>

#include "acme/eab_mac.h"
#include "acme/eab_put.h"
#include "acme/jwk.h"
#include "acme/jws.h"
#include "acme/turn_internal.h"

static int
malformed(struct acme_turn *t, const char *what)
{
	return acme_problem_set(t->problem, ACME_PROBLEM_MALFORMED,
	    "RFC 8555 section 7.3.4: %s", what);
}

/* Whether the payload is the key that signed the request. */
static int
check_key(struct acme_turn *t, const struct acme_jws *jws)
{
	struct acme_jwk *key = NULL;
	int rc =
	    acme_jwk_parse((const char *)jws->payload, jws->payload_len, &key);

	if (rc == ERR_SYS_NOMEM)
		return rc;
	if (rc != 0 ||
	    strcmp(acme_jwk_thumbprint(key), acme_jwk_thumbprint(t->key)) != 0)
		rc = malformed(
		    t, "the binding is not over the key of this request");
	acme_jwk_free(key);
	return rc;
}

static int
check(struct acme_turn *t, const char *binding, const char **ret_kid)
{
	const char *url = acme_turn_url(t, "new-acct", NULL, "");
	struct acme_jws jws;
	int rc;

	if (url == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_jws_parse(ACME_JWS_BINDING, binding, strlen(binding),
	    t->arena, &jws, t->problem);
	if (rc == 0 && strcmp(url, jws.url) != 0)
		rc = malformed(t, "the binding's url is not the request's");
	if (rc == 0)
		rc = check_key(t, &jws);
	if (rc == 0)
		rc = acme_eab_mac(t, &jws);
	if (rc == 0)
		*ret_kid = jws.kid;
	return rc;
}

int
acme_eab_bind(struct acme_turn *t, const char *binding, const char *account,
    const char **ret_kid)
{
	int rc;

	*ret_kid = NULL;
	if (binding != NULL) {
		rc = check(t, binding, ret_kid);
		return rc != 0 ? rc : acme_eab_put(t, *ret_kid, account);
	}
	if (!acme_eab_needed(t))
		return 0;
	return acme_turn_refuse(t, 0, ACME_PROBLEM_EXTERNAL_ACCOUNT_REQUIRED,
	    "RFC 8555 section 7.3.4: this server needs an "
	    "externalAccountBinding");
}

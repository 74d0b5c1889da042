/* SPDX-License-Identifier: Apache-2.0 */
/* The inner JWS of keyChange (RFC 8555 section 7.3.5). */
#include "acme/key_change.h"

#include <string.h>

#include "acme/auth.h"
#include "acme/jwk.h"
#include "acme/jws.h"
#include "acme/payload_keychange.h"
#include "acme/turn_internal.h"

static int
malformed(struct acme_turn *t, const char *what)
{
	return acme_problem_set(t->problem, ACME_PROBLEM_MALFORMED,
	    "RFC 8555 section 7.3.5: %s", what);
}

/* Whether the JWK text is the key that signed the outer request. */
static int
check_old_key(struct acme_turn *t, const char *text)
{
	struct acme_jwk *old = NULL;
	int rc = acme_jwk_parse(text, strlen(text), &old);

	if (rc == ERR_SYS_NOMEM)
		return rc;
	if (rc != 0 ||
	    strcmp(acme_jwk_thumbprint(old), acme_jwk_thumbprint(t->key)) != 0)
		rc = malformed(t, "oldKey is not the account's key");
	acme_jwk_free(old);
	return rc;
}

static int
check_object(struct acme_turn *t, const struct acme_jws *inner)
{
	struct acme_payload_key_change in;
	const char *url = acme_turn_url(t, "acct", t->account, "");
	int rc =
	    acme_payload_key_change(t, inner->payload, inner->payload_len, &in);

	if (rc == 0 && url == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc != 0)
		return rc;
	if (strcmp(url, in.account) != 0)
		return malformed(t, "account is not the one that asks");
	return check_old_key(t, in.old_key);
}

int
acme_key_change_read(struct acme_turn *t, struct acme_key_change *ret)
{
	const char *url = acme_turn_url(t, "key-change", NULL, "");
	struct acme_jwk *key;
	struct acme_jws inner;
	const char *jwk;
	int rc;

	if (url == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_jws_parse(ACME_JWS_KEY_CHANGE, (const char *)t->payload,
	    t->payload_len, t->arena, &inner, t->problem);
	if (rc == 0 && strcmp(url, inner.url) != 0)
		rc = malformed(t, "the inner url is not the outer one");
	if (rc == 0)
		rc = acme_auth_verify(t, &inner, inner.jwk, &key);
	if (rc != 0)
		return rc;
	jwk = acme_jwk_canonical(key);
	ret->jwk = acme_turn_dup(t, jwk, strlen(jwk));
	ret->thumbprint =
	    acme_turn_dup(t, acme_jwk_thumbprint(key), ACME_JWK_THUMBPRINT_LEN);
	acme_jwk_free(key);
	if (ret->jwk == NULL || ret->thumbprint == NULL)
		return ERR_SYS_NOMEM;
	return check_object(t, &inner);
}

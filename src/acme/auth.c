/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/auth.h"

#include <string.h>
#include <strings.h>

#include "acme/jws.h"
#include "acme/load_account.h"
#include "acme/request.h"
#include "acme/route.h"
#include "acme/turn_internal.h"

#define CONTENT_TYPE "application/jose+json"

static bool
content_type_ok(const char *s)
{
	size_t len = strlen(CONTENT_TYPE);

	return s != NULL && strncasecmp(s, CONTENT_TYPE, len) == 0 &&
	       (s[len] == '\0' || s[len] == ';' || s[len] == ' ');
}

static int
check_kind(struct acme_turn *t, const struct acme_jws *jws)
{
	bool jwk = jws->jwk != NULL;

	if (t->route->auth == ACME_AUTH_EITHER ||
	    (t->route->auth == ACME_AUTH_KEY) == jwk)
		return 0;
	return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
	    jwk ? "RFC 8555 section 6.2: this request needs kid"
		: "RFC 8555 section 6.2: this request needs jwk");
}

/* The text of the key that is to have signed. */
static int
key_text(struct acme_turn *t, const struct acme_jws *jws, const char **ret)
{
	const char *prefix;
	size_t len;
	int rc = check_kind(t, jws);

	if (rc != 0)
		return rc;
	if (jws->jwk != NULL) {
		*ret = jws->jwk;
		return 0;
	}
	prefix = acme_turn_url(t, "acct", "", "");
	if (prefix == NULL)
		return ERR_SYS_NOMEM;
	len = strlen(prefix);
	if (strncmp(jws->kid, prefix, len) != 0)
		return acme_turn_refuse(t, 0,
		    ACME_PROBLEM_ACCOUNT_DOES_NOT_EXIST,
		    "RFC 8555 section 6.2: kid names no account");
	t->account = jws->kid + len;
	return acme_load_account_jwk(t, t->account, ret);
}

int
acme_auth_check(struct acme_turn *t)
{
	struct acme_jws jws;
	const char *url, *key;
	int rc;

	if (!content_type_ok(t->req->content_type))
		return acme_turn_refuse(t, 415, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 6.2: the content type is not "
		    "application/jose+json");
	rc = acme_jws_parse(ACME_JWS_REQUEST, t->req->body, t->req->body_len,
	    t->arena, &jws, t->problem);
	if (rc != 0)
		return rc;
	url = acme_turn_url(t, t->req->path + strlen("/acme/"), NULL, "");
	if (url == NULL)
		return ERR_SYS_NOMEM;
	if (strcmp(url, jws.url) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 8555 section 6.4: url is not the one requested");
	/* What costs little comes first. */
	rc = acme_auth_nonce(t, jws.nonce, false);
	if (rc == 0) {
		rc = key_text(t, &jws, &key);
		if (rc == 0)
			rc = acme_auth_verify(t, &jws, key, &t->key);
		if (rc != 0)
			return rc;
		rc = acme_auth_nonce(t, jws.nonce, true);
	}
	if (rc != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_BAD_NONCE,
		    "RFC 8555 section 6.5: the nonce is unknown, used or too "
		    "old");
	t->payload = jws.payload;
	t->payload_len = jws.payload_len;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/auth.h"

#include <string.h>
#include <strings.h>

#include "acme/jwk.h"
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

/* The text of the key that is to have signed. */
static int
key_text(struct acme_turn *t, const struct acme_jws *jws, const char **ret)
{
	const char *prefix;
	size_t len;

	if ((t->route->auth == ACME_AUTH_KEY) != (jws->jwk != NULL))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    jws->jwk == NULL
			? "RFC 8555 section 6.2: this request needs jwk"
			: "RFC 8555 section 6.2: this request needs kid");
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

static int
find_key(struct acme_turn *t, const struct acme_jws *jws)
{
	const char *text;
	int rc = key_text(t, jws, &text);

	if (rc == 0)
		rc = acme_jwk_parse(text, strlen(text), &t->key);
	if (rc == ERR_PEER_MALFORMED || rc == ERR_PEER_KEY)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_BAD_PUBLIC_KEY,
		    "RFC 8555 section 6.2: keys are P-256, P-384, Ed25519, or "
		    "RSA of 2048 to 4096 bits with e = 65537");
	if (rc == 0 && acme_jwk_alg(t->key) != jws->alg)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 6.2: alg does not fit the key");
	return rc;
}

static int
verify(struct acme_turn *t, const struct acme_jws *jws)
{
	int rc = acme_jwk_verify(
	    t->key, jws->signing, jws->signing_len, jws->sig, jws->sig_len);

	if (rc == ERR_PEER_SIGNATURE)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 6.2: the signature does not verify");
	return rc;
}

int
acme_auth_check(struct acme_turn *t)
{
	struct acme_jws jws;
	const char *url;
	int rc;

	if (!content_type_ok(t->req->content_type))
		return acme_turn_refuse(t, 415, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 6.2: the content type is not "
		    "application/jose+json");
	rc = acme_jws_parse(
	    t->req->body, t->req->body_len, t->arena, &jws, t->problem);
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
		rc = find_key(t, &jws);
		if (rc == 0)
			rc = verify(t, &jws);
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

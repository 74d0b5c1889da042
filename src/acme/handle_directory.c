/* SPDX-License-Identifier: Apache-2.0 */
/* The directory (RFC 8555 section 7.1.1): only what this server does. */
#include "acme/handle.h"

#include <string.h>

#include "acme/request.h"
#include "acme/server_internal.h"
#include "acme/turn_internal.h"

static json_t *
url(const struct acme_turn *t, const char *kind)
{
	const char *s = acme_turn_url(t, kind, NULL, "");

	return s == NULL ? NULL : json_string(s);
}

static json_t *
finish(json_t *o, int bad)
{
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
meta(struct acme_turn *t)
{
	const struct acme_server_config *c = &t->srv->config;
	json_t *o = json_object(), *ids = json_array(),
	       *profiles = json_object();
	size_t i;
	int bad = 0;

	if (c->terms_url[0] != '\0')
		bad |= json_object_set_new(
		    o, "termsOfService", json_string(c->terms_url));
	if (c->website[0] != '\0')
		bad |=
		    json_object_set_new(o, "website", json_string(c->website));
	for (i = 0; i < c->n_caa_identities; i++)
		bad |= json_array_append_new(
		    ids, json_string(c->caa_identities[i]));
	for (i = 0; i < c->n_profiles; i++)
		bad |= json_object_set_new(profiles, c->profiles[i].name,
		    json_string(c->profiles[i].description));
	bad |= json_object_set_new(o, "caaIdentities", ids);
	bad |= json_object_set_new(o, "profiles", profiles);
	bad |= json_object_set_new(
	    o, "externalAccountRequired", json_boolean(c->require_eab));
	return finish(o, bad);
}

int
acme_handle_directory(struct acme_turn *t)
{
	json_t *o = json_object();
	int bad;

	bad = json_object_set_new(o, "newNonce", url(t, "new-nonce"));
	bad |= json_object_set_new(o, "newAccount", url(t, "new-acct"));
	bad |= json_object_set_new(o, "newOrder", url(t, "new-order"));
	bad |= json_object_set_new(o, "keyChange", url(t, "key-change"));
	bad |= json_object_set_new(o, "revokeCert", url(t, "revoke-cert"));
	bad |= json_object_set_new(o, "renewalInfo", url(t, "renewal-info"));
	bad |= json_object_set_new(o, "meta", meta(t));
	return acme_turn_json(t, 200, finish(o, bad));
}

/* RFC 8555 section 7.2; the nonce itself is in every reply. */
int
acme_handle_nonce(struct acme_turn *t)
{
	int rc = acme_turn_header(t, "cache-control", "no-store");

	return rc != 0 ? rc
		       : acme_turn_empty(t,
			     strcmp(t->req->method, "HEAD") == 0 ? 200 : 204);
}

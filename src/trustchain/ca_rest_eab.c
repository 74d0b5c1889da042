/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_eab.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_store.h"
#include "wire/time.h"

/* POST /api/v1/ca/eab (identity spec section 6). */

enum { DAY_MS = 86400 * 1000 };

struct call {
	struct ca_rest *rest;
	struct http_request *req;
	struct ca_eab_made made;
	struct ca_principal who; /* large */
};

static void
call_free(struct call *c)
{
	if (c != NULL)
		base_wipe(&c->made, sizeof(c->made));
	free(c);
}

static void
refuse(struct call *c, int rc, const char *why)
{
	enum ca_problem p = rc == ERR_STATE_USAGE	? CA_PROBLEM_MALFORMED
			    : rc == ERR_STATE_FORBIDDEN ? CA_PROBLEM_FORBIDDEN
			    : rc == ERR_STATE_READ_ONLY
				? CA_PROBLEM_STORAGE_UNAVAILABLE
				: CA_PROBLEM_INTERNAL;

	ca_rest_problem(c->rest, c->req, p,
	    p == CA_PROBLEM_MALFORMED || p == CA_PROBLEM_FORBIDDEN
		? why
		: base_err_text(rc));
	call_free(c);
}

static void
stored(void *ctx, int rc)
{
	struct call *c = ctx;

	if (rc != 0) {
		refuse(c, rc, "");
		return;
	}
	ca_rest_json(c->rest, c->req, 201,
	    json_pack(
		"{s:s, s:s}", "kid", c->made.kid, "hmac_key", c->made.hmac_key),
	    NULL);
	call_free(c);
}

static int
mint(struct call *c, const json_t *body, struct ca_batch *b, const char **why)
{
	const char *scopes[CA_SCOPES_MAX], *profiles[CA_EAB_PROFILES_MAX], *t;
	const struct ca_rest_opts *o = &c->rest->o;
	const struct ca_eab_maker maker = { o->authority, o->clock, o->rng,
		o->config->auth.token_max_ttl_d * DAY_MS };
	struct ca_eab_spec s = {
		.who = &c->who, .scopes = scopes, .profiles = profiles
	};
	size_t len;
	int rc;

	*why = "name_scopes and profiles are arrays of strings";
	if (wire_json_strings(
		body, "name_scopes", scopes, CA_SCOPES_MAX, &s.nscopes) != 0 ||
	    wire_json_strings(body, "profiles", profiles, CA_EAB_PROFILES_MAX,
		&s.nprofiles) != 0)
		return ERR_STATE_USAGE;
	*why = "expires: a time in UTC as 2026-11-21T12:00:00Z";
	if (wire_json_string(body, "expires", 32, &t, &len) != 0 ||
	    wire_time_parse(t, len, &s.expires_ms) != 0)
		return ERR_STATE_USAGE;
	*why = "preauthorized: true or false";
	rc = wire_json_bool(body, "preauthorized", &s.preauthorized);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return ERR_STATE_USAGE;
	return ca_eab_mint(&maker, &s, b, &c->made, why);
}

static void
create(struct call *c, const json_t *body)
{
	struct ca_store *store = c->rest->o.store;
	struct ca_batch *b = ca_batch_new();
	const char *why = "";
	int rc = ERR_SYS_NOMEM;

	if (b != NULL)
		rc = mint(c, body, b, &why);
	if (rc != 0) {
		ca_batch_free(b);
		refuse(c, rc, why);
	} else if ((rc = store->ops->submit(store, b, stored, c)) != 0) {
		refuse(c, rc, why);
	}
}

void
ca_rest_eab(struct ca_rest *r, struct http_request *req)
{
	static const char *const known[] = { "name_scopes", "profiles",
		"expires", "preauthorized" };
	static const struct ca_rest_fields fields = { known,
		sizeof(known) / sizeof(known[0]) };
	struct call *c = calloc(1, sizeof(*c));
	json_t *body;

	if (c == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
		return;
	}
	c->rest = r;
	c->req = req;
	if (ca_rest_auth(r, req, CA_AUTH_REGISTRAR, &c->who) &&
	    ca_rest_body(r, req, &fields, &body)) {
		create(c, body);
		json_decref(body);
	} else {
		call_free(c);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_eab.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch_acme.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/json.h"

enum { KEY_OCTETS = 32, PROFILES_BYTES_MAX = 512 };

static int
check_profiles(const struct ca_eab_maker *m, const struct ca_eab_spec *s,
    const char **ret_why)
{
	const struct pki_profile *p;
	size_t i;

	for (i = 0; i < s->nprofiles; i++) {
		p = ca_authority_profile(m->authority, s->profiles[i]);
		*ret_why = "profiles: no such profile, or not one that ACME "
			   "offers";
		if (p == NULL || !p->acme)
			return ERR_STATE_USAGE;
		*ret_why = "profiles: beyond those of the token";
		if (!ca_auth_allows_profile(s->who, s->profiles[i]))
			return ERR_STATE_FORBIDDEN;
	}
	return 0;
}

/* Nobody gives away more than they have. */
static int
check(const struct ca_eab_maker *m, const struct ca_eab_spec *s,
    const char **ret_why)
{
	int64_t now = base_clock_now_ms(m->clock);
	size_t i;

	*ret_why = "name_scopes: 1 to 64 names, address or URI prefixes of at "
		   "most 255 characters";
	if (s->nscopes == 0 || ca_scopes_check(s->scopes, s->nscopes) != 0)
		return ERR_STATE_USAGE;
	*ret_why = "expires: must lie ahead, but not beyond token_max_ttl_d";
	if (s->expires_ms <= now || s->expires_ms > now + m->ttl_max_ms)
		return ERR_STATE_USAGE;
	*ret_why = "name_scopes: beyond those of the token";
	for (i = 0; i < s->nscopes; i++)
		if (!ca_auth_allows_scope(s->who, s->scopes[i]))
			return ERR_STATE_FORBIDDEN;
	return check_profiles(m, s, ret_why);
}

static void
put_event(struct ca_batch *b, const struct ca_eab *row, const char *by)
{
	json_t *o = json_pack("{s:s, s:s, s:b, s:I}", "kid", row->kid, "by", by,
	    "preauthorized", (int)row->preauthorized, "expires",
	    (json_int_t)row->expires);
	char *text = o == NULL ? NULL : wire_json_dump(o, NULL);

	/* Without memory the batch reports it when it is submitted. */
	ca_batch_outbox(b, row->created, "eab.created", text);
	free(text);
	json_decref(o);
}

static int
draw(const struct rng *rng, uint8_t key[KEY_OCTETS], struct ca_eab_made *ret)
{
	uint8_t kid[CA_EAB_KID_LEN / 2];
	char text[WIRE_BASE64_ENCODED_MAX(KEY_OCTETS)];
	int rc;

	if ((rc = base_rng_fill(rng, kid, sizeof(kid))) != 0 ||
	    (rc = base_rng_fill(rng, key, KEY_OCTETS)) != 0)
		return rc;
	wire_hex_encode(kid, sizeof(kid), ret->kid);
	(void)wire_base64_encode(WIRE_BASE64_URL, key, KEY_OCTETS, text);
	memcpy(ret->hmac_key, text, CA_EAB_KEY_LEN);
	ret->hmac_key[CA_EAB_KEY_LEN] = '\0';
	base_wipe(text, sizeof(text));
	return 0;
}

int
ca_eab_mint(const struct ca_eab_maker *m, const struct ca_eab_spec *spec,
    struct ca_batch *batch, struct ca_eab_made *ret, const char **ret_why)
{
	char profiles[PROFILES_BYTES_MAX], *scopes;
	uint8_t key[KEY_OCTETS];
	struct ca_eab row = { .kid = ret->kid,
		.hmac_key = { key, sizeof(key) },
		.profiles = profiles,
		.preauthorized = spec->preauthorized,
		.created = base_clock_now_ms(m->clock),
		.expires = spec->expires_ms };
	int rc = check(m, spec, ret_why);

	if (rc == 0)
		rc = ca_scopes_join(spec->profiles, spec->nprofiles, profiles,
		    sizeof(profiles));
	if (rc == 0)
		rc = draw(m->rng, key, ret);
	if (rc != 0)
		return rc;
	if (spec->nprofiles == 0)
		row.profiles = spec->who->profiles;
	if ((scopes = ca_scopes_json(spec->scopes, spec->nscopes)) == NULL) {
		base_wipe(key, sizeof(key));
		return ERR_SYS_NOMEM;
	}
	row.name_scopes = scopes;
	ca_batch_put_eab(batch, &row);
	put_event(batch, &row, spec->who->owner);
	free(scopes);
	base_wipe(key, sizeof(key));
	return 0;
}

bool
ca_eab_kid_ok(const char *kid)
{
	return strlen(kid) == CA_EAB_KID_LEN &&
	       strspn(kid, "0123456789abcdef") == CA_EAB_KID_LEN;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ct.h"
#include "base/map.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/sha2.h"
#include "pki/name.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_scopes.h"
#include "trustchain/ca_store.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/json.h"

#define ID_LEN 16
#define SECRET_LEN 32
#define SECRET_CHARS 43
#define PREFIX "Bearer tc_"
#define ROW_ARENA 65536
#define BUCKETS_MAX 65536

/* Rate of one token: tokens in thousandths, refilled by the millisecond. */
struct bucket {
	int64_t milli;
	int64_t at_ms;
};

struct ca_auth {
	struct ca_store *store;
	const struct clock *clock;
	const struct rng *rng;
	struct map *buckets;
};

static const struct {
	const char *name;
	enum ca_auth_role role;
} roles[] = {
	{ "issuer", CA_AUTH_ISSUER },
	{ "revoker", CA_AUTH_REVOKER },
	{ "operator", CA_AUTH_OPERATOR },
	{ "auditor", CA_AUTH_AUDITOR },
	{ "registrar", CA_AUTH_REGISTRAR },
	{ "issuer-keygen", CA_AUTH_KEYGEN },
};
#define NROLES (sizeof(roles) / sizeof(roles[0]))

int
ca_auth_new(struct ca_store *store, const struct clock *clock,
    const struct rng *rng, struct ca_auth **ret)
{
	struct ca_auth *a;
	uint8_t key[16];
	int rc;

	if ((rc = base_rng_fill(rng, key, sizeof(key))) != 0)
		return rc;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ERR_SYS_NOMEM;
	a->store = store;
	a->clock = clock;
	a->rng = rng;
	if ((a->buckets = base_map_new(BUCKETS_MAX, key)) == NULL) {
		free(a);
		return ERR_SYS_NOMEM;
	}
	*ret = a;
	return 0;
}

static int
free_bucket(void *ctx, const void *key, size_t len, void *value)
{
	(void)ctx;
	(void)key;
	(void)len;
	free(value);
	return 0;
}

void
ca_auth_free(struct ca_auth *a)
{
	if (a == NULL)
		return;
	(void)base_map_each(a->buckets, free_bucket, NULL);
	base_map_free(a->buckets);
	free(a);
}

static unsigned
role_of(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NROLES; i++)
		if (strlen(roles[i].name) == len &&
		    memcmp(roles[i].name, name, len) == 0)
			return roles[i].role;
	return 0;
}

const char *
ca_auth_role_name(size_t i, unsigned *ret_role)
{
	if (i >= NROLES)
		return NULL;
	*ret_role = roles[i].role;
	return roles[i].name;
}

static unsigned
roles_of_row(const char *list)
{
	unsigned set = 0;
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == ',' ? 1 : 0)) {
		n = strcspn(list, ",");
		set |= role_of(list, n);
	}
	return set;
}

/* Split "Bearer tc_<id>_<secret>" into id and the hash of the secret. */
static int
split(const char *header, char id[ID_LEN + 1], uint8_t hash[CRYPTO_SHA256_LEN])
{
	const char *at = header;
	uint8_t secret[SECRET_LEN];
	size_t len;
	int rc;

	if (header == NULL || !base_str_starts(header, PREFIX))
		return ERR_STATE_UNAUTHORIZED;
	at += sizeof(PREFIX) - 1;
	if (strlen(at) != ID_LEN + 1 + SECRET_CHARS || at[ID_LEN] != '_' ||
	    strspn(at, "0123456789abcdef") != ID_LEN)
		return ERR_STATE_UNAUTHORIZED;
	memcpy(id, at, ID_LEN);
	id[ID_LEN] = '\0';
	rc = wire_base64_decode(WIRE_BASE64_URL, at + ID_LEN + 1, SECRET_CHARS,
	    secret, sizeof(secret), &len);
	if (rc != 0 || len != sizeof(secret))
		return ERR_STATE_UNAUTHORIZED;
	crypto_sha2_256(secret, sizeof(secret), hash);
	base_wipe(secret, sizeof(secret));
	return 0;
}

static int
load_scopes(const char *json, struct ca_principal *p)
{
	json_t *a = NULL;
	const char *s;
	size_t i;
	int rc;

	if ((rc = wire_json_parse(json, strlen(json), &a, NULL)) != 0)
		return ERR_SYS_CORRUPT;
	if (!json_is_array(a) || json_array_size(a) > CA_AUTH_SCOPES_MAX)
		rc = ERR_SYS_CORRUPT;
	for (i = 0; rc == 0 && i < json_array_size(a); i++) {
		s = json_string_value(json_array_get(a, i));
		rc = s == NULL
			 ? ERR_SYS_CORRUPT
			 : base_str_copy(p->scope[i], sizeof(p->scope[i]), s);
		p->nscopes = i + 1;
	}
	json_decref(a);
	return rc;
}

/* Take one request from the token's bucket; its burst is one second's worth,
 * at least ten requests. */
int
ca_auth_charge(
    struct ca_auth *a, const char *id, int64_t rate, unsigned *ret_wait_s)
{
	int64_t now = base_clock_now_ms(a->clock);
	int64_t burst = rate / 60 < 10 ? 10 : rate / 60, passed;
	struct bucket *b = base_map_get(a->buckets, id, strlen(id));

	if (b == NULL) {
		if ((b = calloc(1, sizeof(*b))) == NULL)
			return ERR_SYS_NOMEM;
		b->milli = burst * 1000;
		b->at_ms = now;
		if (base_map_put(a->buckets, id, strlen(id), b) != 0) {
			free(b);
			return ERR_PEER_RATE;
		}
	}
	passed = now > b->at_ms ? now - b->at_ms : 0;
	passed = passed > 60000 ? 60000 : passed;
	b->at_ms = now;
	b->milli += passed * rate / 60;
	if (b->milli > burst * 1000)
		b->milli = burst * 1000;
	if (b->milli < 1000) {
		*ret_wait_s =
		    (unsigned)((1000 - b->milli) * 60 / rate / 1000 + 1);
		return ERR_PEER_RATE;
	}
	b->milli -= 1000;
	return 0;
}

static int
judge(struct ca_auth *a, const struct ca_token *t, const uint8_t *hash,
    struct ca_principal *p)
{
	if (t->hash.len != CRYPTO_SHA256_LEN ||
	    !base_ct_equal(t->hash.data, hash, CRYPTO_SHA256_LEN) ||
	    t->revoked_at != 0 || t->expires <= base_clock_now_ms(a->clock))
		return ERR_STATE_UNAUTHORIZED;
	memset(p, 0, offsetof(struct ca_principal, scope));
	(void)snprintf(p->owner, sizeof(p->owner), "token:%s", t->id);
	p->roles = roles_of_row(t->roles);
	if (base_str_copy(p->profiles, sizeof(p->profiles), t->profiles) != 0)
		return ERR_SYS_CORRUPT;
	return load_scopes(t->name_scopes, p);
}

int
ca_auth_check(struct ca_auth *a, const char *header, unsigned need,
    struct ca_principal *ret, unsigned *ret_wait_s)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	char id[ID_LEN + 1];
	struct arena *arena;
	struct ca_token row;
	int rc;

	if ((rc = split(header, id, hash)) != 0)
		return rc;
	if ((arena = base_arena_new(ROW_ARENA)) == NULL)
		return ERR_SYS_NOMEM;
	rc = a->store->ops->get_token(a->store, id, arena, &row);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = ERR_STATE_UNAUTHORIZED;
	if (rc == 0)
		rc = judge(a, &row, hash, ret);
	if (rc == 0)
		rc = ca_auth_charge(
		    a, row.id, row.rate_per_min, ret_wait_s);
	base_arena_free(arena);
	if (rc == 0 && need != 0 && (ret->roles & need) == 0)
		rc = ERR_STATE_FORBIDDEN;
	return rc;
}

void
ca_auth_system(struct ca_principal *ret)
{
	memset(ret, 0, sizeof(*ret));
	(void)snprintf(ret->owner, sizeof(ret->owner), "system");
	ret->roles = ~0U;
	ret->any_name = true;
}

bool
ca_auth_allows_name(const struct ca_principal *p, const struct pki_san *san)
{
	size_t i;

	for (i = 0; i < p->nscopes; i++)
		if (pki_name_in_scope(san, p->scope[i]))
			return true;
	return p->any_name;
}

bool
ca_auth_allows_scope(const struct ca_principal *p, const char *scope)
{
	size_t i;

	for (i = 0; i < p->nscopes; i++)
		if (ca_scopes_within(scope, p->scope[i]))
			return true;
	return p->any_name;
}

bool
ca_auth_allows_profile(const struct ca_principal *p, const char *name)
{
	return p->profiles[0] == '\0' || ca_scopes_has(p->profiles, name);
}

static int
check_spec(const struct ca_auth_spec *s)
{
	size_t i;

	if (s->nroles == 0 || s->ttl_ms <= 0 || s->rate_per_min < 1 ||
	    s->rate_per_min > 1000000)
		return ERR_STATE_USAGE;
	for (i = 0; i < s->nroles; i++)
		if (role_of(s->roles[i], strlen(s->roles[i])) == 0)
			return ERR_STATE_USAGE;
	return ca_scopes_check(s->scopes, s->nscopes);
}

static void
put_event(struct ca_batch *batch, const struct ca_token *row)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:I}", "id", row->id, "roles",
	    row->roles, "profiles", row->profiles, "expires",
	    (json_int_t)row->expires);
	char *text = o == NULL ? NULL : wire_json_dump(o, NULL);

	/* Without memory the batch reports it when it is submitted. */
	ca_batch_outbox(batch, row->created, "token.created", text);
	free(text);
	json_decref(o);
}

int
ca_auth_mint(struct ca_auth *a, const struct ca_auth_spec *spec,
    struct ca_batch *batch, char ret_text[CA_AUTH_TOKEN_MAX], char ret_id[17])
{
	uint8_t id[ID_LEN / 2], secret[SECRET_LEN], hash[CRYPTO_SHA256_LEN];
	char roles_text[96], profiles[256], id_text[ID_LEN + 1];
	char secret_text[WIRE_BASE64_ENCODED_MAX(SECRET_LEN)];
	struct ca_token row = { .id = id_text,
		.hash = { hash, sizeof(hash) },
		.roles = roles_text,
		.profiles = profiles,
		.rate_per_min = spec->rate_per_min,
		.created = base_clock_now_ms(a->clock) };
	char *scopes;
	int rc;

	if ((rc = check_spec(spec)) != 0 ||
	    (rc = ca_scopes_join(spec->roles, spec->nroles, roles_text,
		 sizeof(roles_text))) != 0 ||
	    (rc = ca_scopes_join(spec->profiles, spec->nprofiles, profiles,
		 sizeof(profiles))) != 0 ||
	    (rc = base_rng_fill(a->rng, id, sizeof(id))) != 0 ||
	    (rc = base_rng_fill(a->rng, secret, sizeof(secret))) != 0)
		return rc;
	if ((scopes = ca_scopes_json(spec->scopes, spec->nscopes)) == NULL)
		return ERR_SYS_NOMEM;
	wire_hex_encode(id, sizeof(id), id_text);
	crypto_sha2_256(secret, sizeof(secret), hash);
	(void)wire_base64_encode(
	    WIRE_BASE64_URL, secret, sizeof(secret), secret_text);
	row.name_scopes = scopes;
	row.expires = row.created + spec->ttl_ms;
	ca_batch_put_token(batch, &row);
	put_event(batch, &row);
	(void)snprintf(
	    ret_text, CA_AUTH_TOKEN_MAX, "tc_%s_%s", id_text, secret_text);
	memcpy(ret_id, id_text, sizeof(id_text));
	free(scopes);
	base_wipe(secret, sizeof(secret));
	base_wipe(secret_text, sizeof(secret_text));
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_issue_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "pki/cert.h"
#include "pki/pubkey.h"
#include "pki/san.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_mtls.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_thumbprint.h"
#include "wire/hex.h"

enum { CLOCK_SKEW_MS = 5000, LIVE_ROWS_MAX = 20 };

static void
refuse(struct ca_issue_job *j, enum ca_problem p, const char *detail)
{
	ca_issue_fail(j,
	    ca_problem_status(p) >= 500 ? PKI_ISSUE_EV_ERROR
					: PKI_ISSUE_EV_REFUSED,
	    p, "%s", detail);
}

/* Let those who wait for ${j} wait for ${other} instead; ${j} is over. */
static void
attach(struct ca_issue_job *j, struct ca_issue_job *other)
{
	struct list *it;

	while ((it = base_list_pop_front(&j->waiters)) != NULL) {
		LIST_ENTRY(it, struct ca_issue_waiter, node)->replay = true;
		base_list_push_back(&other->waiters, it);
	}
	ca_issue_job_end(j);
}

/* Answer with a row that exists; ${j} is over. */
static void
replay(struct ca_issue_job *j, const struct ca_cert *row)
{
	struct ca_issue_result r;
	struct ca_issue_waiter *w;
	struct list *it;

	memset(&r, 0, sizeof(r));
	r.status = 201;
	r.replayed = true;
	r.row = row;
	if (row->serial.len == PKI_SERIAL_LEN)
		wire_hex_encode(row->serial.data, row->serial.len, r.serial);
	while ((it = base_list_pop_front(&j->waiters)) != NULL) {
		w = LIST_ENTRY(it, struct ca_issue_waiter, node);
		w->fn(w->ctx, &r);
		free(w);
	}
	ca_issue_job_end(j);
}

static struct ca_issue_job *
same_key(struct ca_issue_job *j)
{
	struct list *it, *tmp;
	struct ca_issue_job *o;

	LIST_FOREACH (it, tmp, &j->ci->jobs) {
		o = LIST_ENTRY(it, struct ca_issue_job, node);
		if (o != j && o->idem_key != NULL && j->owner != NULL &&
		    o->owner != NULL && strcmp(o->owner, j->owner) == 0 &&
		    strcmp(o->idem_key, j->idem_key) == 0)
			return o;
	}
	return NULL;
}

/*
 * Idempotency (spec section 6): a replayed key gives the first result, the
 * same key with another body a conflict.  Returns false when ${j} is over.
 */
static bool
check_idempotency(struct ca_issue_job *j, int64_t now)
{
	struct ca_store *s = j->ci->o.store;
	struct ca_issue_job *o = same_key(j);
	struct ca_idem row;
	struct ca_cert cert;
	int rc;

	if (o != NULL) {
		if (memcmp(o->body_hash, j->body_hash, 32) == 0) {
			attach(j, o);
			return false;
		}
		refuse(j, CA_PROBLEM_CONFLICT,
		    "the idempotency key is in use for another request");
		return true;
	}
	rc = s->ops->get_idem(s, j->owner, j->idem_key, now, j->arena, &row);
	if (rc == ERR_STATE_NOT_FOUND)
		return true;
	if (rc == 0 && (row.body_hash.len != 32 ||
			   memcmp(row.body_hash.data, j->body_hash, 32) != 0)) {
		refuse(j, CA_PROBLEM_CONFLICT,
		    "the idempotency key was used for another request");
		return true;
	}
	if (rc == 0)
		rc = s->ops->get_cert_id(s, row.cert_id, j->arena, &cert);
	if (rc != 0) {
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE,
		    "the store cannot be read");
		return true;
	}
	if (cert.state == CA_CERT_ISSUED) {
		replay(j, &cert);
		return false;
	}
	o = cert.serial.len == PKI_SERIAL_LEN
		? ca_issue_find(j->ci, cert.serial.data)
		: NULL;
	if (o != NULL) {
		attach(j, o);
		return false;
	}
	refuse(j, CA_PROBLEM_CT_UNAVAILABLE,
	    "the certificate of this key is still being logged");
	return true;
}

static bool
check_issuer(struct ca_issue_job *j)
{
	const struct ca_authority *a = j->ci->o.authority;
	struct ca_store *s = j->ci->o.store;
	const char *id = j->issuer_name;
	struct ca_issuer row;

	j->profile = ca_authority_profile(a, j->profile_name);
	if (j->profile == NULL) {
		refuse(j, CA_PROBLEM_MALFORMED, "profile: no such profile");
		return false;
	}
	if (j->who != NULL &&
	    !ca_auth_allows_profile(j->who, j->profile_name)) {
		refuse(j, CA_PROBLEM_FORBIDDEN,
		    "the token does not allow this profile");
		return false;
	}
	if (id == NULL)
		id = a->profile_issuer[j->profile - a->profile];
	if ((j->issuer = ca_authority_find(a, id)) == NULL) {
		refuse(j, CA_PROBLEM_MALFORMED, "issuer: no such issuer");
		return false;
	}
	if (s->ops->get_issuer(s, j->issuer->id, j->arena, &row) != 0) {
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE,
		    "the store cannot be read");
		return false;
	}
	j->epoch = row.epoch;
	if (j->ci->maintenance && j->via != CA_ISSUE_SELF) {
		refuse(j, CA_PROBLEM_ISSUANCE_HALTED, "under maintenance");
		return false;
	}
	/* Exempt from halt: the daemons' own TLS (spec section 5). */
	if (strcmp(row.state, "open") != 0 && j->via != CA_ISSUE_SELF) {
		refuse(j, CA_PROBLEM_ISSUANCE_HALTED, "issuance is halted");
		return false;
	}
	return true;
}

bool
ca_issue_admit(struct ca_issue_job *j)
{
	struct ca_issue *ci = j->ci;
	int64_t now = base_clock_now_ms(ci->o.clock);
	char why[160];

	if (ci->n_jobs > (size_t)ci->o.config->issue.max_inflight) {
		refuse(j, CA_PROBLEM_RATE_LIMITED, "too many in flight");
		return true;
	}
	if (j->idem_key != NULL && j->owner != NULL) {
		if (!check_idempotency(j, now))
			return false;
		if (j->event != PKI_ISSUE_EV_ADMIT)
			return true;
	}
	if (!check_issuer(j))
		return true;
	if (now < ci->newest_not_before_ms - CLOCK_SKEW_MS) {
		refuse(j, CA_PROBLEM_CLOCK_SKEW,
		    "the clock is behind the newest certificate");
		return true;
	}
	/* Better no trace than a row P that waits for a log that is down. */
	if (!ca_log_ready(ci->o.ctlog,
		now + ((int64_t)j->profile->validity_s -
			  j->profile->backdate_s - 1) *
			  1000,
		why, sizeof(why)))
		refuse(j, CA_PROBLEM_CT_UNAVAILABLE, why);
	return true;
}

/* 0: blocked, ERR_STATE_NOT_FOUND: not, or what the store says. */
static int
blocked(struct ca_issue_job *j, const char *kind, const char *value)
{
	struct ca_store *s = j->ci->o.store;
	struct ca_block row;

	return s->ops->get_block(s, kind, value, j->arena, &row);
}

/* The name itself, and the base of a wildcard. */
static int
name_blocked(struct ca_issue_job *j, const struct pki_san *san)
{
	char text[PKI_SAN_VALUE_MAX + 1];
	int rc;

	pki_san_text(san, text, sizeof(text));
	rc = blocked(j, "name", text);
	if (rc == ERR_STATE_NOT_FOUND && strncmp(text, "*.", 2) == 0)
		rc = blocked(j, "name", text + 2);
	return rc;
}

/* The EAB key that the order's account was made with. */
static int
eab_blocked(struct ca_issue_job *j)
{
	struct ca_store *s = j->ci->o.store;
	struct ca_acme_account row;
	int rc;

	if (j->owner == NULL || strncmp(j->owner, "acct:", 5) != 0)
		return ERR_STATE_NOT_FOUND;
	rc = s->ops->get_account(s, j->owner + 5, j->arena, &row);
	if (rc != 0 || row.eab_kid == NULL)
		return rc != 0 ? rc : ERR_STATE_NOT_FOUND;
	return blocked(j, "eab", row.eab_kid);
}

/* With reason 1 a sweep blocks the keys of all that it covers. */
static int
key_swept(struct ca_issue_job *j)
{
	struct ca_store *s = j->ci->o.store;
	bool swept;
	int rc;

	rc = s->ops->key_swept(s, (struct ca_blob){ j->spki_hash, 32 }, &swept);
	return rc != 0 ? rc : swept ? 0 : ERR_STATE_NOT_FOUND;
}

/* Names that open doors here are given out by hand (spec section 6). */
static bool
check_reserved(struct ca_issue_job *j)
{
	size_t i;

	if (j->via == CA_ISSUE_CONTROL || j->via == CA_ISSUE_SELF)
		return true;
	for (i = 0; i < j->sans->n; i++)
		if (ca_mtls_reserved(j->ci->o.config, &j->sans->item[i])) {
			refuse(j, CA_PROBLEM_REJECTED_NAME,
			    "a name is reserved");
			return false;
		}
	return true;
}

/* Step 2: the block lists of names, keys and EAB keys. */
static bool
check_blocks(struct ca_issue_job *j)
{
	enum ca_problem p = CA_PROBLEM_BAD_KEY;
	const char *what = "the key is blocked";
	char hex[65];
	size_t i;
	int rc;

	wire_hex_encode(j->spki_hash, 32, hex);
	rc = blocked(j, "spki", hex);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = key_swept(j);
	if (rc == ERR_STATE_NOT_FOUND) {
		p = CA_PROBLEM_FORBIDDEN;
		what = "the account's binding key is blocked";
		rc = eab_blocked(j);
	}
	for (i = 0; i < j->sans->n && rc == ERR_STATE_NOT_FOUND; i++) {
		p = CA_PROBLEM_REJECTED_NAME;
		what = "a name is blocked";
		rc = name_blocked(j, &j->sans->item[i]);
	}
	if (rc == ERR_STATE_NOT_FOUND)
		return true;
	if (rc == 0)
		refuse(j, p, what);
	else
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE,
		    "the store cannot be read");
	return false;
}

/* A subscriber may not bring the key of one of our CAs. */
static bool
is_ca_key(const struct ca_issue_job *j)
{
	const struct ca_authority *a = j->ci->o.authority;
	size_t i, k;

	for (i = 0; i < a->n_issuers; i++) {
		for (k = 0; k < a->issuer[i].chain_len; k++)
			if (pki_bytes_equal(
				j->spki, pki_cert_spki(a->issuer[i].chain[k])))
				return true;
		if (pki_bytes_equal(j->spki, pki_cert_spki(a->issuer[i].root)))
			return true;
	}
	return false;
}

/* Nor one that signs an ACME account's requests (RFC 8555 section 11.1). */
static int
find_account(struct ca_issue_job *j)
{
	struct ca_store *s = j->ci->o.store;
	char text[CA_THUMBPRINT_LEN + 1];
	struct ca_acme_account row;
	int rc;

	/* A kind of key that no account has. */
	if ((rc = ca_thumbprint_of(j->spki, text)) != 0)
		return rc == ERR_PEER_UNSUPPORTED ? ERR_STATE_NOT_FOUND : rc;
	return s->ops->get_account_key(s, text, j->arena, &row);
}

static bool
check_owner(struct ca_issue_job *j)
{
	int rc = is_ca_key(j) ? ERR_STATE_EXISTS : find_account(j);

	if (rc == ERR_STATE_EXISTS)
		refuse(j, CA_PROBLEM_BAD_KEY, "the key of a CA");
	else if (rc == 0)
		refuse(j, CA_PROBLEM_BAD_KEY, "the key of an ACME account");
	else if (rc != ERR_STATE_NOT_FOUND)
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE,
		    "the store cannot be read");
	return rc == ERR_STATE_NOT_FOUND;
}

/* How the store spells a name. */
static void
store_name(const struct pki_san *san, uint8_t ip[16], struct ca_name *ret)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	ret->value = (struct ca_blob){ san->value, san->len };
	switch (san->type) {
	case PKI_SAN_IP:
		ret->kind = CA_NAME_IP;
		if (san->len == 4) {
			memcpy(ip, mapped, 12);
			memcpy(ip + 12, san->value, 4);
			ret->value = (struct ca_blob){ ip, 16 };
		}
		break;
	case PKI_SAN_URI:
		ret->kind = CA_NAME_URI;
		break;
	default:
		ret->kind = CA_NAME_DNS;
		break;
	}
}

int
ca_issue_names(struct ca_issue_job *j, struct ca_name **ret)
{
	struct ca_name *names;
	uint8_t *ip;
	size_t i;

	names = base_arena_alloc(j->arena, j->sans->n * sizeof(*names));
	ip = base_arena_alloc(j->arena, j->sans->n * 16);
	if (names == NULL || ip == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < j->sans->n; i++)
		store_name(&j->sans->item[i], ip + 16 * i, &names[i]);
	*ret = names;
	return 0;
}

static bool
same_names(const struct ca_name *a, size_t n, const struct ca_name *b, size_t m)
{
	size_t i, k;

	if (n != m)
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < m; k++)
			if (a[i].kind == b[k].kind &&
			    a[i].value.len == b[k].value.len &&
			    memcmp(a[i].value.data, b[k].value.data,
				a[i].value.len) == 0)
				break;
		if (k == m)
			return false;
	}
	return true;
}

/* Whether a live certificate holds the very same names. */
static bool
is_renewal(struct ca_issue_job *j)
{
	struct ca_store *s = j->ci->o.store;
	int64_t now = base_clock_now_ms(j->ci->o.clock);
	struct ca_name *mine, *theirs;
	struct ca_cert *row;
	struct ca_cert_filter f;
	size_t n, m, i;

	if (j->renewal || ca_issue_names(j, &mine) != 0)
		return j->renewal;
	memset(&f, 0, sizeof(f));
	f.state = CA_CERT_ISSUED;
	f.not_after_from = now;
	f.revoked = -1;
	f.name = &mine[0];
	f.limit = LIVE_ROWS_MAX;
	if (s->ops->list_certs(s, &f, j->arena, &row, &n) != 0)
		return false;
	for (i = 0; i < n; i++)
		if (s->ops->cert_names(s, row[i].id, j->arena, &theirs, &m) ==
			0 &&
		    same_names(mine, j->sans->n, theirs, m))
			return true;
	return false;
}

/* TRAFFIC_PERCENTAGE, spec section 6. */
static bool
withheld(struct ca_issue_job *j)
{
	unsigned percent = j->ci->o.traffic_percentage;
	char text[PKI_SAN_VALUE_MAX + 1];
	uint8_t hash[32];
	uint64_t v = 0;
	struct pki_bytes in;
	int i;

	if (percent >= 100 || j->via == CA_ISSUE_SELF)
		return false;
	pki_san_text(&j->sans->item[0], text, sizeof(text));
	in = (struct pki_bytes){ (const uint8_t *)text, strlen(text) };
	if (pki_pubkey_sha256(in, hash) != 0)
		return true;
	for (i = 0; i < 8; i++)
		v = v << 8 | hash[i];
	return v % 100 >= percent && !is_renewal(j);
}

void
ca_issue_validated(struct ca_issue_job *j)
{
	if (check_owner(j) && check_reserved(j) && check_blocks(j) &&
	    withheld(j))
		refuse(j, CA_PROBLEM_TRAFFIC_WITHHELD,
		    "not admitted at this traffic percentage");
}

bool
ca_issue_maintenance(struct ca_issue *ci, bool on)
{
	bool changed = ci->maintenance != on;

	ci->maintenance = on;
	return changed;
}

static bool
ready(struct ca_issue *ci, bool exempt, char *why, size_t whylen)
{
	const struct ca_authority_issuer *is;
	int64_t now = base_clock_now_ms(ci->o.clock);
	struct ca_issuer row;
	struct arena *a;
	bool ok = false;

	is = ca_authority_find(ci->o.authority, NULL);
	if ((a = base_arena_new(65536)) == NULL) {
		snprintf(why, whylen, "out of memory");
		return false;
	}
	if (!ci->recovered)
		snprintf(why, whylen, "rolling forward");
	else if (ci->o.store->ops->health(ci->o.store) != 0)
		snprintf(why, whylen, "store is read-only");
	else if (ci->o.store->ops->get_issuer(ci->o.store, is->id, a, &row) !=
		 0)
		snprintf(why, whylen, "store cannot be read");
	else if (!exempt && strcmp(row.state, "open") != 0)
		snprintf(why, whylen, "issuance is halted");
	else if (!exempt && ci->maintenance)
		snprintf(why, whylen, "under maintenance");
	else if (now < ci->newest_not_before_ms - 5000)
		snprintf(why, whylen, "clock is behind the newest certificate");
	else
		ok = ca_log_ready(
		    ci->o.ctlog, now + INT64_C(86399000), why, whylen);
	base_arena_free(a);
	return ok;
}

bool
ca_issue_halted(const struct ca_issue *ci)
{
	const struct ca_authority_issuer *is =
	    ca_authority_find(ci->o.authority, NULL);
	struct arena *a = base_arena_new(65536);
	struct ca_issuer row;
	bool halted = ci->maintenance;

	/* Without memory it is found out when the order is finalized. */
	if (a != NULL &&
	    ci->o.store->ops->get_issuer(ci->o.store, is->id, a, &row) == 0)
		halted = halted || strcmp(row.state, "open") != 0;
	base_arena_free(a);
	return halted;
}

bool
ca_issue_ready(struct ca_issue *ci, char *why, size_t whylen)
{
	return ready(ci, false, why, whylen);
}

bool
ca_issue_ready_self(struct ca_issue *ci, char *why, size_t whylen)
{
	return ready(ci, true, why, whylen);
}

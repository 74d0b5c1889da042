/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_revoke.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"
#include "wire/time.h"

enum {
	ARENA_MAX = 4 << 20,
	AT_ONCE_MAX = 64, /* requests between their commit and their answer */
	VALUE_MAX = 255,
	SERIAL_MAX = 20,
	FINGERPRINT_LEN = 32,
};

enum selector { BY_SERIAL, BY_FINGERPRINT, BY_NAME, BY_EAB, N_SELECTORS };

static const char *const selectors[N_SELECTORS] = { "serial", "fingerprint",
	"name", "eab_kid" };

struct ca_revoke {
	struct ca_revoke_opts o;
	struct list jobs;
	size_t n_jobs;
};

/* One request until its commit is done. */
struct job {
	struct list node;
	struct ca_revoke *rv;
	ca_revoke_fn *fn; /* NULL: answered */
	void *ctx;
	struct arena *arena;
	const char *by;
	enum selector selector;
	const char *value;
	int64_t reason;
	bool block;
	int64_t at;
	/* one certificate */
	struct ca_cert row;
	/* or all that match */
	struct ca_name_octets name;
	struct ca_revoke_match match;
};

bool
ca_revoke_reason_ok(int64_t reason)
{
	return reason == 0 || reason == 1 || (reason >= 3 && reason <= 5) ||
	       reason == 9;
}

static void
job_free(struct job *j)
{
	base_list_remove(&j->node);
	j->rv->n_jobs--;
	base_arena_free(j->arena);
	free(j);
}

static void
answer(struct job *j, enum ca_problem p, const char *detail, json_t *reply)
{
	const struct ca_revoke_result r = { p, detail, reply };
	ca_revoke_fn *fn = j->fn;

	j->fn = NULL;
	if (fn != NULL)
		fn(j->ctx, &r);
}

static void
refuse(struct job *j, enum ca_problem p, const char *detail)
{
	answer(j, p, detail, NULL);
	job_free(j);
}

static int
add_serial(json_t *serials, struct ca_blob serial)
{
	char hex[2 * SERIAL_MAX + 1];

	if (serial.len > SERIAL_MAX)
		return -1;
	wire_hex_encode(serial.data, serial.len, hex);
	return json_array_append_new(serials, json_string(hex));
}

static void
count(struct job *j, const char *issuer, size_t n)
{
	const struct ca_revoke_opts *o = &j->rv->o;

	if (o->revoked != NULL && n > 0)
		o->revoked(o->ctx, issuer, j->reason, n);
}

/* Those that match, and how many of them this request revoked. */
static int
list_matches(struct job *j, json_t *serials)
{
	struct ca_store *s = j->rv->o.store;
	struct ca_revoked *rows;
	size_t n, i, fresh = 0;
	int rc;

	rc = s->ops->list_revoked(s, &j->match, j->arena, &rows, &n);
	for (i = 0; rc == 0 && i < n; i++) {
		rc = add_serial(serials, rows[i].serial);
		fresh += rows[i].revoked_at == j->at ? 1 : 0;
		/* One metric for each run of an issuer. */
		if (i + 1 == n ||
		    strcmp(rows[i].issuer, rows[i + 1].issuer) != 0) {
			count(j, rows[i].issuer, fresh);
			fresh = 0;
		}
	}
	return rc;
}

static json_t *
make_reply(struct job *j)
{
	char at[WIRE_TIME_TEXT_MAX];
	json_t *serials = json_array(), *o;
	bool one = j->match.name == NULL && j->match.eab_kid == NULL;
	int64_t reason = j->reason;
	int rc;

	if (one && j->row.revoked_at != 0) {
		j->at = j->row.revoked_at;
		reason = j->row.reason;
	} else if (one) {
		count(j, j->row.issuer, 1);
	}
	rc =
	    one ? add_serial(serials, j->row.serial) : list_matches(j, serials);
	if (rc != 0) {
		json_decref(serials);
		return NULL;
	}
	wire_time_format(j->at, at);
	o = json_pack("{s:I, s:o, s:I, s:s}", "revoked",
	    (json_int_t)json_array_size(serials), "serials", serials, "reason",
	    (json_int_t)reason, "at", at);
	return o;
}

static void
committed(void *ctx, int rc)
{
	struct job *j = ctx;
	json_t *reply;

	if (rc != 0 || j->fn == NULL) {
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE, base_err_text(rc));
		return;
	}
	if ((reply = make_reply(j)) != NULL)
		answer(j, CA_PROBLEM_NONE, NULL, reply);
	else
		answer(j, CA_PROBLEM_INTERNAL,
		    "it is revoked, but the answer cannot be written", NULL);
	json_decref(reply);
	job_free(j);
}

static void
put_block(struct job *j, struct ca_batch *b)
{
	static const char *const kinds[N_SELECTORS] = { "spki", "spki", "name",
		"eab" };
	struct ca_block row = { kinds[j->selector], j->value, j->at, j->by };
	char hex[65], name[256], fields[64];

	/* As issuing looks it up. */
	if (j->selector == BY_NAME) {
		ca_name_text(&j->name.name, name, sizeof(name));
		row.value = name;
	}
	if (j->selector <= BY_FINGERPRINT) {
		if (j->row.spki.len != 32)
			return;
		wire_hex_encode(j->row.spki.data, 32, hex);
		row.value = hex;
	}
	ca_batch_put_block(b, &row);
	(void)snprintf(fields, sizeof(fields), "{\"kind\":\"%s\"}", row.kind);
	ca_batch_outbox(b, j->at, "block.added", fields);
}

static void
put_one(struct job *j, struct ca_batch *b)
{
	char hex[2 * SERIAL_MAX + 1], *text;
	json_t *o;

	if (j->row.revoked_at != 0)
		return;
	ca_batch_revoke(b, j->row.issuer, j->row.serial, j->at, j->reason);
	wire_hex_encode(j->row.serial.data, j->row.serial.len, hex);
	o = json_pack("{s:s, s:s, s:I, s:s}", "serial", hex, "issuer",
	    j->row.issuer, "reason", (json_int_t)j->reason, "by", j->by);
	text = o == NULL ? NULL : wire_json_dump(o, NULL);
	json_decref(o);
	ca_batch_outbox(b, j->at, "cert.revoked", text);
	free(text);
}

static void
commit(struct job *j)
{
	struct ca_store *s = j->rv->o.store;
	struct ca_batch *b = ca_batch_new();
	int rc = ERR_SYS_NOMEM;

	if (b != NULL) {
		if (j->selector <= BY_FINGERPRINT)
			put_one(j, b);
		else
			ca_batch_revoke_match(
			    b, &j->match, j->at, j->reason, j->by);
		if (j->block)
			put_block(j, b);
		rc = s->ops->submit(s, b, committed, j);
	}
	if (rc != 0)
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE, base_err_text(rc));
}

/* Find the one certificate that a serial or fingerprint selects. */
static void
find_one(struct job *j)
{
	struct ca_store *s = j->rv->o.store;
	uint8_t octets[FINGERPRINT_LEN];
	struct ca_blob key = { octets, 0 };
	int rc;

	rc = wire_hex_decode(j->value, strlen(j->value), octets,
	    j->selector == BY_SERIAL ? SERIAL_MAX : FINGERPRINT_LEN, &key.len);
	if (rc != 0 || key.len == 0 ||
	    (j->selector == BY_FINGERPRINT && key.len != FINGERPRINT_LEN)) {
		refuse(j, CA_PROBLEM_MALFORMED,
		    j->selector == BY_SERIAL
			? "serial: not 1 to 20 octets in hex"
			: "fingerprint: not 32 octets in hex");
		return;
	}
	rc = j->selector == BY_SERIAL
		 ? s->ops->get_cert(s, NULL, key, j->arena, &j->row)
		 : s->ops->get_cert_fp(s, key, j->arena, &j->row);
	if (rc == ERR_STATE_NOT_FOUND)
		refuse(j, CA_PROBLEM_NOT_FOUND, "no such certificate");
	else if (rc != 0)
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE, base_err_text(rc));
	else
		commit(j);
}

static void
find_matches(struct job *j)
{
	j->match.now = j->at;
	if (j->selector == BY_EAB) {
		j->match.eab_kid = j->value;
	} else if (ca_name_parse(j->value, &j->name) == 0) {
		j->match.name = &j->name.name;
	} else {
		refuse(j, CA_PROBLEM_MALFORMED, "name: not a name");
		return;
	}
	commit(j);
}

/* Read the request; NULL, or what is wrong with it. */
static const char *
parse(struct job *j, const json_t *request, const char *by)
{
	const char *value = NULL, *v;
	size_t i, len;
	int rc;

	for (i = 0; i < N_SELECTORS; i++) {
		rc = wire_json_string(
		    request, selectors[i], VALUE_MAX, &v, &len);
		if (rc == ERR_STATE_NOT_FOUND)
			continue;
		if (rc != 0 || len == 0)
			return "the selector is not a string of 1 to 255";
		if (value != NULL)
			return "more than one selector";
		value = v;
		j->selector = (enum selector)i;
	}
	if (value == NULL)
		return "one of serial, fingerprint, name, eab_kid is needed";
	rc = wire_json_int(request, "reason", 0, 10, &j->reason);
	if ((rc != 0 && rc != ERR_STATE_NOT_FOUND) ||
	    !ca_revoke_reason_ok(j->reason))
		return "reason: not 0, 1, 3, 4, 5 or 9";
	rc = wire_json_bool(request, "block", &j->block);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return "block: not true or false";
	j->value = base_arena_dup(j->arena, value, strlen(value));
	j->by = base_arena_dup(j->arena, by, strlen(by));
	return NULL;
}

static struct job *
job_new(struct ca_revoke *rv)
{
	struct job *j;

	if (rv->n_jobs >= AT_ONCE_MAX || (j = calloc(1, sizeof(*j))) == NULL)
		return NULL;
	if ((j->arena = base_arena_new(ARENA_MAX)) == NULL) {
		free(j);
		return NULL;
	}
	j->rv = rv;
	base_list_init(&j->node);
	base_list_push_back(&rv->jobs, &j->node);
	rv->n_jobs++;
	return j;
}

void
ca_revoke_submit(struct ca_revoke *rv, const json_t *request, const char *by,
    ca_revoke_fn *fn, void *ctx)
{
	const struct ca_revoke_result busy = { CA_PROBLEM_RATE_LIMITED,
		"too many revocations under way", NULL };
	struct job *j = job_new(rv);
	const char *wrong;

	if (j == NULL) {
		fn(ctx, &busy);
		return;
	}
	j->fn = fn;
	j->ctx = ctx;
	j->at = base_clock_now_ms(rv->o.clock);
	if ((wrong = parse(j, request, by)) != NULL)
		refuse(j, CA_PROBLEM_MALFORMED, wrong);
	else if (j->value == NULL || j->by == NULL)
		refuse(j, CA_PROBLEM_STORAGE_UNAVAILABLE, "out of memory");
	else if (j->selector <= BY_FINGERPRINT)
		find_one(j);
	else
		find_matches(j);
}

int
ca_revoke_new(const struct ca_revoke_opts *opts, struct ca_revoke **ret)
{
	struct ca_revoke *rv = calloc(1, sizeof(*rv));

	if (rv == NULL)
		return ERR_SYS_NOMEM;
	rv->o = *opts;
	base_list_init(&rv->jobs);
	*ret = rv;
	return 0;
}

void
ca_revoke_stop(struct ca_revoke *rv)
{
	struct list *it, *tmp;

	if (rv == NULL)
		return;
	LIST_FOREACH (it, tmp, &rv->jobs)
		answer(LIST_ENTRY(it, struct job, node),
		    CA_PROBLEM_STORAGE_UNAVAILABLE, "the service is stopping",
		    NULL);
}

void
ca_revoke_free(struct ca_revoke *rv)
{
	struct list *it, *tmp;

	if (rv == NULL)
		return;
	ca_revoke_stop(rv);
	LIST_FOREACH (it, tmp, &rv->jobs)
		job_free(LIST_ENTRY(it, struct job, node));
	free(rv);
}

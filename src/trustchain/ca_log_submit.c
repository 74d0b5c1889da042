/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/client.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_log_internal.h"
#include "wire/base64.h"
#include "wire/json.h"

#define SKEW_MS 5000
#define REPLY_MAX 16384

enum ask_state { ASK_IDLE, ASK_SENT, ASK_OK, ASK_FAILED };

struct job;

/* The question to one server. */
struct ask {
	struct job *job;
	struct ca_log_server *server;
	enum ask_state state;
	struct http_call *call;
	const struct ct_list_entry *shard;
	char shard_name[64];
	uint8_t key[CT_LIST_KEY_MAX]; /* a new list may replace the entry */
	size_t key_len;
	struct ca_log_sct sct;
};

struct job {
	struct list node;
	struct ca_log *owner;
	ca_log_fn *fn;
	void *ctx;
	int64_t not_after_ms;
	char *body; /* the request, the same for each server */
	size_t body_len;
	uint8_t *tbs;
	struct pki_ct_entry entry;
	bool skewed;
	bool finishing;
	struct ask ask[CA_LOG_SERVERS_MAX];
};

static void job_step(struct job *);

static void
job_free(struct job *j)
{
	size_t i;

	for (i = 0; i < j->owner->n; i++)
		if (j->ask[i].call != NULL)
			http_client_cancel(j->ask[i].call);
	base_list_remove(&j->node);
	free(j->body);
	free(j->tbs);
	free(j);
}

static void
job_end(struct job *j, int rc)
{
	struct ca_log_sct scts[CA_LOG_SERVERS_MAX];
	size_t i, n = 0;

	for (i = 0; rc == 0 && i < j->owner->n; i++)
		if (j->ask[i].state == ASK_OK)
			scts[n++] = j->ask[i].sct;
	j->fn(j->ctx, rc, scts, n);
	job_free(j);
}

void
ca_log_finish(void *ctx)
{
	struct ca_log *l = ctx;
	struct list *it, *tmp;
	struct job *j;

	LIST_FOREACH (it, tmp, &l->jobs) {
		j = LIST_ENTRY(it, struct job, node);
		if (j->finishing)
			job_end(
			    j, j->skewed ? ERR_SYS_CLOCK : ERR_SYS_UNAVAILABLE);
	}
}

void
ca_log_cancel_all(struct ca_log *l)
{
	struct list *it;

	while ((it = l->jobs.next) != &l->jobs)
		job_end(LIST_ENTRY(it, struct job, node), ERR_SYS_CANCELLED);
}

int
ca_log_octets(const json_t *o, const char *name, uint8_t *out, size_t cap,
    size_t *ret_len)
{
	const char *s;
	size_t len;
	int rc;

	rc = wire_json_string(o, name, WIRE_BASE64_ENCODED_MAX(cap), &s, &len);
	if (rc != 0)
		return rc;
	return wire_base64_decode(WIRE_BASE64_STD, s, len, out, cap, ret_len);
}

/* RFC 6962 section 4.1: {sct_version, id, timestamp, extensions, signature} */
static int
parse_sct(const json_t *o, struct pki_ct_sct *ret)
{
	uint8_t sig[4 + PKI_CT_SIG_MAX];
	struct pki_ct_sct sct = { 0 };
	size_t id_len, ext_len, sig_len;
	int64_t version, timestamp;

	if (!json_is_object(o) ||
	    wire_json_int(o, "sct_version", 0, 0, &version) != 0 ||
	    wire_json_int(o, "timestamp", 0, INT64_MAX, &timestamp) != 0 ||
	    ca_log_octets(o, "id", sct.log_id, sizeof(sct.log_id), &id_len) != 0 ||
	    ca_log_octets(o, "extensions", sct.ext, sizeof(sct.ext), &ext_len) !=
		0 ||
	    ca_log_octets(o, "signature", sig, sizeof(sig), &sig_len) != 0)
		return ERR_PEER_MALFORMED;
	if (id_len != sizeof(sct.log_id) || sig_len < 4 ||
	    sig_len - 4 != ((size_t)sig[2] << 8 | sig[3]))
		return ERR_PEER_MALFORMED;
	sct.timestamp_ms = (uint64_t)timestamp;
	sct.hash_alg = sig[0];
	sct.sig_alg = sig[1];
	sct.ext_len = (uint16_t)ext_len;
	sct.sig_len = (uint16_t)(sig_len - 4);
	memcpy(sct.sig, sig + 4, sig_len - 4);
	*ret = sct;
	return 0;
}

static int
judge(struct ask *a, const uint8_t *body, size_t len)
{
	const struct job *j = a->job;
	struct pki_bytes spki = { a->key, a->key_len }, ext;
	int64_t now = base_clock_now_ms(j->owner->o.clock);
	json_t *o = NULL;
	int rc;

	if ((rc = wire_json_parse((const char *)body, len, &o, NULL)) != 0)
		return rc;
	rc = parse_sct(o, &a->sct.sct);
	json_decref(o);
	if (rc != 0)
		return rc;
	ext.data = a->sct.sct.ext;
	ext.len = a->sct.sct.ext_len;
	if ((rc = pki_ct_sct_verify(&a->sct.sct, &j->entry, spki)) != 0)
		return rc;
	a->sct.foreign = a->server->foreign;
	if (a->sct.foreign)
		rc = ext.len == 0 ? 0 : ERR_PEER_UNSUPPORTED;
	else
		rc = pki_ct_leaf_index_parse(ext, &a->sct.leaf_index);
	if (rc != 0)
		return rc;
	/* An older time is right for an entry the log knew already. */
	if ((int64_t)a->sct.sct.timestamp_ms > now + SKEW_MS)
		return ERR_SYS_CLOCK;
	memcpy(a->sct.shard, a->shard_name, sizeof(a->sct.shard));
	return 0;
}

static void
on_reply(void *ctx, const struct http_response *r)
{
	struct ask *a = ctx;
	const uint8_t *body;
	char why[128];
	size_t len;
	int rc = http_response_rc(r);

	a->call = NULL;
	(void)snprintf(why, sizeof(why), "%s", http_response_detail(r));
	if (rc == 0 && http_response_status(r) != 200) {
		rc = ERR_SYS_UNAVAILABLE;
		(void)snprintf(why, sizeof(why), "submission: status %d",
		    http_response_status(r));
	} else if (rc == 0) {
		body = http_response_body(r, &len);
		if ((rc = judge(a, body, len)) != 0)
			(void)snprintf(
			    why, sizeof(why), "bad SCT: %s", base_err_text(rc));
	}
	a->state = rc == 0 ? ASK_OK : ASK_FAILED;
	a->job->skewed = a->job->skewed || rc == ERR_SYS_CLOCK;
	ca_log_mark(a->server, rc == 0, rc == 0 ? "" : why);
	job_step(a->job);
}

/* Where the shard takes submissions, over this server's transport. */
static int
submit_url(const struct ask *a, char *out, size_t cap)
{
	const char *url = a->shard->url, *path;

	if (a->server->foreign)
		return base_str_format(
		    out, cap, "%s/ct/v1/add-pre-chain", a->server->base);
	if (a->server->unix_path[0] == '\0')
		return base_str_format(out, cap, "%s/ct/v1/add-pre-chain", url);
	if ((path = strstr(url, "://")) == NULL ||
	    (path = strchr(path + 3, '/')) == NULL)
		return ERR_PEER_MALFORMED;
	return base_str_format(
	    out, cap, "%s%s/ct/v1/add-pre-chain", a->server->base, path);
}

static void
ask_send(struct ask *a)
{
	char auth[CA_LOG_TOKEN_MAX + 16];
	const struct http_header headers[] = {
		{ "content-type", "application/json" },
		{ "authorization", auth },
	};
	const struct ca_config *conf = a->job->owner->o.config;
	char url[CA_LOG_URL_MAX + 256];
	struct http_client_request req = {
		.method = HTTP_METHOD_POST,
		.url = url,
		.unix_path = a->server->unix_path[0] != '\0'
				 ? a->server->unix_path
				 : NULL,
		.headers = headers,
		.headers_count = a->server->token[0] != '\0' ? 2 : 1,
		.body = a->job->body,
		.body_len = a->job->body_len,
		.timeout_ms = (unsigned)conf->issue.ct_timeout_ms,
		.response_max = REPLY_MAX,
	};

	a->state = ASK_FAILED;
	ca_log_trust_set(a->server, &req);
	(void)snprintf(auth, sizeof(auth), "Bearer %s", a->server->token);
	/* A token that could not be read: the log would refuse. */
	if (ca_log_trust_token(a->server) && a->server->token[0] == '\0')
		return;
	if (a->shard == NULL || submit_url(a, url, sizeof(url)) != 0)
		return;
	memcpy(a->shard_name, a->shard->name, sizeof(a->shard_name));
	memcpy(a->key, a->shard->key, sizeof(a->key));
	a->key_len = a->shard->key_len;
	if (http_client_send(
		a->job->owner->client, &req, on_reply, a, &a->call) == 0)
		a->state = ASK_SENT;
	else
		a->call = NULL;
}

/* The next server to ask: healthy before sick, primary before backup. */
static struct ask *
next_ask(struct job *j)
{
	bool backups =
	    j->owner->o.config->issue.ct_on_failure == CA_CONFIG_BACKUP;
	struct ask *best = NULL;
	int cost, best_cost = 4;
	size_t i;

	for (i = 0; i < j->owner->n; i++) {
		struct ask *a = &j->ask[i];

		if (a->state != ASK_IDLE ||
		    (a->server->conf->role != 0 && !backups))
			continue;
		cost = (a->server->up ? 0 : 1) +
		       (a->server->conf->role != 0 ? 2 : 0);
		if (cost < best_cost) {
			best = a;
			best_cost = cost;
		}
	}
	return best;
}

static void
job_step(struct job *j)
{
	size_t want = (size_t)j->owner->o.config->issue.min_scts;
	size_t ok = 0, sent = 0, i;
	struct ask *a;

	for (i = 0; i < j->owner->n; i++) {
		ok += j->ask[i].state == ASK_OK ? 1 : 0;
		sent += j->ask[i].state == ASK_SENT ? 1 : 0;
	}
	if (ok >= want) {
		job_end(j, 0);
		return;
	}
	while (ok + sent < want && (a = next_ask(j)) != NULL) {
		a->shard = ca_log_shard(a->server, j->not_after_ms);
		ask_send(a);
		a->shard = NULL;
		sent += a->state == ASK_SENT ? 1 : 0;
	}
	/* Never from within ca_log_submit. */
	if (sent == 0) {
		j->finishing = true;
		loop_timer_start(j->owner->finisher, 0, 0);
	}
}

/* RFC 6962 section 4.2: {"chain": [...]}.  Base64 needs no escapes, so that
 * there is nothing for a JSON library to look at in every character. */
static char *
make_body(const struct ca_log_entry *e, size_t *ret_len)
{
	static const char head[] = "{\"chain\":[", tail[] = "]}";
	size_t i, max = sizeof(head) + sizeof(tail), len = sizeof(head) - 1;
	struct pki_bytes der;
	char *body;

	for (i = 0; i <= e->chain_len; i++) {
		der = i == 0 ? e->precert : e->chain[i - 1];
		max += WIRE_BASE64_ENCODED_MAX(der.len) + 3;
	}
	if ((body = malloc(max)) == NULL)
		return NULL;
	memcpy(body, head, len);
	for (i = 0; i <= e->chain_len; i++) {
		der = i == 0 ? e->precert : e->chain[i - 1];
		if (i > 0)
			body[len++] = ',';
		body[len++] = '"';
		len += wire_base64_encode(
		    WIRE_BASE64_STD, der.data, der.len, body + len);
		body[len++] = '"';
	}
	memcpy(body + len, tail, sizeof(tail));
	*ret_len = len + sizeof(tail) - 1;
	return body;
}

int
ca_log_submit(
    struct ca_log *l, const struct ca_log_entry *e, ca_log_fn *fn, void *ctx)
{
	struct job *j;
	size_t i;

	if ((j = calloc(1, sizeof(*j))) == NULL)
		return ERR_SYS_NOMEM;
	j->owner = l;
	j->fn = fn;
	j->ctx = ctx;
	j->not_after_ms = e->not_after_ms;
	base_list_init(&j->node);
	j->body = make_body(e, &j->body_len);
	if (j->body == NULL || (j->tbs = malloc(e->tbs.len)) == NULL) {
		job_free(j);
		return ERR_SYS_NOMEM;
	}
	memcpy(j->tbs, e->tbs.data, e->tbs.len);
	j->entry.type = PKI_CT_PRECERT;
	memcpy(j->entry.issuer_key_hash, e->issuer_key_hash, 32);
	j->entry.cert.data = j->tbs;
	j->entry.cert.len = e->tbs.len;
	for (i = 0; i < l->n; i++) {
		j->ask[i].job = j;
		j->ask[i].server = &l->server[i];
	}
	base_list_push_back(&l->jobs, &j->node);
	job_step(j);
	return 0;
}

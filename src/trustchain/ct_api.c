/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_api.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/request.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_control.h"
#include "trustchain/ct_exhibits.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_quorum.h"
#include "trustchain/ct_read.h"
#include "trustchain/ct_reply.h"
#include "wire/base64.h"

static const struct ct_reply_error not_yet = { 503, "not_yet_published",
	"nothing is published yet" };

static void
get_tree(struct ct_log *l, const char *rest, struct http_request *r)
{
	struct ct_shard *s = ct_log_now(l);
	const struct ct_shard_head *h = s == NULL ? NULL : ct_shard_head(s);

	(void)rest;
	if (h == NULL) {
		ct_reply_fail(r, CT_REPLY_API, &not_yet);
		return;
	}
	ct_reply_json(
	    r, json_pack("{s:I, s:o, s:I, s:s, s:s%, s:o}", "tree_size",
		   (json_int_t)h->tree.size, "root_hash",
		   ct_reply_base64(h->tree.root.b, MERKLE_HASH_LEN),
		   "timestamp", (json_int_t)h->sth.timestamp_ms, "shard",
		   ct_shard_params(s)->period.name, "checkpoint", h->checkpoint,
		   h->checkpoint_len, "shards", ct_control_shards(l)));
}

static void
get_monitor(struct ct_log *l, const char *rest, struct http_request *r)
{
	const char *status = "healthy";
	struct ct_quorum_figures q;
	struct ct_shard_stats st;
	char issue[160];
	int64_t lag = 0;
	size_t i;

	(void)rest;
	for (i = 0; i < ct_log_count(l); i++) {
		ct_shard_stats(ct_log_shard(l, i), &st);
		if (st.lag_ms > lag)
			lag = st.lag_ms;
		if (st.read_only)
			status = "unhealthy";
	}
	if (strcmp(status, "healthy") == 0 &&
	    ct_log_check(l, issue, sizeof(issue)) != 0)
		status = "degraded";
	/* Without witnesses nothing is confirmed by others: k = 0, no f. */
	ct_quorum_figures(ct_log_config(l), &q);
	ct_reply_json(
	    r, json_pack("{s:s, s:{s:i, s:i, s:o, s:b}, s:I, s:i, s:o}",
		   "status", status, "quorum", "n", (int)q.n, "k", (int)q.k,
		   "f", q.f < 0 ? json_null() : json_integer(q.f), "met",
		   (int)ct_log_quorum_met(l), "publication_lag_ms",
		   (json_int_t)lag, "evidence",
		   (int)ct_exhibits_count(ct_log_exhibits(l)), "shards",
		   ct_control_shards(l)));
}

static void
get_logs(struct ct_log *l, const char *rest, struct http_request *r)
{
	struct pki_bytes json, note;

	(void)rest;
	ct_log_list(l, &json, &note);
	if (note.len == 0)
		ct_reply_fail(r, CT_REPLY_API, &not_yet);
	else
		ct_reply_text(
		    r, (const char *)json.data, json.len, "application/json");
}

static void
get_note(struct ct_log *l, const char *rest, struct http_request *r)
{
	struct pki_bytes json, note;

	(void)rest;
	ct_log_list(l, &json, &note);
	if (note.len == 0)
		ct_reply_fail(r, CT_REPLY_API, &not_yet);
	else
		ct_reply_text(r, (const char *)note.data, note.len,
		    "text/plain; charset=utf-8");
}

/* The form of "openssl s_client -ctlogfile"; see CTLOG_STORE_load_file(3). */
static void
get_ctlogfile(struct ct_log *l, const char *rest, struct http_request *r)
{
	char key[WIRE_BASE64_ENCODED_MAX(CT_PARAMS_SPKI_MAX)];
	const struct ct_params *p;
	struct buf out;
	size_t i;
	int rc;

	(void)rest;
	base_buf_init(&out, 1 << 20);
	rc = base_buf_printf(&out, "enabled_logs = ");
	for (i = 0; i < ct_log_count(l) && rc == 0; i++)
		rc = base_buf_printf(&out, "%s%s", i == 0 ? "" : ",",
		    ct_shard_params(ct_log_shard(l, i))->period.name);
	for (i = 0; i < ct_log_count(l) && rc == 0; i++) {
		p = ct_shard_params(ct_log_shard(l, i));
		wire_base64_encode(WIRE_BASE64_STD, p->spki, p->spki_len, key);
		rc = base_buf_printf(&out,
		    "\n\n[%s]\ndescription = %s\nkey = %s\n", p->period.name,
		    p->origin, key);
	}
	if (rc == 0)
		ct_reply_text(r, (const char *)out.data, out.len,
		    "text/plain; charset=utf-8");
	else
		ct_reply_fail(r, CT_REPLY_API, &not_yet);
	base_buf_free(&out);
}

static void
get_evidence(struct ct_log *l, const char *rest, struct http_request *r)
{
	(void)rest;
	ct_reply_json(r, json_pack("{s:o}", "evidence",
			     ct_exhibits_json(ct_log_exhibits(l))));
}

static void
get_one_evidence(struct ct_log *l, const char *id, struct http_request *r)
{
	static const struct ct_reply_error unknown = { 404, "not_found",
		"no evidence has this id" };
	uint8_t *data;
	size_t len;

	if (ct_exhibits_load(ct_log_exhibits(l), id, &data, &len) != 0) {
		ct_reply_fail(r, CT_REPLY_API, &unknown);
		return;
	}
	ct_reply_text(r, (const char *)data, len, "application/json");
	free(data);
}

int
ct_api_get(struct ct_log *l, const char *path, struct http_request *r)
{
	static const struct {
		const char *path; /* with a final '/': the rest is passed */
		void (*get)(
		    struct ct_log *, const char *, struct http_request *);
	} table[] = {
		{ "tree", get_tree },
		{ "monitor", get_monitor },
		{ "logs", get_logs },
		{ "logs.note", get_note },
		{ "ctlogfile", get_ctlogfile },
		{ "evidence", get_evidence },
		{ "evidence/", get_one_evidence },
		{ "proof/", ct_read_sct },
	};
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		n = strlen(table[i].path);
		if (table[i].path[n - 1] == '/'
			? strncmp(path, table[i].path, n) == 0
			: strcmp(path, table[i].path) == 0) {
			table[i].get(l, path + n, r);
			return 1;
		}
	}
	return 0;
}

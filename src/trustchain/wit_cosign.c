/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request at a time from its arrival to its answer:
 *
 *   judge (loop) -> store the head (pool) -> Ed25519, then ML-DSA-44 (key
 *   process) -> answer (loop)
 *
 * Requests of one log that arrive while its head is being stored wait and are
 * judged afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/str.h"
#include "http/request.h"
#include "loop/work.h"
#include "merkle/addcheckpoint.h"
#include "merkle/cosig.h"
#include "merkle/cosigned.h"
#include "merkle/notekey.h"
#include "ops/faults.h"
#include "ops/log.h"
#include "store/disk.h"
#include "trustchain/wit_config.h"
#include "trustchain/wit_logs_internal.h"
#include "wire/builder.h"

#define PLAIN "text/plain; charset=utf-8"

struct wit_job {
	struct wit_job *next; /* waiting */
	struct wit_logs *w;
	struct http_request *r;
	struct wit_log *log;
	struct merkle_witness_step step;
	bool get; /* answer with the whole checkpoint */
	char *note;
	uint64_t size;
	char path[WIT_PATHS_MAX];
	int rc; /* of the pool's work */
	size_t key;
	uint64_t time_s;
	char lines[WIT_LINES_MAX];
};

static void
job_free(struct wit_job *j)
{
	free(j->note);
	free(j);
}

static void
fail(struct wit_job *j, int status, const char *why)
{
	wit_logs_reply(j->w, j->r, status, PLAIN, why);
	job_free(j);
}

static void
event(const struct wit_job *j, const char *action, uint64_t size)
{
	char target[256];

	if (base_str_format(target, sizeof(target),
		"{\"log\":\"%s\",\"size\":%llu}", j->log->hash,
		(unsigned long long)size) == 0)
		j->w->o.event(j->w->o.ctx, action, target);
}

/* All keys have signed. */
static void
answer(struct wit_job *j)
{
	struct wit_log *log = j->log;
	struct buf out;
	int rc = 0;

	base_buf_init(&out, MERKLE_NOTE_MAX + WIT_LINES_MAX);
	if (j->get)
		rc = base_buf_printf(&out, "%s", j->note);
	if (rc == 0)
		rc = base_buf_printf(&out, "%s", j->lines);
	if (rc == 0)
		rc = base_buf_append(&out, "", 1);
	if (rc != 0) {
		base_buf_free(&out);
		fail(j, 500, "out of memory\n");
		return;
	}
	if (!j->get)
		event(j, "witness.cosigned", j->size);
	if (log->note == NULL || j->size >= log->size) {
		free(log->note);
		free(log->lines);
		log->note = j->note;
		log->size = j->size;
		log->lines = strdup(j->lines);
		j->note = NULL;
	}
	wit_logs_reply(j->w, j->r, 200, PLAIN, (const char *)out.data);
	base_buf_free(&out);
	job_free(j);
}

static void sign(struct wit_job *j);

static void
signed_one(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	char line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t body[MERKLE_COSIG_BODY_MAX];
	struct merkle_cosig cosig;
	struct wit_job *j = ctx;
	const struct wit_key *k = &j->w->key[j->key];
	size_t at = strlen(j->lines);

	if (rc == 0)
		rc = ops_fault_point(j->w->o.faults, WIT_POINT_SIGNED);
	if (rc == 0 && len != merkle_cosig_sig_len(k->vkey.type))
		rc = ERR_SYS_KEY;
	if (rc == 0) {
		cosig.timestamp_s = j->time_s;
		cosig.sig_len = len;
		memcpy(cosig.sig, sig, len);
		rc = merkle_notekey_line(k->vkey.name, k->vkey.id, body,
		    merkle_cosig_body(&cosig, body), line);
	}
	if (rc == 0)
		rc = base_str_copy(j->lines + at, sizeof(j->lines) - at, line);
	if (rc != 0) {
		OPS_LOG(j->w->o.log, OPS_LOG_ERROR, "witness", "not signed",
		    OPS_LOG_STR("log", j->log->hash),
		    OPS_LOG_STR("error", base_err_name(rc)));
		fail(j, 503, "the key is not available\n");
		return;
	}
	j->key++;
	sign(j);
}

static void
sign(struct wit_job *j)
{
	const char *end = strstr(j->note, "\n\n");
	uint8_t message[MERKLE_COSIGNED_MAX];
	struct merkle_cosigned m;
	struct keys_request req;
	struct builder b;
	int rc;

	if (j->key == j->w->keys) {
		answer(j);
		return;
	}
	rc = merkle_cosigned_init(&m, j->w->key[j->key].vkey.type,
	    j->w->o.config->witness.name, j->note,
	    end == NULL ? 0 : (size_t)(end - j->note) + 1);
	if (rc == 0) {
		m.timestamp_s = j->time_s;
		wire_builder_init(&b, message, sizeof(message));
		merkle_cosigned_encode(&m, &b);
		rc = wire_builder_done(&b, &req.len);
	}
	if (rc == 0) {
		req.op = j->w->key[j->key].op;
		req.slot = j->w->key[j->key].slot;
		req.payload = message;
		rc = j->w->o.signer.call(
		    j->w->o.signer.ctx, &req, signed_one, j);
	}
	if (rc != 0)
		fail(j, 503, "the key is not available\n");
}

static void judge(struct wit_job *j);

/* A head is stored, or not: those behind it may be judged. */
static void
wake(struct wit_logs *w)
{
	struct wit_job *list = w->waiting, *j;

	w->waiting = NULL;
	w->waiting_end = &w->waiting;
	w->waiting_count = 0;
	while ((j = list) != NULL) {
		list = j->next;
		j->next = NULL;
		judge(j);
	}
}

static void
store_work(void *ctx)
{
	struct wit_job *j = ctx;

	j->rc = ops_fault_point(j->w->o.faults, WIT_POINT_STORE);
	if (j->rc == 0)
		j->rc = store_disk_replace(j->w->o.disk, j->path, j->note,
		    strlen(j->note), 0600, "witness.head");
	if (j->rc == 0)
		j->rc = ops_fault_point(j->w->o.faults, WIT_POINT_STORED);
}

static void
store_done(void *ctx)
{
	struct wit_job *j = ctx;
	struct wit_logs *w = j->w;

	merkle_witness_stored(w->core, &j->step, j->rc);
	if (j->rc == 0) {
		j->time_s = (uint64_t)base_clock_now_ms(w->o.clock) / 1000;
		sign(j);
	} else {
		OPS_LOG(w->o.log, OPS_LOG_ERROR, "witness", "head not stored",
		    OPS_LOG_STR("path", j->path),
		    OPS_LOG_STR("error", base_err_name(j->rc)));
		w->disk_failed = true;
		fail(j, 500, "the disk failed\n");
	}
	wake(w);
}

static void
store(struct wit_job *j)
{
	struct wit_logs *w = j->w;
	int rc;

	j->size = j->step.new_head.size;
	j->note = wit_logs_stored_note(j->log, j->step.note, j->step.note_len);
	rc = j->note == NULL ? ERR_SYS_NOMEM
			     : wit_paths_head(w->o.config->server.state_dir,
				   j->log->origin, j->path);
	if (rc == 0 && j->step.text_len > MERKLE_COSIGNED_TEXT_MAX)
		rc = ERR_PEER_TOO_LARGE;
	if (rc == 0)
		rc = loop_pool_submit(w->o.pool, store_work, store_done, j);
	if (rc == 0)
		return;
	merkle_witness_stored(w->core, &j->step, rc);
	if (rc == ERR_PEER_TOO_LARGE)
		fail(j, 400, "the checkpoint is too long\n");
	else
		fail(j, 503, "busy\n");
}

static void
wait_behind(struct wit_job *j)
{
	struct wit_logs *w = j->w;

	if (w->waiting_count == WIT_WAITING_MAX) {
		fail(j, 503, "busy\n");
		return;
	}
	w->waiting_count++;
	*w->waiting_end = j;
	w->waiting_end = &j->next;
}

static void
refuse(struct wit_job *j, int status)
{
	static const struct {
		int status;
		const char *why;
	} table[] = {
		{ 400, "malformed\n" },
		{ 403, "not signed by a known key of the log\n" },
		{ 404, "unknown log\n" },
		{ 422, "the proof does not hold\n" },
	};
	const char *why = "refused\n";

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			why = table[i].why;
	fail(j, status, why);
}

/* The log that a refused request is about; NULL for a stranger. */
static struct wit_log *
log_of(struct wit_job *j)
{
	struct merkle_addcheckpoint req;
	char hash[WIT_PATHS_HASH_MAX], origin[MERKLE_WITNESS_ORIGIN_MAX];
	const char *body, *end;
	size_t len;

	body = (const char *)http_request_body(j->r, &len);
	if (merkle_addcheckpoint_parse(body, len, &req) != 0 ||
	    (end = memchr(req.note, '\n', req.note_len)) == NULL ||
	    (size_t)(end - req.note) >= sizeof(origin))
		return NULL;
	memcpy(origin, req.note, (size_t)(end - req.note));
	origin[end - req.note] = '\0';
	wit_paths_hash(origin, hash);
	return base_map_get(j->w->by_hash, hash, strlen(hash));
}

static void
judge(struct wit_job *j)
{
	struct wit_logs *w = j->w;
	const char *body;
	size_t len;
	int status;

	body = (const char *)http_request_body(j->r, &len);
	if (merkle_witness_submit(w->core, body, len, &j->step) != 0) {
		wait_behind(j);
		return;
	}
	status = j->step.status;
	if (status == 0) {
		j->log = &w->log[j->step.log];
		store(j);
	} else if (status == 409) {
		wit_logs_reply(
		    w, j->r, 409, MERKLE_WITNESS_CONFLICT_TYPE, j->step.body);
		job_free(j);
	} else {
		/* What may be an attack on a known log is remembered. */
		if ((status == 403 || status == 422) &&
		    (j->log = log_of(j)) != NULL)
			event(j, "witness.refused", j->log->size);
		refuse(j, status);
	}
}

static struct wit_job *
job_new(struct wit_logs *w, struct http_request *r)
{
	char why[64];
	struct wit_job *j = NULL;

	if (!wit_logs_ready(w, why, sizeof(why)) ||
	    (j = calloc(1, sizeof(*j))) == NULL) {
		wit_logs_reply(w, r, 503, PLAIN, "not ready\n");
		return NULL;
	}
	j->w = w;
	j->r = r;
	return j;
}

void
wit_logs_add(struct wit_logs *w, struct http_request *r)
{
	struct wit_job *j;
	size_t len;

	(void)http_request_body(r, &len);
	if (len > MERKLE_ADDCHECKPOINT_MAX)
		wit_logs_reply(w, r, 413, PLAIN, "too large\n");
	else if ((j = job_new(w, r)) != NULL)
		judge(j);
}

void
wit_logs_resign(struct wit_logs *w, struct wit_log *log, struct http_request *r)
{
	struct wit_job *j = job_new(w, r);

	if (j == NULL)
		return;
	j->log = log;
	j->get = true;
	j->size = log->size;
	if ((j->note = strdup(log->note)) == NULL) {
		fail(j, 500, "out of memory\n");
		return;
	}
	j->time_s = (uint64_t)base_clock_now_ms(w->o.clock) / 1000;
	if (log->lines != NULL &&
	    base_str_copy(j->lines, sizeof(j->lines), log->lines) == 0)
		answer(j);
	else
		sign(j);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/wit_logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/rng.h"
#include "crypto/mldsa.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "http/request.h"
#include "merkle/notekey.h"
#include "merkle/signed.h"
#include "ops/log.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/keyop.h"
#include "trustchain/wit_config.h"
#include "trustchain/wit_logs_internal.h"
#include "trustchain/wit_metrics.h"

void
wit_logs_reply(struct wit_logs *w, struct http_request *r, int status,
    const char *type, const char *body)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", status);
	ops_metrics_add(w->o.metrics, WIT_METRIC_REQUESTS, OPS_LABELS(text), 1);
	http_request_reply_text(r, status, type, body);
}

char *
wit_logs_stored_note(const struct wit_log *log, const char *note, size_t len)
{
	struct merkle_note *n = malloc(sizeof(*n));
	char *text = NULL;
	struct buf out;
	int rc = ERR_SYS_NOMEM;

	base_buf_init(&out, MERKLE_NOTE_MAX + 1);
	if (n != NULL && (rc = merkle_note_parse(note, len, n)) == 0)
		rc = base_buf_printf(&out, "%.*s\n", (int)n->text_len, n->text);
	for (size_t i = 0; rc == 0 && i < n->sig_count; i++)
		for (size_t k = 0; rc == 0 && k < log->keys; k++)
			if (merkle_notekey_is(&n->sig[i], &log->key[k]))
				rc = base_buf_printf(&out,
				    "\xe2\x80\x94 %.*s %.*s\n",
				    (int)n->sig[i].name_len, n->sig[i].name,
				    (int)n->sig[i].base64_len,
				    n->sig[i].base64);
	if (rc == 0 && base_buf_append(&out, "", 1) == 0)
		text = strdup((const char *)out.data);
	base_buf_free(&out);
	free(n);
	return text;
}

/* The head in the file, signed by one of the log's keys. */
static int
load_head(struct wit_logs *w, struct wit_log *log, struct merkle_head *ret,
    struct fault *f)
{
	struct merkle_note *note;
	char path[WIT_PATHS_MAX];
	uint8_t *data;
	size_t len;
	int rc;

	rc = wit_paths_head(w->o.config->server.state_dir, log->origin, path);
	if (rc == 0)
		rc = store_file_load(path, MERKLE_NOTE_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return rc;
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%.200s: %s", path, base_err_text(rc));
	if ((note = malloc(sizeof(*note))) == NULL)
		rc = ERR_SYS_NOMEM;
	else
		rc = ERR_PEER_SIGNATURE;
	for (size_t k = 0; note != NULL && k < log->keys && rc != 0; k++)
		rc = merkle_signed_head(
		    (const char *)data, len, &log->key[k], note, ret);
	free(note);
	if (rc == 0) {
		log->note = (char *)data;
		log->size = ret->size;
		return 0;
	}
	free(data);
	return base_fault_set(f, rc == ERR_SYS_NOMEM ? rc : ERR_STATE_INTEGRITY,
	    "%.200s: not a head that %.100s signed (%s); a witness that has "
	    "lost its state must be given a new name and new keys",
	    path, log->origin, base_err_text(rc));
}

static int
add_log(struct wit_logs *w, const struct wit_config_log *conf, struct fault *f)
{
	struct wit_log *log = &w->log[w->n++];
	struct merkle_head head;
	const char *text;
	int rc = 0;

	log->origin = conf->origin;
	wit_paths_hash(conf->origin, log->hash);
	for (size_t i = 0; i < conf->vkeys.n && rc == 0; i++) {
		text = ops_config_string(&conf->vkeys, i);
		rc = merkle_vkey_parse(
		    text, strlen(text), &log->key[log->keys++]);
	}
	if (rc == 0)
		rc =
		    base_map_put(w->by_hash, log->hash, strlen(log->hash), log);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[witness.log]] %.100s: %s", conf->origin,
		    base_err_text(rc));
	rc = load_head(w, log, &head, f);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	return merkle_witness_add(
	    w->core, conf->origin, log->key, log->keys, rc == 0 ? &head : NULL);
}

static void
add_key(struct wit_logs *w, uint8_t op, uint8_t slot)
{
	struct wit_key *k = &w->key[w->keys++];

	k->op = op;
	k->slot = slot;
}

static int
make_folder(struct wit_logs *w, struct fault *f)
{
	char dir[WIT_PATHS_MAX];
	int rc;

	(void)snprintf(
	    dir, sizeof(dir), "%s/logs", w->o.config->server.state_dir);
	rc = store_disk_mkdirs(w->o.disk, dir, 0700, "witness.head");
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%.200s: %s", dir, base_err_text(rc));
}

static int
load(struct wit_logs *w, struct fault *f)
{
	const struct wit_config *c = w->o.config;
	const struct wit_config_log *conf = c->logs.v;
	uint8_t sipkey[16];
	int rc;

	if ((rc = base_rng_fill(w->o.rng, sipkey, sizeof(sipkey))) != 0 ||
	    (rc = make_folder(w, f)) != 0 ||
	    (rc = merkle_witness_new(c->logs.n + 1, sipkey, &w->core)) != 0)
		return rc;
	w->log = calloc(c->logs.n + 1, sizeof(*w->log));
	w->by_hash = base_map_new(c->logs.n + 1, sipkey);
	if (w->log == NULL || w->by_hash == NULL)
		return ERR_SYS_NOMEM;
	add_key(w, KEYOP_COSIG, KEYOP_SLOT_WITNESS);
	if (c->witness.key44[0] != '\0')
		add_key(w, KEYOP_COSIG44, KEYOP_SLOT_WITNESS44);
	for (size_t i = 0; i < c->logs.n && rc == 0; i++)
		rc = add_log(w, &conf[i], f);
	return rc;
}

int
wit_logs_new(
    const struct wit_logs_opts *opts, struct wit_logs **ret, struct fault *f)
{
	struct wit_logs *w = calloc(1, sizeof(*w));
	int rc;

	f->msg[0] = '\0';
	if (w == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	w->o = *opts;
	w->waiting_end = &w->waiting;
	if ((rc = load(w, f)) != 0) {
		if (f->msg[0] == '\0')
			(void)base_fault_set(
			    f, rc, "witness: %s", base_err_text(rc));
		wit_logs_free(w);
		return rc;
	}
	*ret = w;
	return 0;
}

void
wit_logs_free(struct wit_logs *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n; i++) {
		free(w->log[i].note);
		free(w->log[i].lines);
	}
	free(w->log);
	base_map_free(w->by_hash);
	merkle_witness_free(w->core);
	free(w);
}

/* The octets that a verifier key carries. */
static int
public_octets(
    const uint8_t *spki, size_t len, enum merkle_sig_type type, uint8_t *ret)
{
	struct crypto_pkey *key;
	size_t n;
	int rc;

	if ((rc = crypto_pkey_from_spki(spki, len, &key)) != 0)
		return rc;
	if (type == MERKLE_SIG_COSIGNATURE)
		rc = crypto_pkey_raw_public(key, ret, 32, &n);
	else
		rc = crypto_mldsa_public(key, ret);
	crypto_pkey_free(key);
	return rc;
}

static int ask_key(struct wit_logs *w);

static void
on_public(void *ctx, int rc, const uint8_t *spki, size_t len)
{
	uint8_t octets[MERKLE_VKEY_KEY_MAX];
	struct wit_logs *w = ctx;
	enum merkle_sig_type type;
	struct wit_key *k = w->key;

	if (rc == ERR_SYS_CANCELLED)
		return;
	while (k->known)
		k++;
	type = k->op == KEYOP_COSIG ? MERKLE_SIG_COSIGNATURE
				    : MERKLE_SIG_COSIGNATURE44;
	if (rc == 0)
		rc = public_octets(spki, len, type, octets);
	if (rc == 0)
		rc = merkle_vkey_init(
		    &k->vkey, w->o.config->witness.name, type, octets);
	k->known = rc == 0;
	if (rc == 0)
		rc = ask_key(w);
	if (rc != 0)
		OPS_LOG(w->o.log, OPS_LOG_ERROR, "witness",
		    "the key process does not say its keys",
		    OPS_LOG_STR("error", base_err_name(rc)));
}

/* The next key that is not known. */
static int
ask_key(struct wit_logs *w)
{
	struct keys_request req = { KEYOP_PUBLIC, 0, NULL, 0 };

	for (size_t i = 0; i < w->keys; i++) {
		if (w->key[i].known)
			continue;
		req.slot = w->key[i].slot;
		return w->o.signer.call(w->o.signer.ctx, &req, on_public, w);
	}
	return 0;
}

int
wit_logs_start(struct wit_logs *w)
{
	ops_metrics_set(w->o.metrics, WIT_METRIC_LOGS, NULL, (double)w->n);
	return ask_key(w);
}

bool
wit_logs_ready(const struct wit_logs *w, char *why, size_t len)
{
	for (size_t i = 0; i < w->keys; i++)
		if (!w->key[i].known) {
			(void)snprintf(why, len, "the keys are not known yet");
			return false;
		}
	if (w->disk_failed)
		(void)snprintf(why, len, "the disk failed");
	return !w->disk_failed;
}

int
wit_logs_check(const struct wit_logs *w, char *issue, size_t len)
{
	if (!w->disk_failed)
		return 0;
	(void)snprintf(issue, len,
	    "the disk failed, nothing is cosigned; mend it and restart");
	return 1;
}

int
wit_logs_vkey(const struct wit_logs *w, enum merkle_sig_type type,
    char ret[MERKLE_VKEY_TEXT_MAX])
{
	for (size_t i = 0; i < w->keys; i++)
		if (w->key[i].known && w->key[i].vkey.type == type)
			return merkle_vkey_encode(&w->key[i].vkey, ret);
	return ERR_STATE_NOT_FOUND;
}

size_t
wit_logs_count(const struct wit_logs *w)
{
	return w->n;
}

void
wit_logs_get(struct wit_logs *w, const char *hash, struct http_request *r)
{
	struct wit_log *log = base_map_get(w->by_hash, hash, strlen(hash));

	if (log == NULL || log->note == NULL)
		wit_logs_reply(w, r, 404, "text/plain; charset=utf-8",
		    log == NULL ? "unknown log\n" : "no head yet\n");
	else
		wit_logs_resign(w, log, r);
}

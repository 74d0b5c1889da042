/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "http/client.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/ca_log_foreign.h"
#include "trustchain/ca_log_internal.h"
#include "wire/hex.h"

#define REFRESH_DOWN_MS 5000
#define REFRESH_UP_MS 60000
#define REFRESH_TIMEOUT_MS 4000

int
ca_log_list_path(
    const char *state_dir, const char *list_vkey, char *out, size_t cap)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	char hex[17];

	crypto_sha2_256(list_vkey, strlen(list_vkey), digest);
	wire_hex_encode(digest, 8, hex);
	return base_str_format(out, cap, "%s/logs/%s.list", state_dir, hex);
}

const struct ct_list_entry *
ca_log_shard(const struct ca_log_server *s, int64_t not_after_ms)
{
	size_t i;

	for (i = 0; s->list != NULL && i < s->list->n; i++) {
		const struct ct_list_entry *e = &s->list->entry[i];

		if (not_after_ms >= e->start_ms && not_after_ms < e->end_ms &&
		    (e->state == CT_LIST_OPEN || e->state == CT_LIST_PENDING))
			return e;
	}
	return NULL;
}

void
ca_log_mark(struct ca_log_server *s, bool up, const char *detail)
{
	if (s->up != up ||
	    (!up && strncmp(detail, s->detail, sizeof(s->detail) - 1) != 0))
		OPS_LOG(s->owner->o.log, up ? OPS_LOG_INFO : OPS_LOG_WARN,
		    "log", up ? "log answers" : "log down",
		    OPS_LOG_STR("url", s->conf->url),
		    OPS_LOG_STR("detail", detail));
	/* The next question was due when the log last answered: too late. */
	if (s->up && !up && s->owner->timer != NULL)
		loop_timer_start(s->owner->timer, s->owner->o.down_ms, 0);
	s->up = up;
	(void)snprintf(s->detail, sizeof(s->detail), "%s", detail);
}

bool
ca_log_ready(
    const struct ca_log *l, int64_t not_after_ms, char *why, size_t whylen)
{
	bool backups = l->o.config->issue.ct_on_failure == CA_CONFIG_BACKUP;
	size_t i, good = 0, want = (size_t)l->o.config->issue.min_scts;

	(void)snprintf(why, whylen, "no log list yet");
	for (i = 0; i < l->n; i++) {
		const struct ca_log_server *s = &l->server[i];

		if (s->conf->role != 0 && !backups)
			continue;
		if (s->up && ca_log_shard(s, not_after_ms) != NULL)
			good++;
		else
			(void)snprintf(why, whylen, "log %.80s: %.60s",
			    s->conf->url,
			    s->up ? "no shard for this time" : s->detail);
	}
	return good >= want;
}

void
ca_log_confirm(struct ca_log *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		struct ca_log_server *s = &l->server[i];

		if (s->next == NULL)
			continue;
		free(s->list);
		s->list = s->next;
		s->next = NULL;
	}
}

/* Write a new list down, to be used once the key process has it. */
static int
adopt(struct ca_log_server *s, struct ct_list *list, const struct buf *packed)
{
	struct ca_log *l = s->owner;
	char path[4096];
	int rc;

	rc = ca_log_list_path(l->o.config->server.state_dir, s->conf->list_vkey,
	    path, sizeof(path));
	if (rc == 0)
		rc = store_disk_replace(l->o.disk, path, packed->data,
		    packed->len, 0600, "ca.loglist");
	if (rc != 0)
		return rc;
	free(s->next);
	s->next = list;
	OPS_LOG(l->o.log, OPS_LOG_INFO, "log", "log list stored",
	    OPS_LOG_STR("url", s->conf->url),
	    OPS_LOG_INT("serial", list->serial),
	    OPS_LOG_INT("shards", list->n));
	l->o.changed(l->o.ctx);
	return 0;
}

/* Judge a list that was just fetched; takes over nothing on failure. */
static int
take_list(struct ca_log_server *s, const uint8_t *json, size_t len)
{
	const struct ct_list *last = s->next != NULL ? s->next : s->list;
	struct ct_list *list = calloc(1, sizeof(*list));
	struct buf packed;
	int rc;

	base_buf_init(&packed, 4 + CT_LIST_NOTE_MAX + CT_LIST_JSON_MAX);
	if (list == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = ct_list_pack(
		 s->note.data, s->note.len, json, len, &packed)) == 0)
		rc = ct_list_open(
		    packed.data, packed.len, s->conf->list_vkey, list);
	if (rc == 0 && last != NULL && list->serial < last->serial)
		rc = ERR_STATE_STALE; /* section 9: a lower serial is refused */
	if (rc == 0 && (last == NULL || list->serial > last->serial)) {
		if ((rc = adopt(s, list, &packed)) == 0)
			list = NULL;
	}
	free(list);
	base_buf_free(&packed);
	return rc;
}

static void refresh_part(
    struct ca_log_server *, const char *, size_t, http_client_fn *);

static const char *
response_fault(const struct http_response *r, char *out, size_t cap)
{
	if (http_response_rc(r) != 0)
		(void)snprintf(out, cap, "%s", http_response_detail(r));
	else if (http_response_status(r) != 200)
		(void)snprintf(out, cap, "status %d", http_response_status(r));
	else
		return NULL;
	return out;
}

static void
on_json(void *ctx, const struct http_response *r)
{
	struct ca_log_server *s = ctx;
	const uint8_t *body;
	char why[128];
	size_t len;
	int rc;

	s->call = NULL;
	if (response_fault(r, why, sizeof(why)) != NULL) {
		ca_log_mark(s, false, why);
	} else {
		body = http_response_body(r, &len);
		rc = take_list(s, body, len);
		ca_log_mark(s, rc == 0, rc == 0 ? "" : base_err_text(rc));
	}
	base_buf_free(&s->note);
}

static void
on_note(void *ctx, const struct http_response *r)
{
	struct ca_log_server *s = ctx;
	const uint8_t *body;
	char why[128];
	size_t len;

	s->call = NULL;
	if (response_fault(r, why, sizeof(why)) != NULL) {
		ca_log_mark(s, false, why);
		return;
	}
	body = http_response_body(r, &len);
	base_buf_init(&s->note, CT_LIST_NOTE_MAX);
	if (base_buf_append(&s->note, body, len) == 0)
		refresh_part(s, "/api/v1/ct/logs", CT_LIST_JSON_MAX, on_json);
}

/* A foreign log has no list; that it signs by its key says that it is up. */
static void
on_head(void *ctx, const struct http_response *r)
{
	struct ca_log_server *s = ctx;
	const uint8_t *body;
	char why[128];
	size_t len;
	int rc;

	s->call = NULL;
	if (response_fault(r, why, sizeof(why)) != NULL) {
		ca_log_mark(s, false, why);
		return;
	}
	body = http_response_body(r, &len);
	rc = ca_log_foreign_head(&s->list->entry[0], body, len);
	(void)snprintf(why, sizeof(why), "get-sth: %s", base_err_text(rc));
	ca_log_mark(s, rc == 0, rc == 0 ? "" : why);
}

static void
refresh_part(
    struct ca_log_server *s, const char *path, size_t max, http_client_fn *fn)
{
	char url[CA_LOG_URL_MAX + 64];
	struct http_client_request req = {
		.method = HTTP_METHOD_GET,
		.url = url,
		.unix_path = s->unix_path[0] != '\0' ? s->unix_path : NULL,
		.timeout_ms = REFRESH_TIMEOUT_MS,
		.response_max = max,
	};
	int rc;

	ca_log_trust_set(s, &req);
	(void)snprintf(url, sizeof(url), "%s%s", s->base, path);
	rc = http_client_send(s->owner->client, &req, fn, s, &s->call);
	if (rc != 0) {
		s->call = NULL;
		ca_log_mark(s, false, base_err_text(rc));
	}
}

static void
refresh(void *ctx)
{
	struct ca_log *l = ctx;
	char why[128];
	bool all = true;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++)
		all = all && l->server[i].up;
	loop_timer_start(l->timer, all ? l->o.up_ms : l->o.down_ms, 0);
	for (i = 0; i < l->n; i++) {
		/* Tokens are replaced while the daemon runs. */
		rc = ca_log_trust_load(&l->server[i]);
		if (rc != 0) {
			(void)snprintf(why, sizeof(why), "token_file: %s",
			    base_err_text(rc));
			ca_log_mark(&l->server[i], false, why);
		} else if (l->server[i].call != NULL) {
			continue;
		} else if (l->server[i].foreign) {
			refresh_part(&l->server[i], "/ct/v1/get-sth",
			    CA_LOG_FOREIGN_HEAD_MAX, on_head);
		} else {
			refresh_part(&l->server[i], "/api/v1/ct/logs.note",
			    CT_LIST_NOTE_MAX, on_note);
		}
	}
}

/* The list of the last run, if there is one that still verifies. */
static void
load_stored(struct ca_log_server *s)
{
	struct ct_list *list;
	uint8_t *data = NULL;
	char path[4096];
	size_t len = 0;
	int rc;

	rc = ca_log_list_path(s->owner->o.config->server.state_dir,
	    s->conf->list_vkey, path, sizeof(path));
	if (rc == 0)
		rc = store_file_load(
		    path, 4 + CT_LIST_NOTE_MAX + CT_LIST_JSON_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return;
	list = calloc(1, sizeof(*list));
	if (rc == 0)
		rc = list == NULL
			 ? ERR_SYS_NOMEM
			 : ct_list_open(data, len, s->conf->list_vkey, list);
	if (rc == 0) {
		s->list = list;
		list = NULL;
	} else {
		OPS_LOG(s->owner->o.log, OPS_LOG_WARN, "log",
		    "stored log list not usable", OPS_LOG_STR("path", path),
		    OPS_LOG_STR("reason", base_err_text(rc)));
	}
	free(list);
	free(data);
}

static int
add_server(struct ca_log *l, const struct ca_config_log *conf, struct fault *f)
{
	struct ca_log_server *s = &l->server[l->n++];
	int rc;

	s->owner = l;
	s->conf = conf;
	(void)snprintf(s->detail, sizeof(s->detail), "not asked yet");
	base_buf_init(&s->note, CT_LIST_NOTE_MAX);
	if (base_str_starts(conf->url, "unix:")) {
		rc = base_str_copy(
		    s->unix_path, sizeof(s->unix_path), conf->url + 5);
		(void)snprintf(s->base, sizeof(s->base), "http://localhost");
	} else {
		rc = base_str_copy(s->base, sizeof(s->base), conf->url);
	}
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[log]] url is too long: %.100s", conf->url);
	s->foreign = ca_config_log_foreign(conf);
	if (s->foreign)
		return ca_log_foreign_list(conf, &s->list, f);
	load_stored(s);
	return 0;
}

static int
start(struct ca_log *l, struct fault *f)
{
	const struct ca_config_log *conf = l->o.config->logs.v;
	char dir[4096];
	size_t i;
	int rc;

	if ((rc = base_str_format(dir, sizeof(dir), "%s/logs",
		 l->o.config->server.state_dir)) != 0 ||
	    (access(dir, F_OK) != 0 && (rc = store_disk_mkdirs(l->o.disk, dir,
					    0700, "ca.loglist")) != 0))
		return base_fault_set(
		    f, rc, "%.200s: %s", dir, base_err_text(rc));
	for (i = 0; i < l->o.config->logs.n && i < CA_LOG_SERVERS_MAX; i++)
		if ((rc = add_server(l, &conf[i], f)) != 0)
			return rc;
	if ((rc = http_client_new(l->o.loop, NULL, &l->client)) != 0 ||
	    (rc = loop_timer_new(l->o.loop, refresh, l, &l->timer)) != 0 ||
	    (rc = loop_timer_new(l->o.loop, ca_log_finish, l, &l->finisher)) !=
		0)
		return base_fault_set(
		    f, rc, "log client: %s", base_err_text(rc));
	loop_timer_start(l->timer, 0, 0);
	return 0;
}

int
ca_log_new(const struct ca_log_opts *opts, struct ca_log **ret, struct fault *f)
{
	struct ca_log *l;
	int rc;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	l->o = *opts;
	l->o.up_ms = opts->up_ms != 0 ? opts->up_ms : REFRESH_UP_MS;
	l->o.down_ms = opts->down_ms != 0 ? opts->down_ms : REFRESH_DOWN_MS;
	base_list_init(&l->jobs);
	if ((rc = start(l, f)) != 0) {
		ca_log_free(l);
		return rc;
	}
	*ret = l;
	return 0;
}

void
ca_log_free(struct ca_log *l)
{
	size_t i;

	if (l == NULL)
		return;
	loop_timer_free(l->timer);
	l->timer = NULL;
	ca_log_cancel_all(l);
	loop_timer_free(l->finisher);
	http_client_free(l->client);
	for (i = 0; i < l->n; i++) {
		free(l->server[i].list);
		free(l->server[i].next);
		base_buf_free(&l->server[i].note);
	}
	free(l);
}

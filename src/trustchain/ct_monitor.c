/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_monitor.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "keys/file.h"
#include "store/disk.h"
#include "store/file.h"
#include "store/lock.h"
#include "trustchain/ct_audit_ca.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_watch.h"
#include "trustchain/wit_paths.h"

enum { LOGS_MAX = CT_PATHS_SHARDS_MAX };

const struct ops_cli_option ct_monitor_options[] = {
	{ "check-consistency", OPS_CLI_FLAG,
	    offsetof(struct ct_monitor_opts, consistency), NULL,
	    "each head continues the one before (always checked)" },
	{ "verify-inclusion", OPS_CLI_FLAG,
	    offsetof(struct ct_monitor_opts, inclusion), NULL,
	    "the entries hash to the tiles" },
	{ "alert-on-mismatch", OPS_CLI_FLAG,
	    offsetof(struct ct_monitor_opts, alert), NULL,
	    "findings are errors, not warnings" },
	{ "once", OPS_CLI_FLAG, offsetof(struct ct_monitor_opts, once), NULL,
	    "one round; exit 5 if there is a finding" },
	{ "ca", OPS_CLI_VALUE, offsetof(struct ct_monitor_opts, ca), "URL",
	    "compare with the certificates of this CA" },
	{ "token-file", OPS_CLI_VALUE,
	    offsetof(struct ct_monitor_opts, token_file), "FILE",
	    "bearer token of an auditor, for --ca" },
	{ "state", OPS_CLI_VALUE, offsetof(struct ct_monitor_opts, state),
	    "DIR", "where it remembers heads; default <state_dir>/monitor" },
	{ "log", OPS_CLI_VALUES, offsetof(struct ct_monitor_opts, logs), "URL",
	    "watch this log instead of our own; with one --vkey each" },
	{ "vkey", OPS_CLI_VALUES, offsetof(struct ct_monitor_opts, vkeys),
	    "KEY", "verifier key of its checkpoints" },
	{ .name = NULL },
};

struct monitor {
	const struct ct_monitor_opts *o;
	struct ct_config *conf;
	struct store_disk *disk;
	struct ct_fetch *fetch;
	struct ct_audit_ca *ca;
	struct store_lock *lock;
	char dir[CT_PATHS_MAX];
	struct ct_watch_witness witness[CT_CONFIG_WITNESSES_MAX];
	size_t witnesses;
	struct ct_watch *watch[LOGS_MAX];
	size_t n;
	bool all; /* no check was named, so all of them */
	bool failed, unreachable;
};

static void
alert(void *ctx, const char *origin, const char *type, const char *id,
    const char *detail)
{
	struct monitor *m = ctx;
	void (*say)(const char *fmt, ...) =
	    m->o->alert || m->all ? ops_cli_error : ops_cli_warn;

	m->failed = true;
	say("%s evidence=%s log=%s: %s", type, id[0] != '\0' ? id : "none",
	    origin, detail);
}

static int
entry(void *ctx, struct ct_watch *w, const struct ct_leaf *leaf)
{
	struct monitor *m = ctx;

	return m->ca == NULL ? 0 : ct_audit_ca_entry(m->ca, w, leaf);
}

static int
add(struct monitor *m, struct ct_watch_opts *o, const char *evidence,
    struct fault *f)
{
	char hash[WIT_PATHS_HASH_MAX], dir[CT_PATHS_MAX], own[CT_PATHS_MAX];
	int rc;

	wit_paths_hash(o->vkey.name, hash);
	rc = base_str_format(dir, sizeof(dir), "%s/%s", m->dir, hash);
	if (rc == 0)
		rc = base_str_format(own, sizeof(own), "%s/evidence", dir);
	if (rc != 0 || m->n == LOGS_MAX)
		return base_fault_set(f, ERR_SYS_LIMIT, "too many logs");
	o->fetch = m->fetch;
	o->disk = m->disk;
	o->dir = dir;
	o->evidence_dir = evidence != NULL ? evidence : own;
	o->witness = m->witness;
	o->witnesses = m->witnesses;
	o->entries = m->o->inclusion || m->all || m->ca != NULL;
	o->entry = entry;
	o->alert = alert;
	o->ctx = m;
	rc = ct_watch_new(o, &m->watch[m->n]);
	if (rc != 0)
		return base_fault_set(f, rc, "%.200s: %s%s", dir,
		    base_err_text(rc),
		    rc == ERR_STATE_INTEGRITY
			? "; the stored head is not of this log"
			: "");
	m->n++;
	return 0;
}

/* A log that is named on the command line. */
static int
add_named(struct monitor *m, size_t i, struct fault *f)
{
	const char *url = m->o->logs.v[i], *vkey = m->o->vkeys.v[i];
	struct ct_watch_opts o;

	memset(&o, 0, sizeof(o));
	o.prefix = "";
	if (merkle_vkey_parse(vkey, strlen(vkey), &o.vkey) != 0 ||
	    trustchain_peer_check_url(url) != NULL ||
	    trustchain_peer_parse(url, &o.peer) != 0)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--log %.100s --vkey %.100s: no URL or no verifier key",
		    url, vkey);
	return add(m, &o, NULL, f);
}

/* A shard of our own, reached over the socket beside the control socket. */
static int
add_shard(struct monitor *m, const char *name, struct fault *f)
{
	const struct trustchain_server *s = &m->conf->server;
	char dir[CT_PATHS_MAX], path[CT_PATHS_MAX + 16], url[CT_PATHS_MAX];
	char evidence[CT_PATHS_MAX + 16], prefix[128];
	const char *slash = strrchr(s->control, '/');
	struct ct_watch_opts o;
	struct ct_params params;
	uint8_t *data;
	size_t len;
	int rc;

	memset(&o, 0, sizeof(o));
	rc = ct_paths_make(CT_PATHS_SHARD, s->state_dir, name, dir);
	if (rc == 0)
		rc = base_str_format(path, sizeof(path), "%s/log.json", dir);
	if (rc == 0)
		rc = store_file_load(path, CT_PARAMS_FILE_MAX, &data, &len);
	if (rc == 0) {
		rc = ct_params_parse((const char *)data, len, &params);
		free(data);
	}
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%.200s: %s", dir, base_err_text(rc));
	(void)snprintf(evidence, sizeof(evidence), "%s/evidence", dir);
	(void)snprintf(prefix, sizeof(prefix), "/%s", name);
	if (base_str_starts(s->listen, "unix:"))
		rc = base_str_copy(url, sizeof(url), s->listen);
	else
		rc = base_str_format(url, sizeof(url), "unix:%.*s/ct.sock",
		    slash == NULL ? 0 : (int)(slash - s->control), s->control);
	if (rc != 0 || trustchain_peer_parse(url, &o.peer) != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "[server] control: path too long");
	o.vkey = params.note;
	o.spki = params.spki;
	o.spki_len = params.spki_len;
	o.prefix = prefix;
	return add(m, &o, evidence, f);
}

static int
add_logs(struct monitor *m, struct fault *f)
{
	struct ct_paths_shards *found;
	int rc = 0;

	if (m->o->logs.n != m->o->vkeys.n)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "%zu --log but %zu --vkey", m->o->logs.n, m->o->vkeys.n);
	for (size_t i = 0; i < m->o->logs.n && rc == 0; i++)
		rc = add_named(m, i, f);
	if (rc != 0 || m->o->logs.n > 0)
		return rc;
	if ((found = calloc(1, sizeof(*found))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = ct_paths_shards(m->conf->server.state_dir, found);
	if (rc != 0 || found->n == 0)
		rc = base_fault_set(f, ERR_STATE_CONFIG,
		    "%.200s holds no shard; name logs by --log and --vkey",
		    m->conf->server.state_dir);
	for (size_t i = 0; i < found->n && rc == 0; i++)
		rc = add_shard(m, found->shard[i].name, f);
	free(found);
	return rc;
}

static int
add_witnesses(struct monitor *m, struct fault *f)
{
	const struct ct_config_witness *conf = m->conf->witnesses.v;
	struct ct_watch_witness *w;

	for (size_t i = 0; i < m->conf->witnesses.n; i++) {
		w = &m->witness[m->witnesses++];
		w->name = conf[i].name;
		if (merkle_vkey_parse(
			conf[i].vkey, strlen(conf[i].vkey), &w->key) != 0 ||
		    trustchain_peer_parse(conf[i].url, &w->peer) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[witness_peer]] %.100s", conf[i].name);
	}
	return 0;
}

static int
add_ca(struct monitor *m, struct fault *f)
{
	struct ct_audit_ca_opts o = { m->fetch, m->disk, m->o->ca, NULL,
		m->dir };
	struct buf token;
	int rc;

	if (m->o->ca == NULL)
		return 0;
	if (m->o->token_file == NULL ||
	    trustchain_peer_check_url(m->o->ca) != NULL)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--ca needs a URL and --token-file with an auditor's "
		    "token");
	base_buf_init(&token, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(m->o->token_file, &token, f);
	if (rc == 0 && (rc = base_buf_append(&token, "", 1)) == 0) {
		o.token = (const char *)token.data;
		rc = ct_audit_ca_new(&o, &m->ca, f);
	}
	base_buf_free(&token);
	return rc;
}

static int
prepare(struct monitor *m, const struct ops_cli *cli, struct fault *f)
{
	int rc;

	if ((rc = ct_config_load(cli->config, cli->root, &m->conf, f)) != 0)
		return rc;
	rc = m->o->state != NULL
		 ? base_str_copy(m->dir, sizeof(m->dir), m->o->state)
		 : base_str_format(m->dir, sizeof(m->dir), "%s/monitor",
		       m->conf->server.state_dir);
	if (rc == 0)
		rc = store_disk_new(&m->disk);
	if (rc == 0)
		rc = store_disk_mkdirs(m->disk, m->dir, 0700, "ct.monitor");
	if (rc == 0)
		rc = store_lock_take(m->dir, &m->lock);
	if (rc == ERR_STATE_CONFLICT)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%.200s: another monitor uses this folder", m->dir);
	if (rc == 0)
		rc = ct_fetch_new(m->conf->server.roots, &m->fetch);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%.200s: %s", m->dir, base_err_text(rc));
	m->all = !m->o->consistency && !m->o->inclusion && !m->o->alert;
	if ((rc = add_witnesses(m, f)) != 0 || (rc = add_ca(m, f)) != 0)
		return rc;
	return add_logs(m, f);
}

static void
round_of(struct monitor *m)
{
	int rc;

	for (size_t i = 0; i < m->n; i++) {
		const char *origin = ct_watch_origin(m->watch[i]);

		rc = ct_watch_round(m->watch[i]);
		if (rc == 0) {
			ops_cli_info("%s size=%llu consistent", origin,
			    (unsigned long long)ct_watch_head(m->watch[i])
				->size);
		} else if (rc == ERR_STATE_NOT_FOUND) {
			ops_cli_info("%s has no head yet", origin);
		} else if (rc != ERR_STATE_INTEGRITY) {
			m->unreachable = true;
			ops_cli_warn("%s: %s", origin, base_err_text(rc));
		}
	}
	if (m->ca == NULL)
		return;
	rc = ct_audit_ca_round(m->ca, m->watch, m->n);
	if (rc != 0) {
		m->unreachable = true;
		ops_cli_warn("%s: %s", m->o->ca, base_err_text(rc));
	}
}

int
ct_monitor_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct monitor *m = calloc(1, sizeof(*m));
	struct fault f = { 0 };
	int rc, code;

	(void)args;
	(void)n;
	if (m == NULL)
		return OPS_EXIT_FAILED;
	m->o = opts;
	rc = prepare(m, cli, &f);
	if (rc != 0)
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
	else
		round_of(m);
	while (rc == 0 && !m->o->once) {
		(void)sleep((unsigned)m->conf->monitor.interval_s);
		round_of(m);
	}
	code = ops_cli_exit_of(rc);
	if (rc == 0 && m->failed)
		code = OPS_EXIT_INTEGRITY;
	else if (rc == 0 && m->unreachable)
		code = OPS_EXIT_UNREACHABLE;
	for (size_t i = 0; i < m->n; i++)
		ct_watch_free(m->watch[i]);
	ct_audit_ca_free(m->ca);
	ct_fetch_free(m->fetch);
	store_lock_drop(m->lock);
	store_disk_free(m->disk);
	ct_config_free(m->conf);
	free(m);
	return code;
}

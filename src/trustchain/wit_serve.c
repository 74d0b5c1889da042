/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/wit_serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "base/str.h"
#include "crypto/rng.h"
#include "http/request.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "ops/cli.h"
#include "ops/config.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/sandbox.h"
#include "ops/web.h"
#include "store/disk.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/trustchain_auditor.h"
#include "trustchain/trustchain_daemon.h"
#include "trustchain/trustchain_front.h"
#include "trustchain/trustchain_roles.h"
#include "trustchain/wit_config.h"
#include "trustchain/wit_logs.h"
#include "trustchain/wit_metrics.h"
#include "trustchain/wit_paths.h"

enum { POOL_QUEUE_MAX = 16384 };

/* Main's whole state. */
struct serve {
	const struct ops_cli *cli;
	struct wit_config *conf;
	struct trustchain_daemon *d;
	struct loop_pool *pool;
	struct wit_logs *logs;
	struct trustchain_auditor *auditor;
	struct trustchain_front *front;
	bool audited; /* the audit log is open */
};

static const char *
slot_name(void *ctx, uint8_t slot)
{
	(void)ctx;
	if (slot == KEYOP_SLOT_AUDIT)
		return "audit";
	if (slot == KEYOP_SLOT_SEAL)
		return "seal";
	return slot == KEYOP_SLOT_WITNESS44 ? "witness44" : "witness";
}

static int
call_keys(
    void *ctx, const struct keys_request *req, keys_client_fn *fn, void *fn_ctx)
{
	struct serve *s = ctx;

	return keys_client_call(s->d->keys, req, fn, fn_ctx);
}

static void
log_event(void *ctx, const char *action, const char *target)
{
	struct audit_event event = { .action = action, .target = target };
	struct serve *s = ctx;
	int rc;

	rc = trustchain_auditor_post(s->auditor, &event, NULL, NULL);
	if (rc != 0)
		OPS_LOG(s->d->log, OPS_LOG_ERROR, "audit", "event lost",
		    OPS_LOG_STR("action", action),
		    OPS_LOG_STR("error", base_err_name(rc)));
}

static void
audit_opened(void *ctx, int rc, const struct fault *why)
{
	struct serve *s = ctx;

	s->audited = rc == 0;
	if (rc == 0)
		return;
	OPS_LOG(s->d->log, OPS_LOG_ERROR, "audit", "audit log not usable",
	    OPS_LOG_STR("error", base_err_name(rc)),
	    OPS_LOG_STR("detail", why->msg));
	if (rc == ERR_STATE_INTEGRITY)
		trustchain_daemon_stop(s->d, OPS_EXIT_INTEGRITY);
}

static int
check(void *ctx, char *issue, size_t len)
{
	struct serve *s = ctx;

	return wit_logs_check(s->logs, issue, len);
}

static bool
is_ready(void *ctx, char *why, size_t len)
{
	struct serve *s = ctx;

	if (!s->audited) {
		(void)snprintf(why, len, "the audit log is not open yet");
		return false;
	}
	return wit_logs_ready(s->logs, why, len);
}

static void
ready(void *ctx)
{
	char vkey[MERKLE_VKEY_TEXT_MAX];
	struct serve *s = ctx;

	if (wit_logs_vkey(s->logs, MERKLE_SIG_COSIGNATURE44, vkey) == 0)
		ops_cli_info("vkey44=%s", vkey);
	if (wit_logs_vkey(s->logs, MERKLE_SIG_COSIGNATURE, vkey) == 0)
		ops_cli_success("witness ready vkey=%s logs=%zu", vkey,
		    wit_logs_count(s->logs));
	(void)fflush(stdout);
}

static void
answer(struct http_request *r, int status, const char *text)
{
	http_request_reply_text(r, status, "text/plain; charset=utf-8", text);
}

static void
handle(void *ctx, struct http_request *r)
{
	enum http_method method = http_request_method(r);
	bool get = method == HTTP_METHOD_GET || method == HTTP_METHOD_HEAD;
	const char *path = http_request_path(r), *slash;
	char hash[WIT_PATHS_HASH_MAX], why[160];
	struct serve *s = ctx;

	slash = strchr(path + 1, '/');
	if (strcmp(path, "/add-checkpoint") == 0) {
		if (method != HTTP_METHOD_POST)
			answer(r, 405, "POST only\n");
		else if (!is_ready(s, why, sizeof(why)))
			answer(r, 503, "not ready\n");
		else
			wit_logs_add(s->logs, r);
	} else if (get && strcmp(path, "/health") == 0) {
		ops_web_health(s->d->web, r);
	} else if (get && slash != NULL && slash - path == WIT_PATHS_HASH_MAX &&
		   strcmp(slash, "/checkpoint") == 0) {
		memcpy(hash, path + 1, WIT_PATHS_HASH_MAX - 1);
		hash[WIT_PATHS_HASH_MAX - 1] = '\0';
		wit_logs_get(s->logs, hash, r);
	} else {
		answer(r, 404, "not found\n");
	}
}

static int
make_logs(struct serve *s, struct fault *f)
{
	const struct wit_logs_opts o = {
		.config = s->conf,
		.pool = s->pool,
		.disk = s->d->disk,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
		.signer = { call_keys, s },
		.log = s->d->log,
		.metrics = s->d->metrics,
		.faults = s->d->faults,
		.event = log_event,
		.ctx = s,
	};

	return wit_logs_new(&o, &s->logs, f);
}

static int
make_health(struct serve *s)
{
	int rc;

	if ((rc = ops_health_add(s->d->health, "witness", check, s)) != 0)
		return rc;
	ops_health_ready(s->d->health, is_ready, s);
	return 0;
}

static int
reload(void *ctx, int fd, struct ops_config_changes *ret, struct fault *f)
{
	struct serve *s = ctx;
	const struct ops_config_source from = { fd, s->cli->config,
		s->cli->root };

	return wit_config_reload(s->conf, &from, ret, f);
}

static int
start(struct serve *s, const struct ops_cli *cli, struct fault *f)
{
	const struct trustchain_daemon_audit audit = { &s->conf->audit,
		s->conf->witness.name, "witness", audit_opened, s };
	static const char *const points[] = WIT_POINTS;
	const struct trustchain_daemon_opts o = {
		.cli = cli,
		.conf = &s->conf->server,
		.metrics = wit_metrics_defs,
		.metrics_count = WIT_METRIC_COUNT,
		.metric_fsync = WIT_METRIC_FSYNC,
		.measure = { TRUSTCHAIN_MEASURE_METRICS(WIT) },
		.service = "witness",
		.slot_name = slot_name,
		.fault_points = points,
		.fault_points_count = sizeof(points) / sizeof(points[0]),
		.reload = reload,
		.ready = ready,
		.ctx = s,
	};
	const struct trustchain_listener l = {
		.addr = s->conf->server.listen,
		.tls = true,
		.handler = handle,
		.ctx = s,
	};
	struct ops_sandbox_path paths[3];
	size_t n = 2;
	int rc;

	if ((rc = trustchain_daemon_new(&o, &s->d, f)) != 0)
		return rc;
	paths[0] = (struct ops_sandbox_path){ s->conf->server.state_dir,
		OPS_SANDBOX_WRITE, NULL };
	paths[1] = (struct ops_sandbox_path){ s->conf->audit.dir,
		OPS_SANDBOX_WRITE, NULL };
	if (s->conf->server.token_file[0] != '\0')
		paths[n++] =
		    (struct ops_sandbox_path){ s->conf->server.token_file,
			    OPS_SANDBOX_READ, NULL };
	if ((rc = trustchain_daemon_confine(s->d, paths, n, f)) != 0 ||
	    (rc = trustchain_front_new(s->d, &s->front, f)) != 0 ||
	    (rc = trustchain_daemon_auditor(s->d, &audit, &s->auditor, f)) !=
		0 ||
	    (rc = loop_pool_new(s->d->loop, (unsigned)s->conf->server.workers,
		 POOL_QUEUE_MAX, &s->pool)) != 0 ||
	    (rc = make_logs(s, f)) != 0 ||
	    (rc = trustchain_daemon_listen(s->d, &l, f)) != 0 ||
	    (rc = make_health(s)) != 0)
		return rc;
	return wit_logs_start(s->logs);
}

static int
run_main(const struct ops_cli *cli, struct wit_config *conf)
{
	struct serve s = { .cli = cli, .conf = conf };
	struct fault f = { 0 };
	int rc, code;

	rc = start(&s, cli, &f);
	if (rc != 0) {
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		code = ops_cli_exit_of(rc);
	} else {
		code = trustchain_daemon_run(s.d);
	}
	loop_pool_free(s.pool);
	trustchain_front_free(s.front);
	trustchain_auditor_free(s.auditor);
	trustchain_daemon_free(s.d);
	wit_logs_free(s.logs);
	return code;
}

/* The supervisor's own. */
struct supervised {
	const struct ops_cli *cli;
	struct wit_config *conf; /* as it was last loaded */
};

/* Each key process is loaded from the configuration of its moment. */
static int
load(void *ctx, struct buf *bundle, struct fault *f)
{
	struct supervised *s = ctx;
	struct wit_config *fresh;
	struct store_disk *disk;
	int rc;

	rc = wit_config_load(s->cli->config, s->cli->root, &fresh, f);
	if (rc != 0)
		return rc;
	wit_config_free(s->conf);
	s->conf = fresh;
	if ((rc = store_disk_new(&disk)) != 0)
		return base_fault_set(f, rc, "out of memory");
	rc = keyop_load_wit(s->conf, disk, bundle, f);
	store_disk_free(disk);
	return rc;
}

static int
store_key(
    void *ctx, uint8_t slot, const uint8_t *pem, size_t len, struct fault *f)
{
	const struct keyop_new_key key = { slot, pem, len };
	struct supervised *s = ctx;
	struct store_disk *disk;
	int rc;

	if ((rc = store_disk_new(&disk)) != 0)
		return base_fault_set(f, rc, "out of memory");
	rc = keyop_load_store_wit(s->conf, disk, &key, f);
	store_disk_free(disk);
	return rc;
}

static int
supervise(const struct ops_cli *cli, struct wit_config *conf, char **argv)
{
	struct supervised s = { .cli = cli };
	const struct trustchain_roles_opts o = {
		.cli = cli,
		.argv = argv,
		.server = &conf->server,
		.audit = &conf->audit,
		.load = load,
		.store_key = store_key,
		.ctx = &s,
	};
	int code = trustchain_roles_supervise(&o);

	wit_config_free(s.conf);
	return code;
}

int
wit_serve_check(const struct ops_cli *cli)
{
	struct wit_config *conf;
	struct fault f = { 0 };
	int rc;

	rc = wit_config_load(cli->config, cli->root, &conf, &f);
	if (rc != 0)
		ops_cli_error("%s", f.msg);
	else
		wit_config_free(conf);
	return ops_cli_exit_of(rc);
}

int
wit_serve_run(const struct ops_cli *cli, enum keys_role role, char **argv)
{
	struct wit_config *conf;
	struct fault f = { 0 };
	int rc, code;

	if (role == KEYS_ROLE_KEYS)
		return trustchain_roles_keys();
	if ((rc = wit_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	if (role != KEYS_ROLE_MAIN)
		code = supervise(cli, conf, argv);
	else if ((rc = keys_role_enter(role, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		code = ops_cli_exit_of(rc);
	} else {
		code = run_main(cli, conf);
	}
	wit_config_free(conf);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "base/rng.h"
#include "base/str.h"
#include "crypto/rng.h"
#include "keys/client.h"
#include "keys/control.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "ops/cli.h"
#include "ops/config.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/sandbox.h"
#include "store/disk.h"
#include "trustchain/ct_ahead.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_control.h"
#include "trustchain/ct_http.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_metrics.h"
#include "trustchain/ct_points.h"
#include "trustchain/ct_quorum.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/trustchain_auditor.h"
#include "trustchain/trustchain_daemon.h"
#include "trustchain/trustchain_front.h"
#include "trustchain/trustchain_roles.h"

enum { POOL_QUEUE_MAX = 65536, PATHS_MAX = 16 };

/* Main's whole state. */
struct serve {
	const struct ops_cli *cli;
	struct ct_config *conf;
	struct trustchain_daemon *d;
	struct loop_pool *pool;
	struct ct_quorum *quorum;
	struct ct_log *log;
	struct ct_ahead *ahead;
	struct ct_http *http;
	struct trustchain_auditor *auditor;
	struct trustchain_front *front;
};

static const char *
slot_name(void *ctx, uint8_t slot)
{
	(void)ctx;
	if (slot == KEYOP_SLOT_LIST)
		return "list";
	if (slot == KEYOP_SLOT_AUDIT)
		return "audit";
	if (slot == KEYOP_SLOT_SEAL)
		return "seal";
	return slot % 2 == 0 ? "log" : "note";
}

static int
call_keys(
    void *ctx, const struct keys_request *req, keys_client_fn *fn, void *fn_ctx)
{
	struct serve *s = ctx;

	return keys_client_call(s->d->keys, req, fn, fn_ctx);
}

static int
log_event(void *ctx, const char *action, const char *target)
{
	const struct audit_event event = { .action = action, .target = target };
	struct serve *s = ctx;

	return trustchain_auditor_post(s->auditor, &event, NULL, NULL);
}

/* The disk was rolled back (identity.md section 9): never sign again. */
static void
rolled_back(void *ctx, const char *what)
{
	struct serve *s = ctx;

	ops_cli_error("%s", what);
	trustchain_daemon_stop(s->d, OPS_EXIT_INTEGRITY);
}

static void
audit_opened(void *ctx, int rc, const struct fault *why)
{
	struct serve *s = ctx;

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

	return ct_log_check(s->log, issue, len);
}

static bool
is_ready(void *ctx, char *why, size_t len)
{
	struct serve *s = ctx;

	return ct_log_ready(s->log, why, len);
}

static void
gauges(void *ctx)
{
	struct serve *s = ctx;

	ct_log_gauges(s->log);
}

static void
ready(void *ctx)
{
	struct ct_quorum_figures q;
	struct serve *s = ctx;
	char f[16] = "none";

	ct_quorum_figures(s->conf, &q);
	if (q.f >= 0)
		(void)snprintf(f, sizeof(f), "%d", q.f);
	ops_cli_success("trustchain-ct ready shards=%zu n=%u k=%u f=%s",
	    ct_log_count(s->log), q.n, q.k, f);
	(void)fflush(stdout);
}

static int
confine(struct serve *s, struct fault *f)
{
	const struct ops_config_list *roots = &s->conf->log.roots;
	struct ops_sandbox_path paths[PATHS_MAX];
	size_t n = 0, i;

	paths[n++] = (struct ops_sandbox_path){ s->conf->server.state_dir,
		OPS_SANDBOX_WRITE, NULL };
	paths[n++] = (struct ops_sandbox_path){ s->conf->audit.dir,
		OPS_SANDBOX_WRITE, NULL };
	if (s->conf->server.token_file[0] != '\0')
		paths[n++] =
		    (struct ops_sandbox_path){ s->conf->server.token_file,
			    OPS_SANDBOX_READ, NULL };
	for (i = 0; i < roots->n && n < PATHS_MAX; i++)
		paths[n++] =
		    (struct ops_sandbox_path){ ops_config_string(roots, i),
			    OPS_SANDBOX_READ, NULL };
	return trustchain_daemon_confine(s->d, paths, n, f);
}

static int
make_quorum(struct serve *s, struct fault *f)
{
	const struct ct_quorum_opts o = { s->d->loop, s->pool, s->conf,
		s->d->log, s->d->metrics };

	return ct_quorum_new(&o, &s->quorum, f);
}

/* Log keys on a token are in the second key process, those to come, too. */
static void
route_keys(struct serve *s)
{
	unsigned n;

	for (n = 0; ct_config_on_token(s->conf) && n < KEYOP_SHARDS_MAX; n++)
		keys_client_on_token(s->d->keys, (uint8_t)KEYOP_SLOT_LOG(n));
}

static int
make_log(struct serve *s, struct fault *f)
{
	const struct ct_config *c = s->conf;
	uint8_t sipkey[16];
	struct ct_log_opts o;
	int rc;

	if ((rc = base_rng_fill(crypto_rng_system(), sipkey, sizeof(sipkey))) !=
	    0)
		return rc;
	rc = loop_pool_new(
	    s->d->loop, (unsigned)c->server.workers, POOL_QUEUE_MAX, &s->pool);
	if (rc != 0)
		return rc;
	memset(&o, 0, sizeof(o));
	o.config = c;
	o.event = log_event;
	o.rolled_back = rolled_back;
	o.event_ctx = s;
	o.shard.loop = s->d->loop;
	o.shard.pool = s->pool;
	o.shard.disk = s->d->disk;
	o.shard.clock = s->d->clock;
	o.shard.signer.call = call_keys;
	o.shard.signer.ctx = s;
	o.shard.log = s->d->log;
	o.shard.metrics = s->d->metrics;
	o.shard.faults = s->d->faults;
	o.shard.siphash_key = sipkey;
	if ((rc = make_quorum(s, f)) != 0)
		return rc;
	o.shard.quorum = s->quorum;
	route_keys(s);
	return ct_log_new(&o, &s->log, f);
}

static int
reload_keys(void *ctx)
{
	struct serve *s = ctx;

	return keys_control_reload(s->d->keys_control);
}

static void
keys_replaced(void *ctx)
{
	struct serve *s = ctx;

	ct_ahead_replaced(s->ahead);
}

static int
make_ahead(struct serve *s)
{
	const struct ct_ahead_opts o = {
		.log = s->log,
		.signer = { call_keys, s },
		.disk = s->d->disk,
		.faults = s->d->faults,
		.messages = s->d->log,
		.reload = reload_keys,
		.ctx = s,
	};
	int rc;

	if ((rc = ct_ahead_new(&o, &s->ahead)) == 0)
		keys_control_on_replaced(s->d->keys_control, keys_replaced, s);
	return rc;
}

static int
make_listeners(struct serve *s, struct fault *f)
{
	struct trustchain_listener l = {
		.addr = s->conf->server.listen,
		.tls = true,
		.handler = ct_http_handle,
		.refuse = ct_http_refuse,
	};
	const char *slash;
	char path[256];
	int rc;

	if ((rc = ct_http_new(s->log, s->d->web, &s->http)) != 0)
		return base_fault_set(
		    f, rc, "[[log.tokens]]: %s", base_err_text(rc));
	l.ctx = s->http;
	if ((rc = trustchain_daemon_listen(s->d, &l, f)) != 0 ||
	    (rc = trustchain_daemon_control(
		 s->d, ct_control_handle, s->log, f)) != 0)
		return rc;
	if (base_str_starts(l.addr, "unix:"))
		return 0;
	/* Beside HTTPS, for the CA on the same machine: ct.sock in the folder
	 * of the control socket. */
	slash = strrchr(s->conf->server.control, '/');
	if (slash == NULL)
		return 0;
	rc = base_str_format(path, sizeof(path), "unix:%.*s/ct.sock",
	    (int)(slash - s->conf->server.control), s->conf->server.control);
	if (rc != 0)
		return rc;
	l.addr = path;
	l.tls = false;
	return trustchain_daemon_listen(s->d, &l, f);
}

static int
make_health(struct serve *s)
{
	int rc;

	if ((rc = ops_health_add(s->d->health, "ct", check, s)) != 0)
		return rc;
	ops_health_ready(s->d->health, is_ready, s);
	return ops_metrics_collect(s->d->metrics, gauges, s);
}

static int
reload(void *ctx, int fd, struct ops_config_changes *ret, struct fault *f)
{
	struct serve *s = ctx;
	const struct ops_config_source from = { fd, s->cli->config,
		s->cli->root };

	return ct_config_reload(s->conf, &from, ret, f);
}

static int
start(struct serve *s, const struct ops_cli *cli, struct fault *f)
{
	const struct trustchain_daemon_audit audit = { &s->conf->audit,
		s->conf->log.base, "ct", audit_opened, s };
	static const char *const points[] = CT_POINTS;
	const struct trustchain_daemon_opts o = {
		.cli = cli,
		.conf = &s->conf->server,
		.metrics = ct_metrics_defs,
		.metrics_count = CT_METRIC_COUNT,
		.metric_fsync = CT_METRIC_FSYNC,
		.measure = { TRUSTCHAIN_MEASURE_METRICS(CT) },
		.service = "ct",
		.slot_name = slot_name,
		.fault_points = points,
		.fault_points_count = sizeof(points) / sizeof(points[0]),
		.reload = reload,
		.ready = ready,
		.ctx = s,
	};
	int rc;

	if ((rc = trustchain_daemon_new(&o, &s->d, f)) != 0 ||
	    (rc = confine(s, f)) != 0 ||
	    (rc = trustchain_front_new(s->d, &s->front, f)) != 0 ||
	    (rc = trustchain_daemon_auditor(s->d, &audit, &s->auditor, f)) !=
		0 ||
	    (rc = make_log(s, f)) != 0 || (rc = make_listeners(s, f)) != 0 ||
	    (rc = make_health(s)) != 0 || (rc = ct_log_start(s->log)) != 0)
		return rc;
	return make_ahead(s);
}

static void
log_stopped(void *ctx)
{
	struct serve *s = ctx;

	loop_stop(s->d->loop);
}

/* After the listeners have drained: publish what was promised.  Nothing is
 * lost if there is no time for it; the next start does it. */
static void
finish(struct serve *s)
{
	ct_ahead_stop(s->ahead);
	ct_log_stop(s->log, log_stopped, s);
	(void)loop_run_for(s->d->loop, 2000);
}

static int
run_main(const struct ops_cli *cli, struct ct_config *conf)
{
	struct serve s = { .cli = cli, .conf = conf };
	struct fault f = { 0 };
	int rc, code;

	rc = start(&s, cli, &f);
	if (rc != 0) {
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		code = rc == ERR_STATE_INTEGRITY ? OPS_EXIT_INTEGRITY
						 : ops_cli_exit_of(rc);
	} else {
		code = trustchain_daemon_run(s.d);
		finish(&s);
	}
	ct_ahead_stop(s.ahead);
	/* Threads first, then what they use. */
	loop_pool_free(s.pool);
	trustchain_front_free(s.front);
	ct_log_free(s.log);
	ct_quorum_free(s.quorum);
	trustchain_auditor_free(s.auditor);
	trustchain_daemon_free(s.d);
	ct_ahead_free(s.ahead);
	ct_http_free(s.http);
	return code;
}

/* The supervisor's own. */
struct supervised {
	const struct ops_cli *cli;
	struct ct_config *conf;		 /* as it was last loaded */
	struct keyop_load_shards shards; /* of the last key process */
};

/* Each key process is loaded from the configuration of its moment. */
static int
refresh(struct supervised *s, struct fault *f)
{
	struct ct_config *fresh;
	int rc;

	rc = ct_config_load(s->cli->config, s->cli->root, &fresh, f);
	if (rc != 0)
		return rc;
	ct_config_free(s->conf);
	s->conf = fresh;
	return 0;
}

static int
load(void *ctx, struct buf *bundle, struct fault *f)
{
	struct supervised *s = ctx;
	struct store_disk *disk;
	int rc;

	if ((rc = refresh(s, f)) != 0)
		return rc;
	if ((rc = store_disk_new(&disk)) != 0)
		return base_fault_set(f, rc, "out of memory");
	rc = keyop_load_ct(s->conf, disk, bundle, &s->shards, f);
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
	rc = keyop_load_store_ct(s->conf, &s->shards, disk, &key, f);
	store_disk_free(disk);
	return rc;
}

static int
supervise(const struct ops_cli *cli, struct ct_config *conf, char **argv)
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

	ct_config_free(s.conf);
	return code;
}

int
ct_serve_run(const struct ops_cli *cli, enum keys_role role, char **argv)
{
	struct ct_config *conf;
	struct fault f = { 0 };
	int rc, code;

	if (role == KEYS_ROLE_KEYS)
		return trustchain_roles_keys();
	if ((rc = ct_config_load(cli->config, cli->root, &conf, &f)) != 0) {
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
	ct_config_free(conf);
	return code;
}

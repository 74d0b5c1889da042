/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_serve.h"

#include "trustchain/dash.h"
#include "trustchain/dash_config.h"
#include "trustchain/dash_internal.h"
#include "trustchain/dash_metrics.h"
#include "trustchain/keyop_load.h"
#include "trustchain/trustchain_daemon.h"
#include "trustchain/trustchain_front.h"
#include "trustchain/trustchain_roles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ops/cli.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/sandbox.h"
#include "store/disk.h"

/* Main's whole state. */
struct serve {
	const struct ops_cli *cli;
	struct dash_config *conf;
	struct trustchain_daemon *d;
	struct dash *dash;
	struct trustchain_front *front; /* NULL without a token */
};

static const char *
slot_name(void *ctx, uint8_t slot)
{
	(void)ctx;
	(void)slot;
	return "seal";
}

static int
reload(void *ctx, int fd, struct ops_config_changes *ret, struct fault *f)
{
	struct serve *s = ctx;
	const struct ops_config_source from = { fd, s->cli->config,
		s->cli->root };

	return dash_config_reload(s->conf, &from, ret, f);
}

static bool
is_ready(void *ctx, char *why, size_t len)
{
	struct serve *s = ctx;

	(void)snprintf(why, len, "not every target was asked yet");
	if (!dash_ready(s->dash))
		return false;
	(void)snprintf(why, len, "own TLS certificate not issued yet");
	return trustchain_front_certified(s->front);
}

static void
on_ready(void *ctx)
{
	(void)ctx;
	ops_cli_success("dashboard ready");
}

/* Main may write nothing but what it measures and its sealed TLS key. */
static int
confine(struct serve *s, struct fault *f)
{
	const struct ops_sandbox_path paths[] = {
		{ s->conf->server.state_dir, OPS_SANDBOX_WRITE, NULL },
		{ s->conf->server.token_file, OPS_SANDBOX_READ, NULL },
	};
	return trustchain_daemon_confine(
	    s->d, paths, s->conf->server.token_file[0] != '\0' ? 2 : 1, f);
}

static int
make_dash(struct serve *s, struct fault *f)
{
	const struct dash_opts o = {
		.loop = s->d->loop,
		.clock = s->d->clock,
		.config = s->conf,
		.log = s->d->log,
	};
	const struct trustchain_listener l = {
		.addr = s->conf->server.listen,
		.tls = true,
		.handler = dash_handle,
	};
	struct trustchain_listener front = l;
	int rc;

	rc = ops_log_keep(s->d->log, (size_t)s->conf->dashboard.log_lines);
	if (rc == 0)
		rc = dash_new(&o, &s->dash);
	if (rc == 0)
		rc = ops_health_add(s->d->health, "dashboard", NULL, NULL);
	if (rc != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	ops_health_ready(s->d->health, is_ready, s);
	front.ctx = s->dash;
	return trustchain_daemon_listen(s->d, &front, f);
}

static int
start(struct serve *s, struct fault *f)
{
	const struct trustchain_daemon_opts o = {
		.cli = s->cli,
		.conf = &s->conf->server,
		.metrics = dash_metrics_defs,
		.metrics_count = DASH_METRIC_COUNT,
		.metric_fsync = -1,
		.measure = { TRUSTCHAIN_MEASURE_METRICS(DASH) },
		.service = "dashboard",
		.slot_name = slot_name,
		.reload = reload,
		.ready = on_ready,
		.ctx = s,
	};
	int rc;

	if ((rc = trustchain_daemon_new(&o, &s->d, f)) != 0 ||
	    (rc = confine(s, f)) != 0 ||
	    (rc = trustchain_front_new(s->d, &s->front, f)) != 0)
		return rc;
	return make_dash(s, f);
}

static int
run_main(const struct ops_cli *cli, struct dash_config *conf)
{
	struct serve s = { .cli = cli, .conf = conf };
	struct fault f = { 0 };
	int rc, code;

	if ((rc = start(&s, &f)) != 0) {
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		code = ops_cli_exit_of(rc);
	} else {
		code = trustchain_daemon_run(s.d);
	}
	if (s.dash != NULL) {
		dash_auth_end(s.dash);
		dash_stream_end(s.dash);
	}
	trustchain_front_free(s.front);
	trustchain_daemon_free_front(s.d);
	dash_free(s.dash);
	trustchain_daemon_free(s.d);
	return code;
}

static int
load(void *ctx, struct buf *bundle, struct fault *f)
{
	const struct ops_cli *cli = ctx;
	struct dash_config *fresh;
	struct store_disk *disk;
	int rc;

	if ((rc = dash_config_load(cli->config, cli->root, &fresh, f)) != 0)
		return rc;
	if ((rc = store_disk_new(&disk)) != 0)
		rc = base_fault_set(f, rc, "out of memory");
	if (rc == 0) {
		rc = keyop_load_dash(&fresh->server, disk, bundle, f);
		store_disk_free(disk);
	}
	dash_config_free(fresh);
	return rc;
}

static int
supervise(const struct ops_cli *cli, struct dash_config *conf, char **argv)
{
	const struct trustchain_roles_opts o = {
		.cli = cli,
		.argv = argv,
		.server = &conf->server,
		.load = load,
		.ctx = (void *)cli,
	};

	return trustchain_roles_supervise(&o);
}

int
dash_serve_run(const struct ops_cli *cli, enum keys_role role, char **argv)
{
	struct dash_config *conf;
	struct fault f = { 0 };
	int rc, code;

	if ((rc = dash_config_load(cli->config, cli->root, &conf, &f)) != 0) {
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
	dash_config_free(conf);
	return code;
}

int
dash_serve_check(const struct ops_cli *cli)
{
	struct dash_config *conf;
	struct fault f = { 0 };
	int rc;

	if ((rc = dash_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_USAGE;
	}
	dash_config_free(conf);
	ops_cli_success("%s is usable", cli->config);
	return OPS_EXIT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/rng.h"
#include "http/server.h"
#include "keys/client.h"
#include "keys/control.h"
#include "keys/role.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "net/tls.h"
#include "ops/cli.h"
#include "ops/daemon.h"
#include "ops/faults.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "ops/sandbox.h"
#include "ops/web.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "trustchain/keyop_load.h"
#include "trustchain/trustchain_auditor.h"
#include "trustchain/trustchain_clock.h"
#include "trustchain/trustchain_config.h"
#include "trustchain/trustchain_roles.h"

#define SELF_SIGNED_DAYS 90
#define SERVICE_NAMES_MAX 32
#define READY_POLL_MS 100

struct trustchain_daemon_state {
	struct trustchain_daemon_opts opts;
	struct ops_web web;
	struct loop_signal *term, *intr;
	struct loop_timer *tick, *ready;
	struct trustchain_measure *measure;
	char audit_origin[512], operator_id[64];
	bool draining;
	int code;
};

static void
on_sync(void *ctx, const char *name, uint64_t us)
{
	struct trustchain_daemon *d = ctx;

	(void)name;
	ops_metrics_observe(d->metrics, (unsigned)d->state->opts.metric_fsync,
	    NULL, (double)us / 1e6);
}

static void
drained(void *ctx)
{
	struct trustchain_daemon *d = ctx;

	loop_stop(d->loop);
}

static void
on_term(void *ctx, int signum)
{
	struct trustchain_daemon *d = ctx;

	if (d->state->draining)
		return;
	d->state->draining = true;
	OPS_LOG(d->log, OPS_LOG_INFO, "daemon", "draining",
	    OPS_LOG_INT("signal", signum),
	    OPS_LOG_INT("seconds", d->conf->drain_s));
	ops_daemon_notify("STOPPING=1");
	http_server_drain(
	    d->http, (uint64_t)d->conf->drain_s * 1000, drained, d);
}

/* SIGHUP, by way of the supervisor. */
static void
on_config(void *ctx, int fd)
{
	struct trustchain_daemon *d = ctx;
	const struct trustchain_daemon_opts *o = &d->state->opts;
	struct ops_config_changes c;
	struct fault f = { 0 };

	if (o->reload(o->ctx, fd, &c, &f) != 0) {
		OPS_LOG(d->log, OPS_LOG_ERROR, "daemon",
		    "configuration not reloaded", OPS_LOG_STR("error", f.msg));
		return;
	}
	OPS_LOG(d->log, OPS_LOG_INFO, "daemon", "configuration reloaded",
	    OPS_LOG_STR("changed", c.adopted.text));
	if (c.restart.count > 0)
		OPS_LOG(d->log, OPS_LOG_WARN, "daemon",
		    "changes that need a restart",
		    OPS_LOG_STR("keys", c.restart.text));
	if (o->changed != NULL && c.adopted.count + c.restart.count > 0)
		o->changed(o->ctx, &c);
}

static void
on_tick(void *ctx)
{
	struct trustchain_daemon *d = ctx;

	ops_health_tick(d->health);
	trustchain_measure_tick(d->state->measure);
}

/* Say once that the daemon can do its job. */
static void
on_ready(void *ctx)
{
	struct trustchain_daemon *d = ctx;
	char why[OPS_HEALTH_ISSUE_BYTES_MAX];

	if (!ops_health_is_ready(d->health, why, sizeof(why)))
		return;
	loop_timer_stop(d->state->ready);
	OPS_LOG(d->log, OPS_LOG_INFO, "daemon", "ready");
	if (d->state->opts.ready != NULL)
		d->state->opts.ready(d->state->opts.ctx);
}

static int
make_log(struct trustchain_daemon *d)
{
	const struct ops_cli *c = d->cli;
	const struct {
		const char *key, *value;
	} tags[] = { { "role", "main" }, { "instance", c->instance_id },
		{ "node", c->node_name }, { "ca_id", c->ca_id },
		{ "log_id", c->log_id }, { "server_id", c->server_id } };
	size_t i;

	if ((d->log = ops_log_new(2, OPS_LOG_INFO, c->program)) == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (tags[i].value != NULL)
			ops_log_tag(d->log, tags[i].key, tags[i].value);
	return 0;
}

/* Fault points and slow disks exist only in a laboratory. */
static int
make_faults(struct trustchain_daemon *d, struct fault *f)
{
	const struct trustchain_daemon_opts *o = &d->state->opts;
	const char *spec = getenv("TRUSTCHAIN_FAULT");
	const char *delay = getenv("TRUSTCHAIN_FSYNC_DELAY_MS");
	uint64_t ms;

	if (d->conf->environment != TRUSTCHAIN_LOCAL) {
		if (spec != NULL || delay != NULL)
			OPS_LOG(d->log, OPS_LOG_WARN, "daemon",
			    "fault injection ignored outside local");
		return 0;
	}
	if (delay != NULL) {
		if (base_str_u64(delay, strlen(delay), &ms) != 0 || ms > 10000)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "TRUSTCHAIN_FSYNC_DELAY_MS is not 0..10000");
		store_disk_fault_sync_delay(d->disk, (unsigned)ms);
	}
	return ops_faults_new(
	    spec, o->fault_points, o->fault_points_count, &d->faults, f);
}

static int
make_parts(struct trustchain_daemon *d, struct fault *f)
{
	const struct trustchain_daemon_opts *o = &d->state->opts;
	const char *instance = d->cli->instance_id;
	int rc;

	if ((rc = make_log(d)) != 0 || (rc = store_disk_new(&d->disk)) != 0)
		return rc;
	d->clock = trustchain_clock_system();
	d->metrics = ops_metrics_new(o->metrics, o->metrics_count);
	d->health = ops_health_new(
	    TROTH_VERSION, instance != NULL ? instance : d->cli->program);
	if (d->metrics == NULL || d->health == NULL)
		return ERR_SYS_NOMEM;
	d->state->web.metrics = d->metrics;
	d->state->web.health = d->health;
	d->web = &d->state->web;
	if (o->metric_fsync >= 0)
		store_disk_on_sync(d->disk, on_sync, d);
	if ((rc = make_faults(d, f)) != 0 ||
	    (rc = ops_sandbox_no_io_uring(f)) != 0 ||
	    (rc = loop_new(&d->loop)) != 0)
		return rc;
	if ((rc = keys_client_new(d->loop, KEYS_ROLE_PEER_FD, &d->keys)) != 0)
		return rc;
	if (keys_role_has_tokens() &&
	    (rc = keys_client_tokens(d->keys, KEYS_ROLE_TOKEN_FD)) != 0)
		return rc;
	rc = keys_control_new(
	    d->loop, KEYS_ROLE_CONTROL_FD, d->keys, &d->keys_control);
	if (rc == 0)
		keys_control_on_config(d->keys_control, on_config, d);
	return rc;
}

static int
make_signals(struct trustchain_daemon *d)
{
	struct trustchain_daemon_state *s = d->state;
	int rc;

	(void)signal(SIGPIPE, SIG_IGN);
	/* That one is for the supervisor. */
	(void)signal(SIGHUP, SIG_IGN);
	if ((rc = loop_signal_new(d->loop, SIGTERM, on_term, d, &s->term)) !=
		0 ||
	    (rc = loop_signal_new(d->loop, SIGINT, on_term, d, &s->intr)) !=
		0 ||
	    (rc = loop_timer_new(d->loop, on_tick, d, &s->tick)) != 0)
		return rc;
	return loop_timer_new(d->loop, on_ready, d, &s->ready);
}

static int
make_tls(struct trustchain_daemon *d, struct fault *f)
{
	const struct ops_config_list *names = &d->conf->service_names;
	struct net_tls_opts opts = { .client_cert = NET_TLS_CLIENT_CERT_NONE };
	char *cert = NULL, *key = NULL;
	int rc;

	rc = net_tls_self_signed((const char *const *)names->v, names->n,
	    SELF_SIGNED_DAYS, &cert, &key);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "self-signed certificate: %s", base_err_text(rc));
	opts.cert_pem = cert;
	opts.key_pem = key;
	rc = net_tls_new(&opts, &d->tls, f);
	free(cert);
	base_wipe_free(key, strlen(key));
	return rc;
}

static int
make_measure(struct trustchain_daemon *d)
{
	const struct trustchain_daemon_opts *o = &d->state->opts;
	const struct trustchain_measure_opts m = {
		.metrics = d->metrics,
		.health = d->health,
		.http = d->http,
		.keys = d->keys,
		.clock = d->clock,
		.log = d->log,
		.ids = o->measure,
		.service = o->service,
		.state_dir = d->conf->state_dir,
		.foreign_state = o->foreign_state,
		.slot_name = o->slot_name,
		.ctx = o->ctx,
	};

	return trustchain_measure_new(&m, &d->state->measure);
}

static void
raise_limits(const struct trustchain_daemon *d)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
	if (l.rlim_max < (rlim_t)d->conf->max_connections + 256)
		OPS_LOG(d->log, OPS_LOG_WARN, "daemon",
		    "fewer descriptors than max_connections needs",
		    OPS_LOG_INT("limit", l.rlim_max));
}

static int
make_http(struct trustchain_daemon *d, struct fault *f)
{
	const struct trustchain_server *c = d->conf;
	struct net_prefix proxies[64];
	struct http_server_opts o = {
		.connections_max = (unsigned)c->max_connections,
		.connections_per_address_max = (unsigned)c->per_address,
		.body_max = (size_t)c->body_limit,
		.header_timeout_s = (unsigned)c->header_timeout_s,
		.body_timeout_s = (unsigned)c->body_timeout_s,
		.idle_timeout_s = (unsigned)c->idle_timeout_s,
		.handshakes_per_s = (unsigned)c->tls_handshakes_per_s,
		.rate_per_min = (unsigned)c->rate_per_min,
		.trusted_proxies = proxies,
		.trusted_proxies_count = c->trusted_proxies.n,
	};
	size_t i;

	for (i = 0; i < c->trusted_proxies.n; i++)
		if (net_prefix_parse(ops_config_string(&c->trusted_proxies, i),
			&proxies[i]) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[server] trusted_proxies: %.80s is no prefix",
			    ops_config_string(&c->trusted_proxies, i));
	return http_server_new(d->loop, &o, &d->http, f);
}

int
trustchain_daemon_new(const struct trustchain_daemon_opts *opts,
    struct trustchain_daemon **ret, struct fault *f)
{
	struct trustchain_daemon *d;
	int rc;

	if ((rc = trustchain_roles_openssl(f)) != 0)
		return rc;
	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (d->state = calloc(1, sizeof(*d->state))) == NULL) {
		free(d);
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	d->state->opts = *opts;
	d->cli = opts->cli;
	d->conf = opts->conf;
	f->msg[0] = '\0';
	if ((rc = make_parts(d, f)) == 0 && (rc = make_signals(d)) == 0 &&
	    (rc = make_tls(d, f)) == 0 && (rc = make_http(d, f)) == 0 &&
	    (rc = make_measure(d)) == 0) {
		raise_limits(d);
		*ret = d;
		return 0;
	}
	if (f->msg[0] == '\0')
		(void)base_fault_set(f, rc, "start: %s", base_err_text(rc));
	trustchain_daemon_free(d);
	return rc;
}

void
trustchain_daemon_free_front(struct trustchain_daemon *d)
{
	if (d == NULL)
		return;
	ops_control_free(d->control);
	d->control = NULL;
	http_server_free(d->http);
	d->http = NULL;
	keys_control_free(d->keys_control);
	d->keys_control = NULL;
	keys_client_free(d->keys);
	d->keys = NULL;
}

void
trustchain_daemon_free(struct trustchain_daemon *d)
{
	struct trustchain_daemon_state *s;

	if (d == NULL)
		return;
	trustchain_daemon_free_front(d);
	s = d->state;
	trustchain_measure_free(s->measure);
	net_tls_free(d->tls);
	loop_timer_free(s->ready);
	loop_timer_free(s->tick);
	loop_signal_free(s->intr);
	loop_signal_free(s->term);
	loop_free(d->loop);
	ops_faults_free(d->faults);
	store_disk_free(d->disk);
	ops_health_free(d->health);
	ops_metrics_free(d->metrics);
	ops_log_free(d->log);
	free(s);
	free(d);
}

int
trustchain_daemon_listen(struct trustchain_daemon *d,
    const struct trustchain_listener *l, struct fault *f)
{
	struct http_listener_opts o = {
		.handler = l->handler,
		.refuse = l->refuse,
		.ctx = l->ctx,
		.not_rate_limited = l->not_rate_limited,
		.client_cert = l->client_cert,
	};
	struct net_addr addr, bound;
	char text[NET_ADDR_TEXT_MAX];
	int rc;

	if (l->addr[0] == '\0')
		return 0;
	if (net_addr_parse(l->addr, &addr) != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "not an address to listen on: %.100s", l->addr);
	o.addr = &addr;
	if (addr.family != NET_FAMILY_UNIX && l->tls)
		o.tls = d->tls;
	if ((rc = http_server_listen(d->http, &o, &bound, f)) != 0)
		return rc;
	net_addr_format(&bound, text, sizeof(text));
	OPS_LOG(d->log, OPS_LOG_INFO, "daemon", "listening",
	    OPS_LOG_STR("address", text),
	    OPS_LOG_STR("tls", o.tls != NULL ? "yes" : "no"));
	return 0;
}

int
trustchain_daemon_control(
    struct trustchain_daemon *d, ops_control_fn *fn, void *ctx, struct fault *f)
{
	if (d->conf->control[0] == '\0')
		return 0;
	return ops_control_new(
	    d->loop, d->conf->control, fn, ctx, &d->control, f);
}

int
trustchain_daemon_auditor(struct trustchain_daemon *d,
    const struct trustchain_daemon_audit *a, struct trustchain_auditor **ret,
    struct fault *f)
{
	struct trustchain_daemon_state *s = d->state;
	const struct trustchain_auditor_opts o = {
		.disk = d->disk,
		.loop = d->loop,
		.clock = d->clock,
		.rng = crypto_rng_system(),
		.keys = d->keys,
		.dir = a->conf->dir,
		.origin = s->audit_origin,
		.operator_id = s->operator_id,
		.checkpoint_ms = (uint64_t)a->conf->checkpoint_s * 1000,
		.retention_ms = (uint64_t)a->conf->retention_d * 86400000,
		.syslog = a->conf->syslog,
		.opened = a->opened,
		.ctx = a->ctx,
	};
	int rc;

	rc = keyop_load_origin(
	    a->base, a->program, s->audit_origin, sizeof(s->audit_origin));
	if (rc == 0)
		rc = base_str_format(s->operator_id, sizeof(s->operator_id),
		    "system:%s", d->cli->program);
	if (rc == 0)
		rc = trustchain_auditor_new(&o, ret);
	return rc == 0 ? 0
		       : base_fault_set(f, rc, "audit: %s", base_err_text(rc));
}

int
trustchain_daemon_run(struct trustchain_daemon *d)
{
	const struct trustchain_listener metrics = {
		.addr = d->conf->metrics_listen,
		.handler = ops_web_listener,
		.ctx = d->web,
		.not_rate_limited = true,
	};
	struct fault f;

	if (trustchain_daemon_listen(d, &metrics, &f) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(f.rc);
	}
	ops_health_started(d->health);
	on_tick(d);
	loop_timer_start(
	    d->state->tick, OPS_HEALTH_INTERVAL_MS, OPS_HEALTH_INTERVAL_MS);
	loop_timer_start(d->state->ready, 0, READY_POLL_MS);
	ops_daemon_notify("READY=1");
	loop_run(d->loop);
	OPS_LOG(d->log, OPS_LOG_INFO, "daemon", "stopped",
	    OPS_LOG_INT("code", d->state->code));
	return d->state->code;
}

void
trustchain_daemon_stop(struct trustchain_daemon *d, int code)
{
	d->state->code = code;
	loop_stop(d->loop);
}

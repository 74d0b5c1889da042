/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "base/clock.h"
#include "base/str.h"
#include "crypto/rng.h"
#include "http/request.h"
#include "http/server.h"
#include "keys/client.h"
#include "keys/control.h"
#include "keys/role.h"
#include "loop/work.h"
#include "net/tls.h"
#include "ops/cli.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "trustchain/ca_acme.h"
#include "trustchain/ca_admin.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_cleanup.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_control.h"
#include "trustchain/ca_drain.h"
#include "trustchain/ca_gc.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_log.h"
#include "trustchain/ca_metrics.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_reload.h"
#include "trustchain/ca_rest.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_tls.h"
#include "trustchain/keyop.h"
#include "trustchain/trustchain_auditor.h"
#include "trustchain/trustchain_daemon.h"

#define POOL_QUEUE_MAX 16384

/* A new log list is stored: the key process has to learn its keys. */
static void
list_changed(void *ctx)
{
	struct ca_serve *s = ctx;

	if (keys_control_reload(s->d->keys_control) != 0)
		OPS_LOG(s->d->log, OPS_LOG_ERROR, "keys",
		    "cannot ask for a new key process");
}

static void
keys_replaced(void *ctx)
{
	struct ca_serve *s = ctx;

	if (s->ctlog != NULL)
		ca_log_confirm(s->ctlog);
	if (s->signer != NULL)
		ca_signer_replaced(s->signer);
	ca_reload_keys(s->reload);
}

/* TRAFFIC_PERCENTAGE, 0..100; anything else is a mistake worth stopping for. */
static int
traffic(unsigned *ret, struct fault *f)
{
	const char *text = getenv("TRAFFIC_PERCENTAGE");
	uint64_t v = 100;

	if (text != NULL &&
	    (base_str_u64(text, strlen(text), &v) != 0 || v > 100))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "TRAFFIC_PERCENTAGE must be an integer from 0 to 100");
	*ret = (unsigned)v;
	return 0;
}

static int
make_issue(struct ca_serve *s, struct fault *f)
{
	struct ca_log_opts lo = {
		.loop = s->d->loop,
		.config = s->conf,
		.disk = s->d->disk,
		.clock = s->d->clock,
		.log = s->d->log,
		.changed = list_changed,
		.ctx = s,
	};
	struct ca_issue_opts io = {
		.loop = s->d->loop,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
		.config = s->conf,
		.authority = s->authority,
		.keys = s->d->keys,
		.log = s->d->log,
		.faults = s->d->faults,
		.issued = ca_serve_issued,
		.failed = ca_serve_failed,
		.took = ca_serve_took,
		.abandoned = ca_serve_abandoned,
		.ctx = s,
	};
	int rc;

	ca_serve_route_keys(s);
	keys_control_on_replaced(s->d->keys_control, keys_replaced, s);
	if ((rc = traffic(&io.traffic_percentage, f)) != 0 ||
	    (rc = ca_serve_open_store(s, s->d->loop, &s->store, f)) != 0 ||
	    (rc = ca_log_new(&lo, &s->ctlog, f)) != 0)
		return rc;
	rc = loop_pool_new(s->d->loop, (unsigned)s->conf->server.workers,
	    POOL_QUEUE_MAX, &s->pool);
	if (rc == 0) {
		io.pool = s->pool;
		io.store = s->store;
		io.ctlog = s->ctlog;
		rc = ca_issue_new(&io, &s->issue);
	}
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "issue pipeline: %s", base_err_text(rc));
}

/* The audit log is open, or will never be. */
static void
audit_opened(void *ctx, int rc, const struct fault *why)
{
	const struct audit_event start = { .action = "ca.start",
		.target = "{}" };
	struct ca_serve *s = ctx;
	struct fault f;

	s->audit_rc = rc;
	if (rc == 0 && (rc = ca_drain_check(s->drain, &f)) != 0)
		why = &f;
	if (rc == 0)
		rc = trustchain_auditor_post(s->auditor, &start, NULL, NULL);
	if (rc == 0)
		return;
	OPS_LOG(s->d->log, OPS_LOG_ERROR, "audit", "audit log not usable",
	    OPS_LOG_STR("error", base_err_name(rc)),
	    OPS_LOG_STR("detail", why->msg));
	if (rc == ERR_STATE_INTEGRITY)
		trustchain_daemon_stop(s->d, OPS_EXIT_INTEGRITY);
}

/* ${target} is a JSON object. */
static void
post(struct ca_serve *s, const char *action, const char *target)
{
	const struct audit_event ev = { .action = action, .target = target };
	int rc = trustchain_auditor_post(s->auditor, &ev, NULL, NULL);

	if (rc != 0)
		OPS_LOG(s->d->log, OPS_LOG_WARN, "audit", "event not written",
		    OPS_LOG_STR("action", action),
		    OPS_LOG_STR("error", base_err_name(rc)));
}

static void
tls_rotated(void *ctx, const char *serial)
{
	char target[128];

	(void)snprintf(target, sizeof(target), "{\"serial\":\"%s\"}", serial);
	post(ctx, "tls.rotated", target);
}

static const char *
slot_name(void *ctx, uint8_t slot)
{
	struct ca_serve *s = ctx;

	if (slot == KEYOP_SLOT_AUDIT)
		return "audit";
	if (slot == KEYOP_SLOT_SEAL)
		return "seal";
	if (slot >= KEYOP_SLOT_OCSP(0U, 0U) &&
	    slot <= KEYOP_SLOT_OCSP_KEY(KEYOP_ISSUERS_MAX - 1))
		return "ocsp";
	return s->authority != NULL && slot < s->authority->n_issuers
		   ? s->authority->issuer[slot].id
		   : "other";
}

static int
reload(void *ctx, int fd, struct ops_config_changes *ret, struct fault *f)
{
	struct ca_serve *s = ctx;

	return ca_reload_config(s->reload, fd, ret, f);
}

static void
config_changed(void *ctx, const struct ops_config_changes *c)
{
	char target[sizeof(*c) + 64];

	(void)snprintf(target, sizeof(target),
	    "{\"changed\":\"%s\",\"restart\":\"%s\"}", c->adopted.text,
	    c->restart.text);
	post(ctx, "ca.config.changed", target);
}

/* First of all that uses the key process: nothing else is asked yet. */
static int
make_tls(struct ca_serve *s, struct fault *f)
{
	const struct ca_tls_opts o = {
		.loop = s->d->loop,
		.clock = s->d->clock,
		.config = s->conf,
		.authority = s->authority,
		.issue = s->issue,
		.store = s->store,
		.tls = s->d->tls,
		.log = s->d->log,
		.sealed =
		    s->conf->server.seal_key[0] != '\0' ? &s->sealed : NULL,
		.rotated = tls_rotated,
		.ctx = s,
	};
	int rc;

	s->sealed.disk = s->d->disk;
	s->sealed.keys = s->d->keys;
	s->sealed.log = s->d->log;
	if ((rc = ca_sealed_init(&s->sealed, s->conf->server.state_dir)) != 0 ||
	    (rc = ca_tls_new(&o, &s->tls)) != 0)
		return base_fault_set(f, rc, "TLS: %s", base_err_text(rc));
	if (o.sealed != NULL)
		ca_tls_reuse(s->tls, KEYS_ROLE_PEER_FD);
	return 0;
}

static int
make_audit(struct ca_serve *s, struct fault *f)
{
	const struct trustchain_daemon_audit a = { &s->conf->audit,
		s->conf->server.base_url, "ca", audit_opened, s };
	int rc;

	s->audit_rc = ERR_STATE_PENDING;
	if ((rc = trustchain_daemon_auditor(s->d, &a, &s->auditor, f)) != 0)
		return rc;
	rc = ca_drain_new(s->store, s->auditor, s->d->loop, &s->drain);
	if (rc == 0)
		rc = ca_gc_new(s->store, s->d->clock, s->d->loop, &s->gc);
	return rc == 0 ? 0
		       : base_fault_set(f, rc, "audit: %s", base_err_text(rc));
}

static int
make_admin(struct ca_serve *s)
{
	const struct ca_admin_opts o = {
		.config = s->conf,
		.store = s->store,
		.mtls = &s->mtls,
		.issue = s->issue,
		.rest = s->rest,
		.auditor = s->auditor,
		.clock = s->d->clock,
	};

	return ca_admin_new(&o, &s->admin);
}

static int
make_front(struct ca_serve *s, struct fault *f)
{
	const struct ca_rest_opts ro = {
		.loop = s->d->loop,
		.config = s->conf,
		.authority = s->authority,
		.store = s->store,
		.auth = s->auth,
		.mtls = &s->mtls,
		.issue = s->issue,
		.revoke = s->revoke,
		.pool = s->pool,
		.sweep = s->sweep,
		.points = s->points,
		.tls = s->d->tls,
		.web = s->d->web,
		.log = s->d->log,
		.auditor = s->auditor,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
	};
	const struct ca_acme_opts ao = {
		.loop = s->d->loop,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
		.config = s->conf,
		.authority = s->authority,
		.store = s->store,
		.issue = s->issue,
		.revoke = s->revoke,
		.log = s->d->log,
		.validated = ca_serve_validated,
		.ordered = ca_serve_ordered,
		.ctx = s,
	};
	int rc;

	s->mtls = (struct ca_mtls){ s->conf, s->store, s->auth, s->d->clock };
	if ((rc = ca_rest_new(&ro, &s->rest)) != 0 || (rc = make_admin(s)) != 0)
		return base_fault_set(f, rc, "REST: %s", base_err_text(rc));
	return s->conf->acme.enabled ? ca_acme_new(&ao, &s->acme, f) : 0;
}

static int
make_side(struct ca_serve *s, struct fault *f)
{
	const struct ca_cleanup_opts cl = {
		.loop = s->d->loop,
		.store = s->store,
		.disk = s->d->disk,
		.clock = s->d->clock,
		.config = s->conf,
		.authority = s->authority,
		.log = s->d->log,
	};
	struct ca_control_opts co = {
		.revoke = s->revoke,
		.sweep = s->sweep,
		.crl = s->crl,
		.store = s->store,
		.auth = s->auth,
		.issue = s->issue,
		.tls = s->tls,
		.backups = &s->backups,
		.authority = s->authority,
		.config = s->conf,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
	};
	int rc;

	if ((rc = ca_reload_new(s, &s->reload)) == 0 &&
	    (rc = ca_cleanup_new(&cl, &s->cleanup)) == 0) {
		co.cleanup = s->cleanup;
		rc = ca_control_new(&co, &s->control);
	}
	if (rc != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	return trustchain_daemon_control(
	    s->d, ca_control_handle, s->control, f);
}

/* 8443: ACME and REST. */
static void
on_request(void *ctx, struct http_request *r)
{
	struct ca_serve *s = ctx;

	if (s->acme != NULL && base_str_starts(http_request_path(r), "/acme/"))
		ca_acme_handle(s->acme, r);
	else if (!ca_points_handle(s->points, r, false) &&
		 !ca_rest_handle(s->rest, r))
		ca_rest_not_found(s->rest, r);
}

static void
on_refuse(void *ctx, struct http_request *r, int status, unsigned wait_s)
{
	struct ca_serve *s = ctx;

	ca_rest_refuse(s->rest, r, status, wait_s);
}

/* 8080: signed objects that need no TLS. */
static void
on_status_request(void *ctx, struct http_request *r)
{
	struct ca_serve *s = ctx;

	if (!ca_points_handle(s->points, r, true) &&
	    !ca_rest_status_handle(s->rest, r))
		ca_rest_not_found(s->rest, r);
}

static int
listen_all(struct ca_serve *s, struct fault *f)
{
	bool roles = s->conf->mtls_roles.n > 0;
	const struct trustchain_listener api = {
		.addr = s->conf->server.listen,
		.tls = true,
		.client_cert = roles ? NET_TLS_CLIENT_CERT_REQUESTED
				     : NET_TLS_CLIENT_CERT_NONE,
		.handler = on_request,
		.refuse = on_refuse,
		.ctx = s,
	};
	/* Without anybody who may use it, it is not opened. */
	const struct trustchain_listener admin = {
		.addr = roles ? s->conf->server.admin_listen : "",
		.tls = true,
		.handler = ca_admin_handle,
		.refuse = ca_admin_refuse,
		.ctx = s->admin,
		.client_cert = NET_TLS_CLIENT_CERT_REQUIRED,
	};
	const struct trustchain_listener status = {
		.addr = s->conf->server.http_listen,
		.handler = on_status_request,
		.refuse = on_refuse,
		.ctx = s,
	};
	int rc;

	if ((rc = trustchain_daemon_listen(s->d, &api, f)) != 0 ||
	    (rc = trustchain_daemon_listen(s->d, &admin, f)) != 0)
		return rc;
	return trustchain_daemon_listen(s->d, &status, f);
}

static void
on_ready(void *ctx)
{
	struct ca_serve *s = ctx;

	ops_cli_success("trustchain-ca ready issuers=%zu logs=%zu",
	    s->authority->n_issuers, s->conf->logs.n);
}

static int
start(struct ca_serve *s, struct fault *f)
{
	const struct trustchain_daemon_opts o = {
		.cli = s->cli,
		.conf = &s->conf->server,
		.metrics = ca_metrics_defs,
		.metrics_count = CA_METRIC_COUNT,
		.metric_fsync = CA_METRIC_FSYNC,
		.measure = { TRUSTCHAIN_MEASURE_METRICS(CA) },
		.service = "ca",
		.slot_name = slot_name,
		.fault_points = ca_issue_points,
		.fault_points_count = ca_issue_points_len,
		.reload = reload,
		.changed = config_changed,
		.ready = on_ready,
		.ctx = s,
	};
	int rc;

	if ((rc = keys_role_enter(KEYS_ROLE_MAIN, f)) != 0 ||
	    (rc = trustchain_daemon_new(&o, &s->d, f)) != 0 ||
	    (rc = ops_log_keep(s->d->log, CA_REST_LINES_MAX)) != 0 ||
	    (rc = ca_authority_load(s->conf, base_clock_now_ms(s->d->clock),
		 &s->authority, f)) != 0 ||
	    (rc = ca_serve_confine(s, f)) != 0 ||
	    (rc = make_issue(s, f)) != 0 || (rc = make_tls(s, f)) != 0)
		return rc;
	rc = ca_auth_new(s->store, s->d->clock, crypto_rng_system(), &s->auth);
	if (rc != 0)
		return base_fault_set(f, rc, "tokens: %s", base_err_text(rc));
	if ((rc = make_audit(s, f)) != 0 || (rc = ca_serve_revoke(s, f)) != 0 ||
	    (rc = ca_serve_points(s, false, f)) != 0 ||
	    (rc = make_front(s, f)) != 0 || (rc = make_side(s, f)) != 0 ||
	    (rc = ca_serve_watch(s, f)) != 0)
		return rc;
	return listen_all(s, f);
}

/* In the order in which nobody is called who is gone. */
static void
stop(struct ca_serve *s)
{
	ca_issue_stop(s->issue);
	ca_serve_revoke_stop(s);
	ca_acme_free(s->acme);
	ca_tls_free(s->tls);
	ca_admin_free(s->admin);
	ca_rest_free(s->rest);
	trustchain_daemon_free_front(s->d);
	ca_serve_points_free(s);
	ca_control_free(s->control);
	ca_cleanup_free(s->cleanup);
	ca_serve_unwatch(s);
	ca_log_free(s->ctlog);
	loop_pool_free(s->pool);
	ca_gc_free(s->gc);
	ca_drain_free(s->drain);
	if (s->auditor != NULL && trustchain_auditor_log(s->auditor) != NULL)
		post(s, "ca.stop", "{}");
	trustchain_auditor_free(s->auditor);
	if (s->store != NULL)
		s->store->ops->close(s->store);
	ca_signer_free(s->signer);
	ca_issue_free(s->issue);
	ca_serve_revoke_free(s);
	ca_auth_free(s->auth);
	ca_reload_free(s->reload);
	ca_authority_free(s->authority);
	trustchain_daemon_free(s->d);
}

int
ca_serve_main(const struct ops_cli *cli, struct ca_config *config)
{
	struct ca_serve s = { .cli = cli, .conf = config };
	struct fault f = { 0 };
	int rc, code;

	if ((rc = start(&s, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		code = ops_cli_exit_of(rc);
	} else {
		code = trustchain_daemon_run(s.d);
	}
	stop(&s);
	return code;
}

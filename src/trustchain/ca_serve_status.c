/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/reply.h"
#include "http/request.h"
#include "keys/client.h"
#include "keys/role.h"
#include "ops/cli.h"
#include "ops/health.h"
#include "ops/sandbox.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_metrics.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_serve.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"
#include "trustchain/keyop.h"
#include "trustchain/trustchain_daemon.h"

/*
 * `serve --status-only' (identity.md section 8).  The state folder belongs to
 * another daemon, which may be running beside this one or be gone: nothing in
 * it is written but the shared memory of the database, by which SQLite's
 * processes know of each other; SQLite opens the WAL for writing, too.
 */
enum { PATHS_MAX = 24, PATH_LEN = 4096 };

/* Of a database that was closed, WAL and shared memory are gone. */
static int
prepare(const char *store, const char *end, char *path, struct fault *f)
{
	int fd;

	(void)snprintf(path, PATH_LEN, "%s%s", store, end);
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return base_fault_set(f, base_err_from_errno(errno),
		    "%s: %s; fix: run as the user of the daemon that issues",
		    path, strerror(errno));
	(void)close(fd);
	return 0;
}

static void
folder_of(const char *file, char *out)
{
	const char *slash = strrchr(file, '/');

	(void)snprintf(out, PATH_LEN, "%.*s",
	    slash == NULL || slash == file ? 1 : (int)(slash - file), file);
}

static int
confine(struct ca_serve *s, struct fault *f)
{
	const struct ca_config_issuer *is = s->conf->issuers.v;
	char wal[PATH_LEN], shm[PATH_LEN], crl[PATH_LEN];
	static char certs[KEYOP_ISSUERS_MAX][PATH_LEN];
	struct ops_sandbox_path paths[PATHS_MAX];
	size_t n = 0, i;
	int rc;

	if (access(s->conf->store.path, F_OK) != 0)
		return base_fault_set(f, ERR_STATE_NOT_FOUND,
		    "%s: %s; fix: start the daemon that issues first",
		    s->conf->store.path, strerror(errno));
	if ((rc = prepare(s->conf->store.path, "-wal", wal, f)) != 0 ||
	    (rc = prepare(s->conf->store.path, "-shm", shm, f)) != 0)
		return rc;
	(void)snprintf(crl, sizeof(crl), "%s/%s", s->conf->server.state_dir,
	    CA_POINTS_CRL_FOLDER);
	paths[n++] = (struct ops_sandbox_path){ s->conf->store.path,
		OPS_SANDBOX_READ, NULL };
	paths[n++] = (struct ops_sandbox_path){ wal, OPS_SANDBOX_WRITE, NULL };
	paths[n++] = (struct ops_sandbox_path){ shm, OPS_SANDBOX_WRITE, NULL };
	paths[n++] = (struct ops_sandbox_path){ crl, OPS_SANDBOX_READ, NULL };
	for (i = 0; i < s->conf->issuers.n && i < KEYOP_ISSUERS_MAX; i++) {
		folder_of(is[i].ocsp_cert, certs[i]);
		paths[n++] = (struct ops_sandbox_path){ certs[i],
			OPS_SANDBOX_READ, NULL };
	}
	return trustchain_daemon_confine(s->d, paths, n, f);
}

static int
open_store(struct ca_serve *s, struct fault *f)
{
	const struct ca_store_sqlite_opts o = {
		.disk = s->d->disk,
		.path = s->conf->store.path,
		.read_only = true,
	};

	return ca_store_sqlite_open(&o, f, &s->store);
}

/* A read that every answer begins with. */
static int
check_store(void *ctx, char *issue, size_t len)
{
	struct ca_serve *s = ctx;
	const uint8_t none = 0;
	struct ca_status st;
	int rc = s->store->ops->get_status(s->store, s->authority->issuer[0].id,
	    (struct ca_blob){ &none, 1 }, &st);

	if (rc != 0)
		(void)snprintf(issue, len, "store: %s", base_err_text(rc));
	return rc;
}

static bool
have_signers(const struct ca_serve *s, char *issue, size_t len)
{
	for (size_t i = 0; i < s->authority->n_issuers; i++) {
		if (ca_signer_get(s->signer, i) != NULL)
			continue;
		(void)snprintf(issue, len,
		    "no OCSP signer of issuer %s; fix: a valid ocsp_cert",
		    s->authority->issuer[i].id);
		return false;
	}
	return true;
}

static int
check_signers(void *ctx, char *issue, size_t len)
{
	return have_signers(ctx, issue, len) ? 0 : ERR_STATE_EXPIRED;
}

static bool
is_ready(void *ctx, char *why, size_t len)
{
	return have_signers(ctx, why, len);
}

static void
refuse(void *ctx, struct http_request *r, int status, unsigned wait_s)
{
	char wait[16];
	const struct http_header h = { "retry-after", wait };
	const struct http_reply out = { .status = status,
		.headers = &h,
		.headers_count = wait_s > 0 ? 1 : 0 };

	(void)ctx;
	(void)snprintf(wait, sizeof(wait), "%u", wait_s);
	http_request_reply(r, &out);
}

static void
on_api(void *ctx, struct http_request *r)
{
	struct ca_serve *s = ctx;

	if (!ca_points_handle(s->points, r, false) && !ca_serve_renewal(s, r))
		refuse(NULL, r, 404, 0);
}

static void
on_plain(void *ctx, struct http_request *r)
{
	struct ca_serve *s = ctx;

	/* A proxy that has the service's certificate may stand before it. */
	if (!ca_points_handle(s->points, r, true) && !ca_serve_renewal(s, r))
		refuse(NULL, r, 404, 0);
}

static int
listen_all(struct ca_serve *s, struct fault *f)
{
	const struct trustchain_listener api = {
		.addr = s->conf->server.listen,
		.tls = true,
		.handler = on_api,
		.refuse = refuse,
		.ctx = s,
	};
	const struct trustchain_listener plain = {
		.addr = s->conf->server.http_listen,
		.handler = on_plain,
		.refuse = refuse,
		.ctx = s,
	};
	int rc = trustchain_daemon_listen(s->d, &api, f);

	return rc == 0 ? trustchain_daemon_listen(s->d, &plain, f) : rc;
}

static void
on_ready(void *ctx)
{
	struct ca_serve *s = ctx;

	ops_cli_success("trustchain-ca ready issuers=%zu logs=0 status-only",
	    s->authority->n_issuers);
}

static const char *
slot_name(void *ctx, uint8_t slot)
{
	(void)ctx;
	(void)slot;
	return "ocsp";
}

static int
reload(void *ctx, int fd, struct ops_config_changes *ret, struct fault *f)
{
	(void)ctx;
	(void)fd;
	(void)ret;
	return base_fault_set(f, ERR_STATE_REFUSED,
	    "a status-only daemon is restarted, which loses nothing");
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
		.foreign_state = true,
		.slot_name = slot_name,
		.reload = reload,
		.ready = on_ready,
		.ctx = s,
	};
	struct ops_health *h;
	int rc;

	if ((rc = keys_role_enter(KEYS_ROLE_MAIN, f)) != 0 ||
	    (rc = trustchain_daemon_new(&o, &s->d, f)) != 0 ||
	    (rc = ca_authority_load(s->conf, base_clock_now_ms(s->d->clock),
		 &s->authority, f)) != 0 ||
	    (rc = confine(s, f)) != 0 || (rc = open_store(s, f)) != 0 ||
	    (rc = ca_serve_points(s, true, f)) != 0)
		return rc;
	/* Before the first look at the health. */
	ca_signer_look(s->signer);
	h = s->d->health;
	if ((rc = ops_health_add(h, "store", check_store, s)) != 0 ||
	    (rc = ops_health_add(h, "keys", check_signers, s)) != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	ops_health_ready(h, is_ready, s);
	return listen_all(s, f);
}

int
ca_serve_status_main(const struct ops_cli *cli, struct ca_config *config)
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
	trustchain_daemon_free_front(s.d);
	ca_serve_points_free(&s);
	ca_signer_free(s.signer);
	if (s.store != NULL)
		s.store->ops->close(s.store);
	ca_authority_free(s.authority);
	trustchain_daemon_free(s.d);
	return code;
}

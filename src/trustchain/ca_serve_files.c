/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/metrics.h"
#include "ops/sandbox.h"
#include "trustchain/ca_cleanup.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/ca_metrics.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"
#include "trustchain/trustchain_daemon.h"

#define STORE_QUEUE_MAX 16384

static void
on_commit(void *ctx, size_t batches, uint64_t us)
{
	struct ca_serve *s = ctx;

	(void)batches;
	ops_metrics_observe(
	    s->d->metrics, CA_METRIC_COMMIT, NULL, (double)us / 1e6);
}

int
ca_serve_open_store(struct ca_serve *s, struct loop *loop,
    struct ca_store **ret, struct fault *f)
{
	const struct ca_store_sqlite_opts o = {
		.disk = s->d->disk,
		.loop = loop,
		.path = s->conf->store.path,
		.batch_max = (size_t)s->conf->store.batch_max,
		.queue_max = STORE_QUEUE_MAX,
		.on_commit = on_commit,
		.on_commit_ctx = s,
	};

	return ca_store_sqlite_open(&o, f, ret);
}

/* Make ${path} if it is not there, so that the sandbox can allow it. */
static int
touch(const char *path, struct fault *f)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1)
		return base_fault_set(f, base_err_from_errno(errno), "%s: %s",
		    path, strerror(errno));
	(void)close(fd);
	return 0;
}

static int
make_folder(const struct ca_serve *s, const char *name, struct fault *f)
{
	char path[4096];

	(void)snprintf(
	    path, sizeof(path), "%s/%s", s->conf->server.state_dir, name);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return base_fault_set(f, base_err_from_errno(errno), "%s: %s",
		    path, strerror(errno));
	return 0;
}

/*
 * The sandbox allows the files that are in the state folder when it is
 * entered, so those of the database have to be there: a new one is made by
 * opening the store once.
 */
static int
prepare_files(struct ca_serve *s, struct fault *f)
{
	static const char *const ends[] = { "-wal", "-shm" };
	struct ca_store *store;
	char path[4096];
	size_t i;
	int rc;

	if (access(s->conf->store.path, F_OK) != 0) {
		if ((rc = ca_serve_open_store(s, NULL, &store, f)) != 0)
			return rc;
		store->ops->close(store);
	}
	for (i = 0; i < 2; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s%s", s->conf->store.path, ends[i]);
		if ((rc = touch(path, f)) != 0)
			return rc;
	}
	if ((rc = make_folder(s, "logs", f)) != 0 ||
	    (rc = make_folder(s, CA_CLEANUP_FOLDER, f)) != 0 ||
	    (rc = make_folder(s, CA_POINTS_CRL_FOLDER, f)) != 0 ||
	    (rc = make_folder(s, CA_SIGNER_FOLDER, f)) != 0)
		return rc;
	return make_folder(s, CA_SEALED_FOLDER, f);
}

/* Sections [[log]]. */
#define CA_LOGS_MAX 8

int
ca_serve_confine(struct ca_serve *s, struct fault *f)
{
	char wal[4096], shm[4096];
	const struct ca_config_log *logs = s->conf->logs.v;
	struct ops_sandbox_path paths[6 + 2 * CA_LOGS_MAX] = {
		{ s->conf->server.state_dir, OPS_SANDBOX_CONTENTS,
		    "offline-root" },
		{ s->conf->store.path, OPS_SANDBOX_WRITE, NULL },
		{ wal, OPS_SANDBOX_WRITE, NULL },
		{ shm, OPS_SANDBOX_WRITE, NULL },
		{ s->conf->audit.dir, OPS_SANDBOX_WRITE, NULL },
		{ s->conf->acme.dns_trust_anchor, OPS_SANDBOX_READ, NULL },
	};
	size_t n = 6;
	int rc;

	(void)snprintf(wal, sizeof(wal), "%s-wal", s->conf->store.path);
	(void)snprintf(shm, sizeof(shm), "%s-shm", s->conf->store.path);
	if ((rc = prepare_files(s, f)) != 0)
		return rc;
	if (s->conf->acme.dns_trust_anchor[0] == '\0')
		n--;
	for (size_t i = 0; i < s->conf->logs.n && i < CA_LOGS_MAX; i++) {
		if (logs[i].token_file[0] != '\0')
			paths[n++] =
			    (struct ops_sandbox_path){ logs[i].token_file,
				    OPS_SANDBOX_READ, NULL };
		if (ca_config_log_foreign(&logs[i]))
			paths[n++] = (struct ops_sandbox_path){ logs[i].key,
				OPS_SANDBOX_READ, NULL };
	}
	return trustchain_daemon_confine(s->d, paths, n, f);
}

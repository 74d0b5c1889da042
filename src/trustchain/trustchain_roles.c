/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_roles.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/init.h"
#include "crypto/rng.h"
#include "keys/process.h"
#include "keys/role.h"
#include "ops/cli.h"
#include "ops/daemon.h"
#include "ops/log.h"
#include "ops/sandbox.h"
#include "store/disk.h"
#include "store/lock.h"
#include "trustchain/keyop_product.h"
#include "trustchain/trustchain_clock.h"
#include "trustchain/trustchain_config.h"
#include "trustchain/trustchain_confine_keys.h"
#include "trustchain/trustchain_own.h"
#include "trustchain/trustchain_refusals.h"

struct supervisor {
	const struct trustchain_roles_opts *o;
	struct ops_log *log;
	struct store_disk *disk;
	struct trustchain_refusals *refusals;
	char operator_id[64];
	char refusals_of[4096]; /* state folder that they are named after */
};

/* Main cannot drop what it was refused: it is written here. */
static void
refused(struct supervisor *s, const struct keys_report *r)
{
	int rc;

	OPS_LOG(s->log, OPS_LOG_ERROR, "keys", "key.refused",
	    OPS_LOG_INT("op", r->op), OPS_LOG_INT("slot", r->slot),
	    OPS_LOG_STR("name", r->name), OPS_LOG_STR("reason", r->text));
	rc = trustchain_refusals_add(s->refusals, r);
	if (rc != 0)
		OPS_LOG(s->log, OPS_LOG_ERROR, "audit", "refusal not written",
		    OPS_LOG_STR("error", base_err_name(rc)));
}

/* A token failed, or is back: the alarm is raised and cleared here. */
static void
device(struct supervisor *s, const struct keys_report *r)
{
	bool up = r->kind == KEYS_REPORT_UP;
	int rc = 0;

	OPS_LOG(s->log, up ? OPS_LOG_INFO : OPS_LOG_ERROR, "keys",
	    up ? "key.available" : "key.unavailable",
	    OPS_LOG_INT("slot", r->slot), OPS_LOG_STR("name", r->name),
	    OPS_LOG_STR("reason", r->text));
	if (!up)
		rc = trustchain_refusals_add(s->refusals, r);
	if (rc != 0)
		OPS_LOG(s->log, OPS_LOG_ERROR, "audit", "alarm not written",
		    OPS_LOG_STR("error", base_err_name(rc)));
}

static int
open_refusals(struct supervisor *s, struct fault *f)
{
	const struct trustchain_refusals_opts o = {
		.state_dir = s->refusals_of,
		.clock = trustchain_clock_system(),
		.rng = crypto_rng_system(),
		.operator_id = s->operator_id,
		.disk = s->disk,
	};

	/* A log has one writer. */
	if (base_str_format(s->refusals_of, sizeof(s->refusals_of), "%s%s",
		s->o->server->state_dir, s->o->status_only ? ".status" : "") !=
	    0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "[server] state_dir is too long");
	return trustchain_refusals_open(&o, f, &s->refusals);
}

static void
report(void *ctx, const struct keys_report *r)
{
	static const enum ops_log_level levels[] = { OPS_LOG_INFO, OPS_LOG_WARN,
		OPS_LOG_ERROR, OPS_LOG_ERROR };
	struct supervisor *s = ctx;

	if (r->kind == KEYS_REPORT_REFUSED)
		refused(s, r);
	else if (r->kind >= KEYS_REPORT_DOWN)
		device(s, r);
	else
		OPS_LOG(s->log, levels[r->kind], "keys", r->text,
		    OPS_LOG_STR("slot", r->name));
}

static int
load(void *ctx, struct buf *bundle, struct fault *f)
{
	struct supervisor *s = ctx;

	return s->o->load(s->o->ctx, bundle, f);
}

static int
store_key(
    void *ctx, uint8_t slot, const uint8_t *pem, size_t len, struct fault *f)
{
	struct supervisor *s = ctx;

	if (s->o->store_key == NULL)
		return base_fault_set(
		    f, ERR_STATE_REFUSED, "slot %u makes no key", slot);
	return s->o->store_key(s->o->ctx, slot, pem, len, f);
}

static int
open_config(void *ctx)
{
	struct supervisor *s = ctx;

	if (s->o->open_config != NULL)
		return s->o->open_config(s->o->ctx);
	return open(s->o->cli->config, O_RDONLY | O_CLOEXEC);
}

/* The folder that a socket of main's lies in. */
static int
make_socket_folder(const char *path, const char *user, struct fault *f)
{
	const char *slash;
	char *folder;
	int rc;

	if (strncmp(path, "unix:", 5) == 0)
		path += 5;
	if (path[0] != '/' || (slash = strrchr(path, '/')) == path)
		return 0;
	if ((folder = strndup(path, (size_t)(slash - path))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = ops_daemon_mkdirs(folder, 0755, f);
	if (rc == 0)
		rc = trustchain_own_empty(folder, user, f);
	free(folder);
	return rc;
}

static int
make_folders(
    const struct trustchain_roles_opts *o, const char *user, struct fault *f)
{
	int rc;

	if (o->status_only)
		return 0;
	if ((rc = ops_daemon_mkdirs(o->server->state_dir, 0700, f)) != 0 ||
	    (o->audit != NULL &&
		(rc = ops_daemon_mkdirs(o->audit->dir, 0700, f)) != 0) ||
	    (rc = make_socket_folder(o->server->control, user, f)) != 0)
		return rc;
	return make_socket_folder(o->server->listen, user, f);
}

/* Main works in these; what init-ca and init-log made there is root's. */
static int
give_folders(
    const struct trustchain_roles_opts *o, const char *user, struct fault *f)
{
	int rc;

	if (o->status_only)
		return 0;
	rc = trustchain_own_tree(o->server->state_dir, user, "offline-root", f);
	if (rc == 0 && o->audit != NULL)
		rc = trustchain_own_tree(o->audit->dir, user, NULL, f);
	return rc;
}

int
trustchain_roles_openssl(struct fault *f)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return crypto_init_check(NULL, f);
	exe[n] = '\0';
	return crypto_init_check(exe, f);
}

int
trustchain_roles_supervise(const struct trustchain_roles_opts *o)
{
	bool lab = o->server->environment == TRUSTCHAIN_LOCAL;
	struct supervisor s = { .o = o };
	struct keys_supervisor_opts k = {
		.argv = o->argv,
		.load = load,
		.store_key = store_key,
		.report = report,
		.open_config = open_config,
		.job = o->job,
		.ctx = &s,
		.drain_s = (unsigned)o->server->drain_s,
		.keys_user = lab ? NULL : "trustchain-keys",
		.main_user = lab ? NULL : "trustchain",
	};
	struct store_lock *lock = NULL;
	struct fault f = { 0 };
	int code, rc;

	ops_sandbox_harden();
	if ((rc = trustchain_roles_openssl(&f)) != 0 ||
	    (rc = make_folders(o, k.main_user, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	if (!o->status_only &&
	    (rc = store_lock_take(o->server->state_dir, &lock)) != 0) {
		ops_cli_error("%s: %s", o->server->state_dir,
		    rc == ERR_STATE_CONFLICT
			? "another daemon uses this state directory"
			: base_err_text(rc));
		return OPS_EXIT_USAGE;
	}
	if ((s.log = ops_log_new(2, OPS_LOG_INFO, o->cli->program)) == NULL) {
		store_lock_drop(lock);
		return OPS_EXIT_FAILED;
	}
	ops_log_tag(s.log, "role", "supervisor");
	(void)snprintf(
	    s.operator_id, sizeof(s.operator_id), "system:%s", o->cli->program);
	rc = give_folders(o, k.main_user, &f);
	if (rc == 0)
		rc = store_disk_new(&s.disk);
	if (rc == 0)
		rc = open_refusals(&s, &f);
	if (rc == 0) {
		code = keys_supervisor_run(&k);
	} else {
		ops_cli_error("%s", f.msg);
		code = ops_cli_exit_of(rc);
	}
	trustchain_refusals_close(s.refusals);
	store_disk_free(s.disk);
	ops_log_free(s.log);
	store_lock_drop(lock);
	return code;
}

int
trustchain_roles_keys(void)
{
	struct keys_process_opts o = {
		.bundle_fd = KEYS_ROLE_BUNDLE_FD,
		.main_fd = KEYS_ROLE_PEER_FD,
		.control_fd = KEYS_ROLE_CONTROL_FD,
		.clock = trustchain_clock_system(),
		.rng = crypto_rng_system(),
		.sandbox = trustchain_confine_keys,
	};
	struct keys_product *product;
	struct fault f = { 0 };
	int code;

	if (keys_role_enter(KEYS_ROLE_KEYS, &f) != 0 ||
	    trustchain_roles_openssl(&f) != 0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_REFUSED;
	}
	if (keyop_product_new(&product) != 0)
		return OPS_EXIT_FAILED;
	o.product = product;
	code = keys_process_run(&o);
	keyop_product_free(product);
	return code;
}

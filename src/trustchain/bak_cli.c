/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/age.h"
#include "crypto/rng.h"
#include "crypto/sha2.h"
#include "ops/control.h"
#include "ops/daemon.h"
#include "store/backup.h"
#include "store/disk.h"
#include "store/lock.h"
#include "trustchain/bak_make.h"
#include "trustchain/bak_name.h"
#include "trustchain/bak_note.h"
#include "trustchain/bak_out.h"
#include "trustchain/bak_walk.h"
#include "trustchain/ca_cli_internal.h"
#include "trustchain/ca_config.h"
#include "trustchain/trustchain_clock.h"
#include "wire/hex.h"
#include "wire/time.h"

#define TELL_TIMEOUT_MS 5000
#define DAY_MS 86400000

const struct ops_cli_option bak_cli_options[] = {
	{ "full-backup", OPS_CLI_FLAG, offsetof(struct bak_cli, full_backup),
	    NULL, "everything; there is no other kind" },
	{ "encrypt", OPS_CLI_FLAG, offsetof(struct bak_cli, encrypt), NULL,
	    "to [backup] recipients; a backup is always encrypted" },
	{ "retention-days", OPS_CLI_VALUE,
	    offsetof(struct bak_cli, retention_days), "N",
	    "delete older ones afterwards; the configured number otherwise" },
	{ "s3-bucket", OPS_CLI_VALUE, offsetof(struct bak_cli, s3_bucket),
	    "BUCKET", "not built" },
	{ .name = NULL },
};

/* One backup on its way. */
struct run {
	const struct ops_cli *cli;
	struct ca_config *conf;
	struct store_disk *disk;
	struct store_lock *lock;
	uint8_t to[CRYPTO_AGE_RECIPIENTS_MAX][32];
	size_t n_to;
	int64_t retention_days;
	char config[PATH_MAX]; /* without links and dots */
	char id[BAK_NAME_ID_MAX];
	char database[BAK_NAME_PATH_MAX], tmp[BAK_NAME_PATH_MAX],
	    file[BAK_NAME_PATH_MAX], note[BAK_NAME_PATH_MAX];
	json_t *about, *heads;
	struct bak_out_result result;
};

static int
take_recipients(struct run *r, struct fault *f)
{
	const struct ops_config_list *l = &r->conf->backup.recipients;
	const char *text;

	for (r->n_to = 0; r->n_to < l->n; r->n_to++) {
		text = ops_config_string(l, r->n_to);
		if (crypto_age_recipient(text, r->to[r->n_to]) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[backup] recipients: %.80s is no age recipient",
			    text);
	}
	if (r->n_to == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[backup] recipients is empty; fix: put the public key "
		    "there that `age-keygen -o identity.txt' prints, and keep "
		    "the file off this machine");
	return 0;
}

static int
prepare(struct run *r, struct fault *f)
{
	const char *dir = r->conf->backup.dir;
	int rc;

	if ((rc = take_recipients(r, f)) != 0 ||
	    (rc = ops_daemon_mkdirs(dir, 0700, f)) != 0)
		return rc;
	if ((rc = store_lock_take(dir, &r->lock)) != 0)
		return base_fault_set(f, rc, "%s: %s", dir,
		    rc == ERR_STATE_CONFLICT ? "another backup is being made"
					     : base_err_text(rc));
	if (realpath(r->cli->config, r->config) == NULL)
		return base_fault_set(f, base_err_from_errno(errno), "%s: %s",
		    r->cli->config, strerror(errno));
	rc = bak_name_make(base_clock_now_ms(trustchain_clock_system()),
	    crypto_rng_system(), r->id);
	if (rc == 0)
		rc = base_str_format(
		    r->database, sizeof(r->database), "%s/%s.part", dir, r->id);
	if (rc == 0)
		rc = base_str_format(
		    r->tmp, sizeof(r->tmp), "%s/%s.tar.age.tmp", dir, r->id);
	if (rc == 0)
		rc = base_str_format(
		    r->file, sizeof(r->file), "%s/%s.tar.age", dir, r->id);
	if (rc == 0)
		rc = base_str_format(
		    r->note, sizeof(r->note), "%s/%s.json", dir, r->id);
	r->about = json_object();
	r->heads = json_object();
	if (rc == 0)
		rc = store_disk_new(&r->disk);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "%s: %s", dir, base_err_text(rc));
}

static void
take_head(void *ctx, const char *shard, const char *path)
{
	struct run *r = ctx;

	bak_note_head(r->heads, shard, path);
}

static int
write_members(struct run *r, struct fault *f)
{
	const struct bak_out_opts oo = { .disk = r->disk,
		.path = r->tmp,
		.recipients = (const uint8_t(*)[32])r->to,
		.n_recipients = r->n_to,
		.rng = crypto_rng_system() };
	struct bak_walk w = {
		.root = r->cli->root, .head = take_head, .ctx = r
	};
	const struct bak_make m = { .walk = &w,
		.ca = r->conf,
		.config = r->config,
		.root = r->cli->root,
		.database = r->database };
	struct bak_out *out;
	int rc;

	if ((rc = bak_out_new(&oo, &out, f)) != 0)
		return rc;
	w.out = out;
	if ((rc = bak_make_all(&m, f)) == 0)
		rc = bak_out_end(out, &r->result, f);
	bak_out_free(out);
	return rc;
}

/* What is on the disk, and not what was meant to be. */
static int
read_again(struct run *r, struct fault *f)
{
	int fd = open(r->file, O_RDONLY | O_CLOEXEC);
	uint8_t piece[65536], hash[CRYPTO_SHA256_LEN];
	struct crypto_sha2 h;
	ssize_t n = -1;

	crypto_sha2_init(&h, CRYPTO_SHA256);
	if (fd >= 0) {
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		while ((n = read(fd, piece, sizeof(piece))) > 0)
			crypto_sha2_update(&h, piece, (size_t)n);
		(void)close(fd);
	}
	crypto_sha2_final(&h, hash);
	if (n == 0 && memcmp(hash, r->result.sha256, sizeof(hash)) == 0)
		return 0;
	if (store_disk_unlink(r->disk, r->file) != 0)
		ops_cli_warn("%s: not deleted", r->file);
	return base_fault_set(f, n == 0 ? ERR_SYS_CORRUPT : ERR_SYS_IO,
	    "%s: does not read as it was written", r->file);
}

static int
write_note(struct run *r, struct fault *f)
{
	char hash[2 * CRYPTO_SHA256_LEN + 1], now[WIRE_TIME_TEXT_MAX];
	char *text = NULL;
	size_t len;
	int rc;

	wire_hex_encode(r->result.sha256, CRYPTO_SHA256_LEN, hash);
	wire_time_format(base_clock_now_ms(trustchain_clock_system()), now);
	(void)json_object_set_new(r->about, "id", json_string(r->id));
	(void)json_object_set_new(r->about, "created", json_string(now));
	(void)json_object_set_new(
	    r->about, "version", json_string(TROTH_VERSION));
	(void)json_object_set_new(
	    r->about, "size", json_integer((json_int_t)r->result.bytes));
	(void)json_object_set_new(r->about, "sha256", json_string(hash));
	(void)json_object_set_new(
	    r->about, "members", json_integer((json_int_t)r->result.members));
	(void)json_object_set(r->about, "log_heads", r->heads);
	if ((text = wire_json_dump(r->about, &len)) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = store_disk_replace(r->disk, r->note, text, len, 0600, "bak.note");
	free(text);
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%s: %s", r->note, base_err_text(rc));
}

static int
make(struct run *r, struct fault *f)
{
	int rc;

	rc = store_backup_sqlite(r->disk, r->conf->store.path, r->database, f);
	if (rc != 0 || (rc = bak_note_database(r->database, r->about, f)) != 0)
		return rc;
	if ((rc = write_members(r, f)) != 0)
		return rc;
	if ((rc = store_disk_rename(r->disk, r->tmp, r->file)) != 0 ||
	    (rc = store_disk_sync_parent(r->disk, r->file, "bak.dir")) != 0)
		return base_fault_set(
		    f, rc, "%s: %s", r->file, base_err_text(rc));
	if ((rc = read_again(r, f)) != 0)
		return rc;
	return write_note(r, f);
}

/* Whatever happened, nothing half is left. */
static void
clear(struct run *r)
{
	if (r->disk != NULL && access(r->database, F_OK) == 0 &&
	    store_disk_unlink(r->disk, r->database) != 0)
		ops_cli_warn("%s: not deleted", r->database);
	if (r->disk != NULL && access(r->tmp, F_OK) == 0 &&
	    store_disk_unlink(r->disk, r->tmp) != 0)
		ops_cli_warn("%s: not deleted", r->tmp);
}

static void
retain(struct run *r)
{
	int64_t now = base_clock_now_ms(trustchain_clock_system());
	size_t n;

	if (bak_name_retain(r->disk, r->conf->backup.dir,
		now - r->retention_days * DAY_MS, &n) != 0)
		ops_cli_warn(
		    "%s: old backups are not deleted", r->conf->backup.dir);
	else if (n > 0)
		ops_cli_info("deleted %zu backups older than %d days", n,
		    (int)r->retention_days);
}

/* The daemon enters it into its audit log; without one nobody waits. */
static void
tell(struct run *r)
{
	json_t *req = json_pack("{s:s, s:s, s:O, s:O}", "op", "backup.done",
	    "id", r->id, "bytes", json_object_get(r->about, "size"), "sha256",
	    json_object_get(r->about, "sha256"));
	json_t *reply = NULL;
	struct fault f;

	if (ops_control_request(
		r->conf->server.control, req, TELL_TIMEOUT_MS, &reply, &f) != 0)
		ops_cli_info("not in the audit log: %s", f.msg);
	json_decref(reply);
	json_decref(req);
}

static void
print(struct run *r)
{
	if (r->cli->json)
		ca_cli_print_json(r->about);
	else
		ops_cli_success("backup %s bytes=%llu sha256=%s", r->id,
		    (unsigned long long)r->result.bytes,
		    ca_cli_text(r->about, "sha256"));
}

static int
run(struct run *r)
{
	struct fault f = { 0 };
	int rc;

	if ((rc = ca_config_load(r->cli->config, r->cli->root, &r->conf, &f)) !=
	    0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_USAGE;
	}
	if (r->retention_days == 0)
		r->retention_days = r->conf->backup.retention_days;
	if ((rc = prepare(r, &f)) == 0) {
		rc = make(r, &f);
		clear(r);
	}
	if (rc != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	tell(r);
	retain(r);
	print(r);
	return OPS_EXIT_OK;
}

int
bak_cli_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct bak_cli *o = opts;
	struct run r = { .cli = cli };
	uint64_t days = 0;
	int code;

	(void)args;
	(void)n;
	if (o->s3_bucket != NULL)
		return ca_cli_usage("--s3-bucket is not built");
	if (!o->full_backup || !o->encrypt)
		return ca_cli_usage("--full-backup --encrypt: every backup "
				    "is full and encrypted");
	if (o->retention_days != NULL &&
	    (base_str_u64(
		 o->retention_days, strlen(o->retention_days), &days) != 0 ||
		days < 1 || days > 3650))
		return ca_cli_usage("--retention-days is 1 to 3650");
	r.retention_days = (int64_t)days;
	code = run(&r);
	json_decref(r.about);
	json_decref(r.heads);
	store_lock_drop(r.lock);
	store_disk_free(r.disk);
	ca_config_free(r.conf);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_restore.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/age.h"
#include "store/disk.h"
#include "trustchain/bak_in.h"
#include "trustchain/bak_logs.h"
#include "trustchain/bak_make.h"
#include "trustchain/bak_name.h"
#include "trustchain/bak_note.h"
#include "trustchain/bak_place.h"
#include "trustchain/bak_recover.h"
#include "trustchain/bak_retire.h"
#include "trustchain/bak_store.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_cli_internal.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_paths.h"
#include "trustchain/trustchain_clock.h"
#include "trustchain/wit_config.h"

#define PATH_BYTES 4096
#define DEFAULT_DIR "/var/backups/trustchain"
#define QUEUE_MAX 64

const struct ops_cli_option bak_restore_options[] = {
	{ "identity", OPS_CLI_VALUE, offsetof(struct bak_restore, identity),
	    "FILE", "of age-keygen, that opens the backup" },
	{ "dry-run", OPS_CLI_FLAG, offsetof(struct bak_restore, dry_run), NULL,
	    "stop when every digest was checked; change nothing" },
	{ "backup-dir", OPS_CLI_VALUE, offsetof(struct bak_restore, backup_dir),
	    "DIR", "where it lies, when there is no configuration" },
	{ "part", OPS_CLI_VALUES, offsetof(struct bak_restore, part), "PART",
	    "ca, ct or witness; may be repeated" },
	{ "revoke-recovered", OPS_CLI_FLAG,
	    offsetof(struct bak_restore, revoke_recovered), NULL,
	    "revoke what was issued after the backup" },
	{ "without-logs", OPS_CLI_FLAG,
	    offsetof(struct bak_restore, without_logs), NULL,
	    "do not look for what was issued after the backup" },
	{ .name = NULL },
};

/* One restore on its way. */
struct run {
	const struct ops_cli *cli;
	const struct bak_restore *o;
	const char *id;
	struct ca_config *conf; /* NULL until it is there */
	struct store_disk *disk;
	struct bak_place *place;
	uint8_t ids[CRYPTO_AGE_IDENTITIES_MAX][32];
	size_t n_ids, members, recovered;
	char file[BAK_NAME_PATH_MAX];
	char ct_state[PATH_BYTES]; /* "": no log on this machine */
	int64_t bytes, certs, now_ms;
};

static int
load_config(struct run *r, struct fault *f)
{
	if (r->conf != NULL || access(r->cli->config, F_OK) != 0)
		return 0;
	return ca_config_load(r->cli->config, r->cli->root, &r->conf, f);
}

/* Find the backup and check it as far as that needs no identity. */
static int
find(struct run *r, struct fault *f)
{
	char note[BAK_NAME_PATH_MAX], dir[PATH_BYTES];
	json_t *about;
	int64_t at;
	int rc;

	if (!bak_name_parse(r->id, &at))
		return base_fault_set(f, ERR_STATE_USAGE,
		    "%s is no backup id, YYYYMMDDTHHMMSSZ-<8 hex>", r->id);
	rc = r->o->backup_dir != NULL
		 ? base_str_copy(dir, sizeof(dir), r->o->backup_dir)
	     : r->conf != NULL
		 ? base_str_copy(dir, sizeof(dir), r->conf->backup.dir)
		 : base_str_format(
		       dir, sizeof(dir), "%s" DEFAULT_DIR, r->cli->root);
	if (rc == 0)
		rc = base_str_format(
		    note, sizeof(note), "%s/%s.json", dir, r->id);
	if (rc == 0)
		rc = base_str_format(
		    r->file, sizeof(r->file), "%s/%s.tar.age", dir, r->id);
	if (rc != 0)
		return base_fault_set(f, rc, "the path is too long");
	if ((rc = bak_note_load(note, &about, f)) != 0)
		return rc;
	r->bytes = json_integer_value(json_object_get(about, "size"));
	rc = bak_in_check(r->file, about, f);
	json_decref(about);
	return rc;
}

/* Read it through, with hooks or only to verify. */
static int
pass(struct run *r, const struct bak_tar_hooks *hooks, struct fault *f)
{
	const struct bak_in_opts o = { .path = r->file,
		.identities = (const uint8_t(*)[32])r->ids,
		.n_identities = r->n_ids,
		.hooks = hooks };

	return bak_in_read(&o, &r->members, f);
}

/* One daemon's part of a backup. */
struct part {
	const char *name, *config; /* its file beside ca.toml */
};

static const struct part parts[] = { { "ca", NULL }, { "ct", "ct.toml" },
	{ "witness", "witness.toml" } };

static bool
asked_for(const struct run *r, const char *part)
{
	size_t i;

	for (i = 0; i < r->o->part.n; i++)
		if (strcmp(r->o->part.v[i], part) == 0)
			return true;
	return false;
}

/* Whether the CA's database is restored. */
static bool
with_ca(const struct run *r)
{
	return r->o->part.n == 0 || asked_for(r, "ca");
}

static int
leave_out(struct run *r, const char *part, const char *const *paths, size_t n,
    struct fault *f)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = bak_place_ignore(r->place, paths[i], f);
	if (r->o->part.n == 0 && rc == 0)
		ops_cli_info("%s: its state is there, and kept", part);
	return rc;
}

/* The places of one daemon.  The CA's must be empty, and those of others that
 * were asked for; else what is there is kept. */
static int
add_server(struct run *r, const char *part, const struct trustchain_server *s,
    const struct trustchain_audit *a, struct fault *f)
{
	char refused[PATH_BYTES];
	const char *const paths[] = { s->state_dir, a->dir, refused };
	bool wanted = r->o->part.n == 0 || asked_for(r, part);
	bool must = asked_for(r, part) ||
		    (r->o->part.n == 0 && strcmp(part, "ca") == 0);
	size_t i;
	int rc = 0;

	if (base_str_format(
		refused, sizeof(refused), "%s.refused", s->state_dir) != 0)
		return base_fault_set(f, ERR_SYS_LIMIT, "state_dir too long");
	if (!wanted || (!must && !bak_place_empty(s->state_dir)))
		return leave_out(r, part, paths, 3, f);
	for (i = 0; rc == 0 && i < 3; i++)
		rc = bak_place_state(r->place, paths[i], f);
	return rc;
}

static int
add_ct(struct run *r, const char *path, struct fault *f)
{
	struct ct_config *c;
	int rc;

	if ((rc = ct_config_load(path, r->cli->root, &c, f)) != 0)
		return rc;
	rc = base_str_copy(
	    r->ct_state, sizeof(r->ct_state), c->server.state_dir);
	if (rc == 0)
		rc = add_server(r, "ct", &c->server, &c->audit, f);
	ct_config_free(c);
	return rc;
}

static int
add_witness(struct run *r, const char *path, struct fault *f)
{
	struct wit_config *c;
	int rc;

	if ((rc = wit_config_load(path, r->cli->root, &c, f)) != 0)
		return rc;
	rc = add_server(r, "witness", &c->server, &c->audit, f);
	wit_config_free(c);
	return rc;
}

/* Where state goes; nothing may be there (exit 3). */
static int
add_places(struct run *r, struct fault *f)
{
	static int (*const add[])(struct run *, const char *,
	    struct fault *) = { NULL, add_ct, add_witness };
	char path[PATH_BYTES];
	size_t i;
	int rc;

	rc = add_server(r, "ca", &r->conf->server, &r->conf->audit, f);
	if (rc == 0 && with_ca(r))
		rc = bak_place_state(r->place, r->conf->store.path, f);
	for (i = 1; rc == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		rc = bak_make_beside(
		    r->cli->config, parts[i].config, path, sizeof(path));
		if (rc == 0 && access(path, F_OK) == 0)
			rc = add[i](r, path, f);
	}
	return rc;
}

/* An archive has no empty folders; a shard has. */
static int
make_shard_folders(struct run *r, struct fault *f)
{
	static const char *const names[] = { "wal", "tile", "issuer" };
	char state[PATH_BYTES], dir[CT_PATHS_MAX], path[PATH_BYTES];
	struct ct_paths_shards shards;
	size_t i, k;
	int rc;

	if (r->ct_state[0] == '\0' || !bak_place_used(r->place, r->ct_state))
		return 0;
	rc = bak_place_staged(r->place, r->ct_state, state, sizeof(state));
	if (rc == 0)
		rc = ct_paths_shards(state, &shards);
	for (i = 0; rc == 0 && i < shards.n; i++)
		for (k = 0; rc == 0 && k < 3; k++) {
			rc = ct_paths_make(
			    CT_PATHS_SHARD, state, shards.shard[i].name, dir);
			if (rc == 0)
				rc = base_str_format(
				    path, sizeof(path), "%s/%s", dir, names[k]);
			if (rc == 0)
				rc = store_disk_mkdirs(
				    r->disk, path, 0700, "bak.place");
		}
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "%s: %s", state, base_err_text(rc));
}

/* Shards that their witnesses have seen larger sign nothing any more. */
static int
retire(struct run *r, struct fault *f)
{
	char path[PATH_BYTES], state[PATH_BYTES];
	struct ct_config *c;
	int rc;

	if (r->ct_state[0] == '\0' || !bak_place_used(r->place, r->ct_state))
		return 0;
	if (bak_make_beside(r->cli->config, "ct.toml", path, sizeof(path)) !=
		0 ||
	    bak_place_staged(r->place, r->ct_state, state, sizeof(state)) != 0)
		return base_fault_set(f, ERR_SYS_LIMIT, "the path is too long");
	if ((rc = ct_config_load(path, r->cli->root, &c, f)) != 0)
		return rc;
	if (c->witnesses.n > 0)
		rc = bak_retire_behind(c, state, r->disk, f);
	ct_config_free(c);
	return rc;
}

static int
recover(struct run *r, struct ca_store *store,
    const struct ca_authority *authority, struct fault *f)
{
	const struct bak_recover_opts o = { store, authority, r->now_ms,
		r->o->revoke_recovered };
	char state[PATH_BYTES];
	struct bak_logs l = { .ca = r->conf, .now_ms = r->now_ms };
	int rc;

	if ((rc = bak_recover_new(&o, &l.recover)) != 0)
		return base_fault_set(f, rc, "out of memory");
	if (r->ct_state[0] != '\0' && bak_place_used(r->place, r->ct_state) &&
	    bak_place_staged(r->place, r->ct_state, state, sizeof(state)) == 0)
		l.local = state;
	if ((rc = bak_logs_read(&l, f)) == 0)
		rc = bak_recover_finish(l.recover, &r->recovered, f);
	bak_recover_free(l.recover);
	return rc;
}

/* The database, before a daemon starts on it. */
static int
finish_store(struct run *r, struct fault *f)
{
	char path[PATH_BYTES], audit[PATH_BYTES];
	struct ca_store_sqlite_opts so = { .disk = r->disk,
		.path = path,
		.batch_max = 256,
		.queue_max = QUEUE_MAX };
	struct ca_authority *authority = NULL;
	struct ca_store *store;
	int rc;

	rc =
	    bak_place_staged(r->place, r->conf->store.path, path, sizeof(path));
	if (rc == 0)
		rc = bak_place_staged(
		    r->place, r->conf->audit.dir, audit, sizeof(audit));
	if (rc != 0)
		return base_fault_set(f, rc, "the path is too long");
	if ((rc = bak_store_settle(path, audit, f)) != 0 ||
	    (rc = ca_store_sqlite_open(&so, f, &store)) != 0)
		return rc;
	if (!r->o->without_logs)
		rc = ca_authority_load(r->conf, r->now_ms, &authority, f);
	if (rc == 0 && !r->o->without_logs)
		rc = recover(r, store, authority, f);
	if (rc == 0)
		rc = bak_store_done(store, r->id, r->recovered, r->now_ms, f);
	store->ops->close(store);
	ca_authority_free(authority);
	if (rc == 0 && bak_store_count(path, &r->certs) != 0)
		rc = base_fault_set(
		    f, ERR_SYS_DATABASE, "%s: cannot be read", path);
	return rc;
}

static int
extract(struct run *r, struct fault *f)
{
	struct bak_tar_hooks hooks;
	bool had = r->conf != NULL;
	int rc;

	if (had && (rc = add_places(r, f)) != 0)
		return rc;
	bak_place_hooks(r->place, true, &hooks);
	if ((rc = pass(r, &hooks, f)) != 0 || (rc = load_config(r, f)) != 0)
		return rc;
	if (r->conf == NULL)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the backup has no %s", r->cli->config);
	/* Some of it may have been missing: another file beside it. */
	if (!had && (rc = add_places(r, f)) != 0)
		return rc;
	bak_place_hooks(r->place, false, &hooks);
	if ((rc = pass(r, &hooks, f)) != 0 ||
	    (rc = make_shard_folders(r, f)) != 0 || (rc = retire(r, f)) != 0 ||
	    (with_ca(r) && (rc = finish_store(r, f)) != 0))
		return rc;
	return bak_place_commit(r->place, f);
}

static int
restore(struct run *r, struct fault *f)
{
	int rc;

	if ((rc = load_config(r, f)) != 0 || (rc = find(r, f)) != 0 ||
	    (rc = bak_in_identities(r->o->identity, r->ids,
		 CRYPTO_AGE_IDENTITIES_MAX, &r->n_ids, f)) != 0 ||
	    (rc = pass(r, NULL, f)) != 0 || r->o->dry_run)
		return rc;
	if ((rc = store_disk_new(&r->disk)) != 0 ||
	    (rc = bak_place_new(
		 r->disk, r->cli->root, r->cli->config, &r->place)) != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	if ((rc = extract(r, f)) != 0)
		bak_place_abort(r->place);
	return rc;
}

/* What a backup never holds has to be put back by hand. */
static void
warn_missing(const struct run *r)
{
	const struct ca_config_issuer *is = r->conf->issuers.v;
	size_t i;

	for (i = 0; i < r->conf->issuers.n; i++)
		if (access(is[i].pass_file, F_OK) != 0)
			ops_cli_warn("%s is missing; fix: put the passphrase "
				     "of issuer %s back",
			    is[i].pass_file, is[i].id);
}

static void
print(const struct run *r)
{
	json_t *o;

	if (r->cli->json) {
		o = json_pack("{s:s, s:b, s:I, s:I, s:I, s:I}", "id", r->id,
		    "restored", r->o->dry_run ? 0 : 1, "bytes",
		    (json_int_t)r->bytes, "members", (json_int_t)r->members,
		    "certs", (json_int_t)r->certs, "recovered_from_log",
		    (json_int_t)r->recovered);
		ca_cli_print_json(o);
		json_decref(o);
	} else if (r->o->dry_run) {
		ops_cli_success(
		    "backup %s is whole members=%zu", r->id, r->members);
	} else {
		ops_cli_success("restored %s certs=%lld recovered_from_log=%zu",
		    r->id, (long long)r->certs, r->recovered);
	}
}

static bool
known_parts(const struct bak_restore *o)
{
	size_t i, k;

	for (i = 0; i < o->part.n; i++) {
		for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			if (strcmp(o->part.v[i], parts[k].name) == 0)
				break;
		if (k == sizeof(parts) / sizeof(parts[0]))
			return false;
	}
	return true;
}

int
bak_restore_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct run r = { .cli = cli,
		.o = opts,
		.id = args[0],
		.now_ms = base_clock_now_ms(trustchain_clock_system()) };
	struct fault f = { 0 };
	int rc;

	(void)n;
	if (r.o->identity == NULL)
		return ca_cli_usage("--identity FILE is needed");
	if (!known_parts(r.o))
		return ca_cli_usage("--part is ca, ct or witness");
	if ((rc = restore(&r, &f)) != 0) {
		ops_cli_error("%s", f.msg);
	} else {
		if (!r.o->dry_run)
			warn_missing(&r);
		print(&r);
	}
	base_wipe(r.ids, sizeof(r.ids));
	bak_place_free(r.place);
	store_disk_free(r.disk);
	ca_config_free(r.conf);
	return ops_cli_exit_of(rc);
}

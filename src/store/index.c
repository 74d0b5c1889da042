/* SPDX-License-Identifier: Apache-2.0 */
#include "store/index.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/fault.h"
#include "base/str.h"
#include "store/disk.h"
#include "store/file.h"

enum { MAP_INITIAL = 16 << 20, MARKER_MAX = 256 };

struct store_index {
	struct store_disk *disk;
	MDB_env *env;
	MDB_dbi dbis[STORE_INDEX_TABLES_MAX];
	size_t n_tables;
	uint64_t map_bytes, bytes_max;
	bool failed; /* a sync failed: keep the marker, sync no more */
	/* Growing the map is allowed only while no transaction is open. */
	pthread_rwlock_t lock;
	char marker[PATH_MAX];
};

static int
lmdb_rc(int code)
{
	switch (code) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ERR_STATE_NOT_FOUND;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return ERR_SYS_CORRUPT;
	case MDB_MAP_FULL:
	case MDB_READERS_FULL:
	case MDB_TXN_FULL:
		return ERR_SYS_LIMIT;
	default:
		return code > 0 ? base_err_from_errno(code) : ERR_SYS_DATABASE;
	}
}

static int
path_of(const struct store_index_opts *o, const char *name, char *path)
{
	return base_str_format(path, PATH_MAX, "%s/%s", o->dir, name);
}

int
store_index_discard(const struct store_index_opts *o)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "open" };
	char path[PATH_MAX];
	size_t i;
	int rc;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((rc = path_of(o, names[i], path)) != 0)
			return rc;
		rc = store_disk_unlink(o->disk, path);
		if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
			return rc;
	}
	return 0;
}

/* What the marker says while the index is open: this boot, this version. */
static int
marker_text(const struct store_index_opts *o, char *text, size_t cap)
{
	uint8_t *boot;
	size_t len;
	int rc;

	rc = store_file_load(
	    "/proc/sys/kernel/random/boot_id", 128, &boot, &len);
	if (rc != 0)
		return rc;
	rc = base_str_format(
	    text, cap, "%s\n%s", o->version, (const char *)boot);
	free(boot);
	return rc;
}

/* Whether the marker left by the last user lets us trust the files. */
static bool
marker_trusted(const struct store_index_opts *o, const char *now)
{
	char path[PATH_MAX];
	uint8_t *text;
	bool same;
	size_t len;

	if (path_of(o, "open", path) != 0)
		return false;
	/* Closed cleanly: the version is checked in the index itself. */
	if (store_file_load(path, MARKER_MAX, &text, &len) != 0)
		return access(path, F_OK) != 0 && errno == ENOENT;
	same = strcmp((const char *)text, now) == 0;
	free(text);
	return same;
}

static int
open_tables(struct store_index *ix, const struct store_index_opts *o)
{
	MDB_txn *txn;
	size_t i;
	int code;

	if ((code = mdb_txn_begin(ix->env, NULL, 0, &txn)) != 0)
		return lmdb_rc(code);
	for (i = 0; code == 0 && i < o->n_tables; i++)
		code =
		    mdb_dbi_open(txn, o->tables[i], MDB_CREATE, &ix->dbis[i]);
	if (code != 0)
		mdb_txn_abort(txn);
	else
		code = mdb_txn_commit(txn);
	return lmdb_rc(code);
}

static int
open_env(struct store_index *ix, const struct store_index_opts *o)
{
	MDB_envinfo info;
	int code;

	if ((code = mdb_env_create(&ix->env)) != 0)
		return lmdb_rc(code);
	if ((code = mdb_env_set_maxdbs(ix->env, (MDB_dbi)o->n_tables + 1)) ==
		0 &&
	    (code = mdb_env_set_mapsize(ix->env, MAP_INITIAL)) == 0)
		code = mdb_env_open(ix->env, o->dir,
		    MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD, 0600);
	if (code == 0)
		code = mdb_env_info(ix->env, &info);
	if (code != 0) {
		mdb_env_close(ix->env);
		ix->env = NULL;
		return lmdb_rc(code);
	}
	/* An existing file may be larger than the initial map. */
	ix->map_bytes = info.me_mapsize;
	return open_tables(ix, o);
}

/* Compare the version kept in the main table, or set it if there is none. */
static int
check_version(struct store_index *ix, const char *version, bool *ret_empty)
{
	MDB_val key = { 7, (void *)(uintptr_t) "version" }, value;
	MDB_txn *txn;
	MDB_dbi dbi;
	int code;

	if ((code = mdb_txn_begin(ix->env, NULL, 0, &txn)) != 0)
		return lmdb_rc(code);
	if ((code = mdb_dbi_open(txn, NULL, 0, &dbi)) == 0)
		code = mdb_get(txn, dbi, &key, &value);
	*ret_empty = code == MDB_NOTFOUND;
	if (code == 0 &&
	    (value.mv_size != strlen(version) ||
		memcmp(value.mv_data, version, value.mv_size) != 0))
		code = MDB_VERSION_MISMATCH;
	if (code == MDB_NOTFOUND) {
		value.mv_size = strlen(version);
		value.mv_data = (void *)(uintptr_t)version;
		code = mdb_put(txn, dbi, &key, &value, 0);
	}
	if (code == 0)
		return lmdb_rc(mdb_txn_commit(txn));
	mdb_txn_abort(txn);
	return lmdb_rc(code);
}

static void
close_env(struct store_index *ix)
{
	if (ix->env != NULL)
		mdb_env_close(ix->env);
	ix->env = NULL;
}

/* Open what is there, or start anew if that cannot be used. */
static int
open_or_reset(struct store_index *ix, const struct store_index_opts *o,
    bool trusted, bool *ret_empty)
{
	int rc = ERR_SYS_CORRUPT;

	if (trusted) {
		rc = open_env(ix, o);
		if (rc == 0)
			rc = check_version(ix, o->version, ret_empty);
		if (rc == 0)
			return 0;
		close_env(ix);
	}
	if (rc != ERR_SYS_CORRUPT)
		return rc;
	if ((rc = store_index_discard(o)) == 0)
		rc = open_env(ix, o);
	return rc == 0 ? check_version(ix, o->version, ret_empty) : rc;
}

static int
index_open(
    struct store_index *ix, const struct store_index_opts *o, bool *ret_empty)
{
	char now[MARKER_MAX];
	bool trusted;
	int rc;

	rc = store_disk_mkdirs(o->disk, o->dir, 0700, "index.mkdir");
	if (rc == 0)
		rc = marker_text(o, now, sizeof(now));
	if (rc == 0)
		rc = path_of(o, "open", ix->marker);
	if (rc != 0)
		return rc;
	trusted = marker_trusted(o, now);
	if (!trusted && (rc = store_index_discard(o)) != 0)
		return rc;
	/* The marker is durable before anything unsynced can be. */
	rc = store_disk_replace(
	    o->disk, ix->marker, now, strlen(now), 0600, "index.open");
	return rc == 0 ? open_or_reset(ix, o, trusted, ret_empty) : rc;
}

int
store_index_open(const struct store_index_opts *o, struct fault *fault,
    struct store_index **ret_index, bool *ret_empty)
{
	struct store_index *ix;
	int rc;

	if (o->n_tables > STORE_INDEX_TABLES_MAX)
		return base_fault_set(fault, ERR_SYS_LIMIT, "too many tables");
	if ((ix = calloc(1, sizeof(*ix))) == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	ix->disk = o->disk;
	ix->bytes_max = o->bytes_max;
	ix->n_tables = o->n_tables;
	pthread_rwlock_init(&ix->lock, NULL);
	if ((rc = index_open(ix, o, ret_empty)) != 0) {
		close_env(ix);
		pthread_rwlock_destroy(&ix->lock);
		free(ix);
		return base_fault_set(
		    fault, rc, "%s: %s", o->dir, base_err_text(rc));
	}
	*ret_index = ix;
	return 0;
}

void
store_index_close(struct store_index *ix)
{
	if (ix == NULL)
		return;
	/* If any step fails the marker stays, and the next open decides. */
	if (store_index_sync(ix, "index.close") == 0 &&
	    store_disk_unlink(ix->disk, ix->marker) == 0)
		(void)!store_disk_sync_parent(
		    ix->disk, ix->marker, "index.close.dir");
	close_env(ix);
	pthread_rwlock_destroy(&ix->lock);
	free(ix);
}

int
store_index_get(
    struct store_index *ix, const struct store_index_op *k, void *value)
{
	MDB_val key = { k->key_len, (void *)(uintptr_t)k->key }, found;
	MDB_txn *txn;
	int code;

	pthread_rwlock_rdlock(&ix->lock);
	code = mdb_txn_begin(ix->env, NULL, MDB_RDONLY, &txn);
	if (code == 0) {
		code = mdb_get(txn, ix->dbis[k->table], &key, &found);
		if (code == 0 && found.mv_size != k->value_len)
			code = MDB_CORRUPTED;
		else if (code == 0)
			memcpy(value, found.mv_data, found.mv_size);
		mdb_txn_abort(txn);
	}
	pthread_rwlock_unlock(&ix->lock);
	return lmdb_rc(code);
}

static int
apply_one(struct store_index *ix, MDB_txn *txn, const struct store_index_op *op)
{
	MDB_val key = { op->key_len, (void *)(uintptr_t)op->key }, value;
	int code;

	if (op->value == NULL) {
		code = mdb_del(txn, ix->dbis[op->table], &key, NULL);
		return code == MDB_NOTFOUND ? 0 : code;
	}
	value.mv_size = op->value_len;
	value.mv_data = (void *)(uintptr_t)op->value;
	return mdb_put(txn, ix->dbis[op->table], &key, &value, 0);
}

/* One try at a transaction; returns LMDB's code. */
static int
apply_all(struct store_index *ix, const struct store_index_op *ops, size_t n)
{
	MDB_txn *txn;
	int code;
	size_t i;

	if ((code = mdb_txn_begin(ix->env, NULL, 0, &txn)) != 0)
		return code;
	for (i = 0; code == 0 && i < n; i++)
		code = apply_one(ix, txn, &ops[i]);
	if (code == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return code;
}

/* Double the map, with no transaction open anywhere. */
static int
grow(struct store_index *ix)
{
	uint64_t more = ix->map_bytes * 2;
	int code;

	if (more > ix->bytes_max)
		more = ix->bytes_max;
	if (more <= ix->map_bytes)
		return MDB_MAP_FULL;
	pthread_rwlock_wrlock(&ix->lock);
	if ((code = mdb_env_set_mapsize(ix->env, more)) == 0)
		ix->map_bytes = more;
	pthread_rwlock_unlock(&ix->lock);
	return code;
}

int
store_index_apply(
    struct store_index *ix, const struct store_index_op *ops, size_t n)
{
	int code;
	size_t i;

	for (i = 0; i < n; i++)
		if (ops[i].table >= ix->n_tables || ops[i].key_len == 0 ||
		    ops[i].key_len > STORE_INDEX_KEY_MAX)
			return ERR_SYS_LIMIT;
	while ((code = apply_all(ix, ops, n)) == MDB_MAP_FULL)
		if ((code = grow(ix)) != 0)
			break;
	return lmdb_rc(code);
}

static int
sync_env(void *ctx)
{
	return mdb_env_sync(ctx, 1);
}

int
store_index_sync(struct store_index *ix, const char *name)
{
	int rc;

	if (ix->failed)
		return ERR_SYS_IO;
	rc = store_disk_sync_call(ix->disk, name, sync_env, ix->env);
	ix->failed = rc != 0;
	return rc;
}

int
store_index_count(struct store_index *ix, size_t table, uint64_t *ret_n)
{
	MDB_stat stat;
	MDB_txn *txn;
	int code;

	pthread_rwlock_rdlock(&ix->lock);
	code = mdb_txn_begin(ix->env, NULL, MDB_RDONLY, &txn);
	if (code == 0) {
		code = mdb_stat(txn, ix->dbis[table], &stat);
		mdb_txn_abort(txn);
	}
	pthread_rwlock_unlock(&ix->lock);
	if (code == 0)
		*ret_n = stat.ms_entries;
	return lmdb_rc(code);
}

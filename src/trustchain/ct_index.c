/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/str.h"
#include "wire/builder.h"
#include "wire/cursor.h"

enum { KEY_LEN = 16, INDEX_LEN = 5, DEDUP_VALUE_LEN = 13, READERS = 512 };

/* Address space only; the file grows as needed. */
#define MAP_BYTES ((size_t)64 << 30)

struct ct_index {
	MDB_env *env;
	MDB_dbi leaf, dedup, meta;
};

static const char size_key[] = "indexed";

static int
from_mdb(int e)
{
	if (e == MDB_SUCCESS)
		return 0;
	if (e == MDB_NOTFOUND)
		return ERR_STATE_NOT_FOUND;
	if (e == ENOMEM)
		return ERR_SYS_NOMEM;
	if (e == ENOSPC || e == MDB_MAP_FULL)
		return ERR_SYS_NOSPACE;
	return ERR_SYS_DATABASE;
}

static int
open_tables(struct ct_index *x)
{
	MDB_txn *txn;
	int e;

	if ((e = mdb_txn_begin(x->env, NULL, 0, &txn)) != 0)
		return from_mdb(e);
	if ((e = mdb_dbi_open(txn, "leaf", MDB_CREATE, &x->leaf)) != 0 ||
	    (e = mdb_dbi_open(txn, "dedup", MDB_CREATE, &x->dedup)) != 0 ||
	    (e = mdb_dbi_open(txn, "meta", MDB_CREATE, &x->meta)) != 0) {
		mdb_txn_abort(txn);
		return from_mdb(e);
	}
	return from_mdb(mdb_txn_commit(txn));
}

int
ct_index_open(const char *dir, struct ct_index **ret)
{
	struct ct_index *x;
	int e, rc;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return base_err_from_errno(errno);
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return ERR_SYS_NOMEM;
	if ((e = mdb_env_create(&x->env)) != 0) {
		free(x);
		return from_mdb(e);
	}
	/* NOSYNC: the caller says when; NOTLS: any thread may read. */
	if ((e = mdb_env_set_mapsize(x->env, MAP_BYTES)) != 0 ||
	    (e = mdb_env_set_maxdbs(x->env, 3)) != 0 ||
	    (e = mdb_env_set_maxreaders(x->env, READERS)) != 0 ||
	    (e = mdb_env_open(x->env, dir,
		 MDB_NOSYNC | MDB_NOTLS | MDB_NOMEMINIT, 0644)) != 0)
		rc = from_mdb(e);
	else
		rc = open_tables(x);
	if (rc != 0) {
		ct_index_close(x);
		return rc;
	}
	*ret = x;
	return 0;
}

int
ct_index_remove(const char *dir)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	char path[4096];
	size_t i;
	int rc;

	for (i = 0; i < 2; i++) {
		rc =
		    base_str_format(path, sizeof(path), "%s/%s", dir, names[i]);
		if (rc != 0)
			return rc;
		if (unlink(path) != 0 && errno != ENOENT)
			return base_err_from_errno(errno);
	}
	return 0;
}

void
ct_index_close(struct ct_index *x)
{
	if (x == NULL)
		return;
	mdb_env_close(x->env);
	free(x);
}

static int
get(struct ct_index *x, MDB_dbi table, MDB_val key, uint8_t *ret, size_t len)
{
	MDB_val value;
	MDB_txn *txn;
	int e;

	if ((e = mdb_txn_begin(x->env, NULL, MDB_RDONLY, &txn)) != 0)
		return from_mdb(e);
	e = mdb_get(txn, table, &key, &value);
	if (e == 0 && value.mv_size != len)
		e = MDB_CORRUPTED;
	if (e == 0)
		memcpy(ret, value.mv_data, len);
	mdb_txn_abort(txn);
	return from_mdb(e);
}

int
ct_index_size(struct ct_index *x, uint64_t *ret)
{
	MDB_val key = { sizeof(size_key), (void *)(uintptr_t)size_key };
	uint8_t raw[8];
	struct cursor c;
	int rc;

	rc = get(x, x->meta, key, raw, sizeof(raw));
	if (rc == ERR_STATE_NOT_FOUND) {
		*ret = 0;
		return 0;
	}
	if (rc != 0)
		return rc;
	wire_cursor_init(&c, raw, sizeof(raw));
	*ret = wire_cursor_u64(&c);
	return 0;
}

static int
put_item(struct ct_index *x, MDB_txn *txn, const struct ct_index_item *item)
{
	uint8_t value[DEDUP_VALUE_LEN];
	struct builder b;
	MDB_val key, val;
	int e;

	wire_builder_init(&b, value, sizeof(value));
	wire_builder_u40(&b, item->index);
	wire_builder_u64(&b, item->timestamp_ms);
	/* Of two entries with one key (a collision of the prefix, or an entry
	 * logged twice) the first stays. */
	key.mv_size = KEY_LEN;
	key.mv_data = (void *)(uintptr_t)item->leaf.b;
	val.mv_size = INDEX_LEN;
	val.mv_data = value;
	e = mdb_put(txn, x->leaf, &key, &val, MDB_NOOVERWRITE);
	if (e != 0 && e != MDB_KEYEXIST)
		return e;
	key.mv_data = (void *)(uintptr_t)item->dedup;
	val.mv_size = DEDUP_VALUE_LEN;
	val.mv_data = value;
	e = mdb_put(txn, x->dedup, &key, &val, MDB_NOOVERWRITE);
	return e == MDB_KEYEXIST ? 0 : e;
}

static int
put_size(struct ct_index *x, MDB_txn *txn, uint64_t size)
{
	MDB_val key = { sizeof(size_key), (void *)(uintptr_t)size_key }, val;
	struct builder b;
	uint8_t raw[8];

	wire_builder_init(&b, raw, sizeof(raw));
	wire_builder_u64(&b, size);
	val.mv_size = sizeof(raw);
	val.mv_data = raw;
	return mdb_put(txn, x->meta, &key, &val, 0);
}

int
ct_index_put(struct ct_index *x, const struct ct_index_item *items, size_t n)
{
	MDB_txn *txn;
	size_t i;
	int e;

	if (n == 0)
		return 0;
	if ((e = mdb_txn_begin(x->env, NULL, 0, &txn)) != 0)
		return from_mdb(e);
	for (i = 0; i < n && e == 0; i++)
		e = put_item(x, txn, &items[i]);
	if (e == 0)
		e = put_size(x, txn, items[n - 1].index + 1);
	if (e != 0) {
		mdb_txn_abort(txn);
		return from_mdb(e);
	}
	return from_mdb(mdb_txn_commit(txn));
}

int
ct_index_clear(struct ct_index *x)
{
	MDB_txn *txn;
	int e;

	if ((e = mdb_txn_begin(x->env, NULL, 0, &txn)) != 0)
		return from_mdb(e);
	if ((e = mdb_drop(txn, x->leaf, 0)) != 0 ||
	    (e = mdb_drop(txn, x->dedup, 0)) != 0 ||
	    (e = mdb_drop(txn, x->meta, 0)) != 0) {
		mdb_txn_abort(txn);
		return from_mdb(e);
	}
	return from_mdb(mdb_txn_commit(txn));
}

int
ct_index_sync(struct ct_index *x)
{
	return from_mdb(mdb_env_sync(x->env, 1));
}

int
ct_index_by_leaf(
    struct ct_index *x, const struct merkle_hash *leaf, uint64_t *ret)
{
	MDB_val key = { KEY_LEN, (void *)(uintptr_t)leaf->b };
	uint8_t raw[INDEX_LEN];
	struct cursor c;
	int rc;

	if ((rc = get(x, x->leaf, key, raw, sizeof(raw))) != 0)
		return rc;
	wire_cursor_init(&c, raw, sizeof(raw));
	*ret = wire_cursor_u40(&c);
	return 0;
}

int
ct_index_by_dedup(struct ct_index *x, const uint8_t dedup[CT_LEAF_DEDUP_LEN],
    uint64_t *ret_index, uint64_t *ret_timestamp_ms)
{
	MDB_val key = { CT_LEAF_DEDUP_LEN, (void *)(uintptr_t)dedup };
	uint8_t raw[DEDUP_VALUE_LEN];
	struct cursor c;
	int rc;

	if ((rc = get(x, x->dedup, key, raw, sizeof(raw))) != 0)
		return rc;
	wire_cursor_init(&c, raw, sizeof(raw));
	*ret_index = wire_cursor_u40(&c);
	*ret_timestamp_ms = wire_cursor_u64(&c);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A key-value index in LMDB for data that can be rebuilt from elsewhere.  It
 * is written without LMDB's own syncs and made durable by an explicit sync
 * through the store_disk.  Between two syncs a power cut may leave it
 * damaged, a killed process cannot: a marker file with the kernel's boot id
 * tells the two apart, and an index that was open when the kernel died is
 * thrown away at the next start.
 *
 * Reads may come from any thread, also while another one writes.
 */
struct fault;
struct store_disk;
struct store_index;

enum {
	STORE_INDEX_KEY_MAX = 64,
	STORE_INDEX_TABLES_MAX = 8,
};

struct store_index_opts {
	struct store_disk *disk;
	const char *dir;     /* its own directory, made if missing */
	const char *version; /* another one found there: start empty */
	const char *const *tables;
	size_t n_tables;
	uint64_t bytes_max; /* the map grows up to this */
};

/* Put a value under a key, or remove the key if value is NULL. */
struct store_index_op {
	size_t table; /* position in opts.tables */
	const void *key;
	size_t key_len; /* 1..STORE_INDEX_KEY_MAX */
	const void *value;
	size_t value_len;
};

/**
 * store_index_open(opts, fault, ret_index, ret_empty):
 * Open the index.  If there is none, or it cannot be trusted, an empty one is
 * made; ${ret_empty} says whether it has to be filled.
 */
MUST_CHECK int store_index_open(const struct store_index_opts *opts,
    struct fault *fault, struct store_index **ret_index, bool *ret_empty);

/**
 * store_index_close(ix):
 * Sync, remove the marker and close; NULL is allowed.
 */
void store_index_close(struct store_index *ix);

/**
 * store_index_get(ix, table, key, value):
 * Look up ${key}->key in ${key}->table and copy the value to ${value}, which
 * must hold exactly ${key}->value_len bytes.  ERR_STATE_NOT_FOUND;
 * ERR_SYS_CORRUPT if the stored value has another length or the index is
 * damaged: the caller then discards and rebuilds.
 */
MUST_CHECK int store_index_get(
    struct store_index *ix, const struct store_index_op *key, void *value);

/**
 * store_index_apply(ix, ops, n):
 * Make ${n} changes, all or none; they are visible at once and durable after
 * store_index_sync().  ERR_SYS_LIMIT beyond bytes_max, ERR_SYS_CORRUPT,
 * ERR_SYS_IO, ERR_SYS_NOSPACE.
 */
MUST_CHECK int store_index_apply(
    struct store_index *ix, const struct store_index_op *ops, size_t n);

/**
 * store_index_sync(ix, name):
 * Make everything applied so far durable, as the named sync ${name}.
 */
MUST_CHECK int store_index_sync(struct store_index *ix, const char *name);

/**
 * store_index_count(ix, table, ret_n):
 * Count the keys of a table.
 */
MUST_CHECK int store_index_count(
    struct store_index *ix, size_t table, uint64_t *ret_n);

/**
 * store_index_discard(opts):
 * Remove the files of a closed index, so that the next open starts empty.
 */
MUST_CHECK int store_index_discard(const struct store_index_opts *opts);

#endif

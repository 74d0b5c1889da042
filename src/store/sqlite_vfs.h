/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SQLITE_VFS_H
#define STORE_SQLITE_VFS_H

#include "base/err.h"

/*
 * The layer between SQLite and a store_disk; see store/sqlite.h.
 */
struct store_disk;
struct store_sqlite_vfs;

/**
 * store_sqlite_vfs_new(disk, ret_vfs):
 * Make the layer between SQLite and ${disk}.  All connections to a database
 * use the same one; it is freed after them and before ${disk}.
 */
MUST_CHECK int store_sqlite_vfs_new(
    struct store_disk *disk, struct store_sqlite_vfs **ret_vfs);

/**
 * store_sqlite_vfs_free(vfs):
 * Free ${vfs}; NULL is allowed.
 */
void store_sqlite_vfs_free(struct store_sqlite_vfs *vfs);

/**
 * store_sqlite_vfs_name(vfs):
 * Return the name under which ${vfs} is registered with SQLite.
 */
const char *store_sqlite_vfs_name(const struct store_sqlite_vfs *vfs);

#endif

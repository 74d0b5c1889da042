/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

#include "base/fault.h"
#include "base/str.h"
#include "store/connections_internal.h"
#include "store/database.h"
#include "store/sql.h"
#include "store/sqlite.h"
#include "store/sqlite_vfs.h"

#define PATH_CAP 4096

struct connection {
	struct connection *next; /* opened before */
	struct sqlite3 *db;
	struct store_sql *sql;
};

struct store_connections {
	char *path, *pragmas; /* pragmas: NULL for none */
	struct store_sqlite_vfs *vfs;
	bool read_only;
	struct connection *newest;
};

bool
store_database_on_network(uint32_t fs_type)
{
	static const uint32_t network[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,
		SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, AFS_SUPER_MAGIC,
		AFS_FS_MAGIC, CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC,
		OCFS2_SUPER_MAGIC };

	for (size_t i = 0; i < sizeof(network) / sizeof(network[0]); i++)
		if (fs_type == network[i])
			return true;
	return false;
}

/* The readers' shared memory of a WAL does not reach over a network. */
static int
check_place(const char *path, struct fault *fault)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;
	struct statfs fs;
	char dir[PATH_CAP];

	if (base_str_format(dir, sizeof(dir), "%.*s", (int)len, path) != 0)
		return base_fault_set(
		    fault, ERR_STATE_USAGE, "the path is too long");
	if (len == 0)
		memcpy(dir, slash != NULL ? "/" : ".", 2);
	if (statfs(dir, &fs) == 0 &&
	    store_database_on_network((uint32_t)fs.f_type))
		return base_fault_set(fault, ERR_STATE_REFUSED,
		    "%s is on a network file system", path);
	return 0;
}

int
store_connections_new(const struct store_database_opts *opts,
    struct fault *fault, struct store_connections **ret)
{
	struct store_connections *c;
	int rc = check_place(opts->path, fault);

	if (rc != 0)
		return rc;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	c->read_only = opts->read_only;
	c->path = base_str_dup(opts->path);
	if (opts->pragmas != NULL)
		c->pragmas = base_str_dup(opts->pragmas);
	if (c->path == NULL || (opts->pragmas != NULL && c->pragmas == NULL))
		rc = base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	else if ((rc = store_sqlite_vfs_new(opts->disk, &c->vfs)) != 0)
		base_fault_set(fault, rc, "cannot register with SQLite");
	if (rc != 0) {
		store_connections_free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

void
store_connections_free(struct store_connections *c)
{
	struct connection *one;

	if (c == NULL)
		return;
	while ((one = c->newest) != NULL) {
		c->newest = one->next;
		store_sql_free(one->sql);
		store_sqlite_close(one->db);
		free(one);
	}
	store_sqlite_vfs_free(c->vfs);
	free(c->path);
	free(c->pragmas);
	free(c);
}

/* One more, of which ${c} takes care from now on. */
static int
add(struct store_connections *c, struct fault *fault, struct connection **ret)
{
	struct connection *one = calloc(1, sizeof(*one));
	int rc;

	if (one == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	rc = c->read_only
		 ? store_sqlite_open_existing(c->vfs, c->path, fault, &one->db)
		 : store_sqlite_open(c->vfs, c->path, fault, &one->db);
	if (rc != 0) {
		free(one);
		return rc;
	}
	one->next = c->newest;
	c->newest = one;
	if (c->pragmas != NULL &&
	    (rc = store_sqlite_exec(one->db, c->pragmas)) != 0)
		return base_fault_set(fault, rc, "%s: %s", c->path, c->pragmas);
	if ((one->sql = store_sql_new(one->db)) == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	*ret = one;
	return 0;
}

int
store_connections_writer(struct store_connections *c,
    const struct store_database_opts *opts, struct fault *fault,
    struct sqlite3 **ret_db, struct store_sql **ret_sql)
{
	struct connection *one;
	int rc = add(c, fault, &one);

	if (rc == 0)
		rc = store_sqlite_check(one->db, fault);
	if (rc == 0)
		rc = store_sqlite_migrate(
		    one->db, opts->steps, opts->n_steps, fault);
	if (rc != 0)
		return rc;
	if (opts->loop != NULL && (rc = store_sqlite_exec(one->db,
				       "PRAGMA wal_autocheckpoint=0")) != 0)
		return base_fault_set(
		    fault, rc, "%s: wal_autocheckpoint", c->path);
	*ret_db = one->db;
	*ret_sql = one->sql;
	return 0;
}

int
store_connections_check(struct store_connections *c,
    const struct store_database_opts *opts, struct fault *fault)
{
	struct connection *one;
	int rc = add(c, fault, &one);

	return rc == 0 ? store_sqlite_version(one->db, opts->n_steps, fault)
		       : rc;
}

int
store_connections_reader(struct store_connections *c, struct fault *fault,
    struct store_sql **ret_sql)
{
	struct connection *one;
	int rc = add(c, fault, &one);

	if (rc != 0)
		return rc;
	if ((rc = store_sqlite_exec(one->db, "PRAGMA query_only=1")) != 0)
		return base_fault_set(fault, rc, "%s: query_only", c->path);
	*ret_sql = one->sql;
	return 0;
}

int
store_connections_other(
    struct store_connections *c, struct fault *fault, struct sqlite3 **ret_db)
{
	struct connection *one;
	int rc = add(c, fault, &one);

	if (rc == 0)
		*ret_db = one->db;
	return rc;
}

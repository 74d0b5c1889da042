/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_store.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/line.h"
#include "base/str.h"
#include "store/sqlite.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"

#define PATH_BYTES 4096
/* Certificate ids are cursors; what was given out after the backup is not
 * known, so a wide step. */
#define ID_STEP "1000000000"

/* The highest number of an event in one file of an audit log. */
static int
scan_file(const char *path, int64_t *max)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	int64_t source;
	ssize_t n;

	if (f == NULL)
		return ERR_SYS_IO;
	while ((n = getline(&line, &cap, f)) > 0) {
		source = audit_line_source(line, (size_t)n - 1);
		if (source > *max)
			*max = source;
	}
	free(line);
	(void)fclose(f);
	return 0;
}

static int
scan_audit(const char *dir, int64_t *ret)
{
	char path[PATH_BYTES];
	DIR *d = opendir(dir);
	struct dirent *e;
	int rc = 0;

	*ret = 0;
	if (d == NULL)
		return 0;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (!base_str_starts(e->d_name, "audit.log"))
			continue;
		rc = base_str_format(
		    path, sizeof(path), "%s/%s", dir, e->d_name);
		if (rc == 0)
			rc = scan_file(path, ret);
	}
	(void)closedir(d);
	return rc;
}

static int
run(const char *path, const char *sql, struct fault *f)
{
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	int rc = 0;

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		rc = base_fault_set(
		    f, ERR_SYS_DATABASE, "%s: %s", path, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	return rc;
}

int
bak_store_settle(const char *path, const char *audit_dir, struct fault *f)
{
	char sql[512];
	int64_t source;
	int rc;

	if ((rc = scan_audit(audit_dir, &source)) != 0)
		return base_fault_set(
		    f, rc, "%s: %s", audit_dir, base_err_text(rc));
	rc = base_str_format(sql, sizeof(sql),
	    "PRAGMA synchronous=FULL; BEGIN IMMEDIATE; DELETE FROM idem;"
	    "UPDATE sqlite_sequence SET seq=seq+" ID_STEP " WHERE name='cert';"
	    "UPDATE sqlite_sequence SET seq=max(seq,%lld) WHERE name='outbox';"
	    "INSERT INTO sqlite_sequence(name,seq) SELECT 'outbox',%lld"
	    " WHERE NOT EXISTS"
	    " (SELECT 1 FROM sqlite_sequence WHERE name='outbox'); COMMIT",
	    (long long)source, (long long)source);
	return rc == 0 ? run(path, sql, f) : rc;
}

int
bak_store_done(struct ca_store *store, const char *id, size_t recovered,
    int64_t now_ms, struct fault *f)
{
	struct ca_batch *b = ca_batch_new();
	char fields[128];
	int rc = ERR_SYS_NOMEM;

	(void)snprintf(fields, sizeof(fields),
	    "{\"id\":\"%s\",\"recovered_from_log\":%zu}", id, recovered);
	if (b != NULL) {
		ca_batch_outbox(b, now_ms, "restore.done", fields);
		rc = store->ops->submit_wait(store, b);
	}
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "restore.done: %s", base_err_text(rc));
}

int
bak_store_count(const char *path, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int rc = ERR_SYS_DATABASE;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ==
		SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM cert", -1, &stmt,
		NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(stmt, 0);
		rc = 0;
	}
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_note.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"

#define CHECKPOINT_MAX 65536
#define SCHEMA "SELECT value FROM meta WHERE key='schema_version'"

/* Call ${row} for each row of ${sql}. */
static int
each(sqlite3 *db, const char *sql, void (*row)(sqlite3_stmt *, json_t *),
    json_t *o)
{
	sqlite3_stmt *stmt;
	int code;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return ERR_SYS_DATABASE;
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		row(stmt, o);
	(void)sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? 0 : ERR_SYS_DATABASE;
}

static void
take_schema(sqlite3_stmt *stmt, json_t *o)
{
	(void)json_object_set_new(
	    o, "schema", json_integer(sqlite3_column_int64(stmt, 0)));
}

static void
take_number(sqlite3_stmt *stmt, json_t *o)
{
	(void)json_object_set_new(o, (const char *)sqlite3_column_text(stmt, 0),
	    json_integer(sqlite3_column_int64(stmt, 1)));
}

int
bak_note_database(const char *path, json_t *o, struct fault *f)
{
	json_t *numbers = json_object();
	sqlite3 *db = NULL;
	int rc = ERR_SYS_DATABASE;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ==
		SQLITE_OK &&
	    (rc = each(db, SCHEMA, take_schema, o)) == 0)
		rc = each(db, "SELECT id, last_crl_number FROM issuer",
		    take_number, numbers);
	(void)sqlite3_close(db);
	(void)json_object_set_new(o, "crl_numbers", numbers);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
}

void
bak_note_head(json_t *heads, const char *shard, const char *path)
{
	uint8_t *data;
	size_t len;

	if (store_file_load(path, CHECKPOINT_MAX, &data, &len) != 0)
		return;
	(void)json_object_set_new(
	    heads, shard, json_stringn((const char *)data, len));
	free(data);
}

int
bak_note_load(const char *path, json_t **ret, struct fault *f)
{
	struct wire_json_error err;
	const char *digest;
	uint8_t *data;
	size_t len;
	int64_t n;
	json_t *o;
	int rc;

	if ((rc = store_file_load(path, BAK_NOTE_MAX, &data, &len)) != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	rc = wire_json_parse((const char *)data, len, &o, &err);
	free(data);
	if (rc == 0 &&
	    ((rc = wire_json_string(o, "sha256", 64, &digest, &len)) != 0 ||
		(rc = wire_json_int(o, "size", 1, INT64_MAX, &n)) != 0 ||
		(rc = wire_json_int(o, "members", 1, INT64_MAX, &n)) != 0))
		json_decref(o);
	if (rc != 0)
		return base_fault_set(f, ERR_PEER_MALFORMED,
		    "%s: not the note of a backup", path);
	*ret = o;
	return 0;
}

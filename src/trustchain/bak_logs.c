/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_logs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "merkle/checkpoint.h"
#include "merkle/vkey.h"
#include "store/file.h"
#include "trustchain/bak_recover.h"
#include "trustchain/ca_config.h"
#include "trustchain/ct_leaf.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_sth.h"
#include "trustchain/ct_tiles.h"
#include "trustchain/ct_wal.h"

#define PATH_BYTES 4096
#define CHECKPOINT_MAX 65536
#define LIST_MAX (4 + CT_LIST_NOTE_MAX + CT_LIST_JSON_MAX)

static int
named(int rc, const char *what, struct fault *f)
{
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "%s: %s", what, base_err_text(rc));
}

/* The head that the shard of ${e} has signed. */
static int
open_head(const struct ct_list_entry *e, const uint8_t *data, size_t len,
    struct merkle_checkpoint *ret)
{
	const struct ct_sth_key key = {
		.origin = e->origin, .spki = e->key, .spki_len = e->key_len
	};

	return ct_sth_open(&key, (const char *)data, len, ret, NULL);
}

static int
read_wal_file(const struct bak_logs *l, const char *path, struct fault *f)
{
	struct ct_wal_header header;
	struct ct_wal_record record;
	struct ct_wal_scan scan;
	struct ct_leaf leaf;
	const uint8_t *p;
	uint8_t *data;
	size_t len, pos, n, used;
	int rc;

	rc = store_file_load(
	    path, CT_WAL_SEGMENT_MAX + 2U * CT_WAL_PAYLOAD_MAX, &data, &len);
	if (rc != 0)
		return named(rc, path, f);
	/* A torn header is a segment without records. */
	if (ct_wal_header_parse(data, len, &header) == 0) {
		ct_wal_scan_init(&scan, data, len, &header);
		while (rc == 0 &&
		       ct_wal_scan_next(&scan, &record) == CT_WAL_RECORD)
			for (pos = 0; rc == 0 && ct_wal_next_leaf(&record, &pos,
						     &p, &n) == 1;)
				if ((rc = ct_leaf_parse(p, n, &leaf, &used)) ==
				    0)
					rc = bak_recover_entry(
					    l->recover, &leaf, f);
	}
	free(data);
	return rc;
}

/* What was promised and not in tiles yet. */
static int
read_wal(const struct bak_logs *l, const char *shard, struct fault *f)
{
	char dir[PATH_BYTES], path[PATH_BYTES];
	struct dirent *e;
	int rc = 0;
	DIR *d;

	if (base_str_format(dir, sizeof(dir), "%s/wal", shard) != 0 ||
	    (d = opendir(dir)) == NULL)
		return 0;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		rc = base_str_format(
		    path, sizeof(path), "%s/%s", dir, e->d_name);
		if (rc == 0)
			rc = read_wal_file(l, path, f);
	}
	(void)closedir(d);
	return rc;
}

static int
read_local_shard(
    const struct bak_logs *l, const struct ct_list_entry *e, struct fault *f)
{
	char dir[CT_PATHS_MAX], path[PATH_BYTES];
	struct merkle_checkpoint cp;
	struct ct_tiles *tiles;
	uint8_t *data;
	size_t len;
	int rc;

	if (ct_paths_make(CT_PATHS_SHARD, l->local, e->name, dir) != 0 ||
	    base_str_format(path, sizeof(path), "%s/checkpoint", dir) != 0)
		return named(ERR_SYS_LIMIT, e->name, f);
	rc = store_file_load(path, CHECKPOINT_MAX, &data, &len);
	if (rc == 0) {
		rc = open_head(e, data, len, &cp);
		free(data);
		if (rc != 0)
			return named(ERR_STATE_INTEGRITY, path, f);
		if ((tiles = ct_tiles_new(dir, cp.head.size)) == NULL)
			return named(ERR_SYS_NOMEM, dir, f);
		rc = bak_recover_tree(
		    l->recover, tiles, cp.head.root.b, cp.head.size, f);
		ct_tiles_free(tiles);
	} else if (rc == ERR_STATE_NOT_FOUND) {
		rc = 0;
	}
	return rc == 0 ? read_wal(l, dir, f) : named(rc, path, f);
}

/* Shards of certificates that are not all over. */
static int
each_shard(const struct bak_logs *l, const struct ct_list *list,
    int (*fn)(
	const struct bak_logs *, const struct ct_list_entry *, struct fault *),
    struct fault *f)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->n; i++)
		if (list->entry[i].end_ms > l->now_ms)
			rc = fn(l, &list->entry[i], f);
	return rc;
}

/* ERR_STATE_NOT_FOUND when the log in the backup is not this one. */
static int
read_local(const struct bak_logs *l, const struct ca_config_log *conf,
    struct ct_list *list, struct fault *f)
{
	char path[CT_PATHS_MAX];
	uint8_t *data;
	size_t len;
	int rc;

	if (l->local == NULL ||
	    ct_paths_make(CT_PATHS_OWN_LIST, l->local, "", path) != 0 ||
	    store_file_load(path, LIST_MAX, &data, &len) != 0)
		return ERR_STATE_NOT_FOUND;
	rc = ct_list_open(data, len, conf->list_vkey, list);
	free(data);
	return rc == 0 ? each_shard(l, list, read_local_shard, f)
		       : ERR_STATE_NOT_FOUND;
}

int
bak_logs_read(const struct bak_logs *l, struct fault *f)
{
	const struct ca_config_log *conf = l->ca->logs.v;
	struct ct_list *list = malloc(sizeof(*list));
	size_t i;
	int rc = list == NULL ? ERR_SYS_NOMEM : 0;

	if (rc != 0)
		return named(rc, "log list", f);
	for (i = 0; rc == 0 && i < l->ca->logs.n; i++) {
		rc = read_local(l, &conf[i], list, f);
		if (rc == ERR_STATE_NOT_FOUND)
			rc = base_fault_set(f, ERR_SYS_UNAVAILABLE,
			    "log %s is not read; fix: start it and try again, "
			    "or --without-logs, and then what was issued "
			    "after the backup cannot be revoked",
			    conf[i].url);
	}
	free(list);
	return rc;
}

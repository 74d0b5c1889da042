/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_logs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "merkle/checkpoint.h"
#include "merkle/vkey.h"
#include "store/file.h"
#include "trustchain/bak_recover.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/ct_fetch.h"
#include "trustchain/ct_leaf.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_sth.h"
#include "trustchain/ct_tiles.h"
#include "trustchain/ct_wal.h"
#include "trustchain/trustchain_peer.h"

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

/* Where a shard is read: over the network, or from l->local. */
struct source {
	const struct bak_logs *l;
	struct trustchain_peer peer;
	struct ct_fetch *fetch;
};

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
    const struct source *from, const struct ct_list_entry *e, struct fault *f)
{
	const struct bak_logs *l = from->l;
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
each_shard(const struct source *from, const struct ct_list *list,
    int (*fn)(
	const struct source *, const struct ct_list_entry *, struct fault *),
    struct fault *f)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->n; i++)
		if (list->entry[i].end_ms > from->l->now_ms)
			rc = fn(from, &list->entry[i], f);
	return rc;
}

/* ERR_STATE_NOT_FOUND when the log in the backup is not this one. */
static int
read_local(const struct bak_logs *l, const struct ca_config_log *conf,
    struct ct_list *list, struct fault *f)
{
	const struct source from = { .l = l };
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
	return rc == 0 ? each_shard(&from, list, read_local_shard, f)
		       : ERR_STATE_NOT_FOUND;
}

static int
get(const struct source *from, const char *path, size_t max, uint8_t **ret,
    size_t *ret_len)
{
	const struct ct_fetch_what what = { &from->peer, path, NULL, max };
	int rc = ct_fetch_get(from->fetch, &what, ret, ret_len);

	/* Then the answer is there, too. */
	if (rc == ERR_STATE_NOT_FOUND) {
		free(*ret);
		*ret = NULL;
	}
	return rc;
}

static int
read_remote_shard(
    const struct source *from, const struct ct_list_entry *e, struct fault *f)
{
	char prefix[80], path[128];
	struct ct_fetch_tiles source = { from->fetch, &from->peer, prefix };
	const struct ct_tiles_store store = { ct_fetch_tile, &source };
	struct merkle_checkpoint cp;
	struct ct_tiles *tiles;
	uint8_t *data = NULL;
	size_t len;
	int rc;

	(void)snprintf(prefix, sizeof(prefix), "/%s", e->name);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", prefix);
	rc = get(from, path, CHECKPOINT_MAX, &data, &len);
	/* One that is listed ahead of its time may have none yet. */
	if (rc == ERR_STATE_NOT_FOUND && e->state == CT_LIST_PENDING)
		return 0;
	if (rc != 0)
		return named(rc, path, f);
	rc = open_head(e, data, len, &cp);
	free(data);
	if (rc != 0)
		return named(ERR_STATE_INTEGRITY, path, f);
	if ((tiles = ct_tiles_from(&store, cp.head.size)) == NULL)
		return named(ERR_SYS_NOMEM, path, f);
	rc = bak_recover_tree(
	    from->l->recover, tiles, cp.head.root.b, cp.head.size, f);
	ct_tiles_free(tiles);
	return rc;
}

/* The list that the log serves now: it has shards that the backup has not. */
static int
get_list(const struct source *from, const char *vkey, struct ct_list *list)
{
	uint8_t *note = NULL, *json = NULL;
	size_t note_len, json_len;
	struct buf packed;
	int rc;

	base_buf_init(&packed, LIST_MAX);
	rc = get(
	    from, "/api/v1/ct/logs.note", CT_LIST_NOTE_MAX, &note, &note_len);
	if (rc == 0)
		rc = get(from, "/api/v1/ct/logs", CT_LIST_JSON_MAX, &json,
		    &json_len);
	if (rc == 0)
		rc = ct_list_pack(note, note_len, json, json_len, &packed);
	if (rc == 0)
		rc = ct_list_open(packed.data, packed.len, vkey, list);
	base_buf_free(&packed);
	free(note);
	free(json);
	return rc;
}

static int
read_remote(const struct bak_logs *l, const struct ca_config_log *conf,
    struct ct_list *list, struct fault *f)
{
	struct source from = { .l = l };
	int rc;

	if ((rc = trustchain_peer_parse(conf->url, &from.peer)) != 0 ||
	    (rc = ct_fetch_new(l->ca->server.roots, &from.fetch)) != 0)
		return named(rc, conf->url, f);
	if ((rc = get_list(&from, conf->list_vkey, list)) == 0)
		rc = each_shard(&from, list, read_remote_shard, f);
	else
		rc = base_fault_set(f, ERR_SYS_UNAVAILABLE,
		    "log %s does not answer (%s); fix: start it and try "
		    "again, or --without-logs, and then what was issued after "
		    "the backup cannot be revoked",
		    conf->url, base_err_text(rc));
	ct_fetch_free(from.fetch);
	return rc;
}

/* Certificates are looked for in our logs, which must have all of them. */
static int
check_foreign(const struct ca_config *ca, struct fault *f)
{
	const struct ca_config_log *conf = ca->logs.v;
	size_t foreign = 0;

	for (size_t i = 0; i < ca->logs.n; i++)
		foreign += ca_config_log_foreign(&conf[i]) ? 1 : 0;
	if (foreign == 0 || foreign < (size_t)ca->issue.min_scts)
		return 0;
	return base_fault_set(f, ERR_STATE_CONFIG,
	    "certificates may be in foreign logs only, which are not read; "
	    "fix: --without-logs, and then what was issued after the backup "
	    "cannot be revoked");
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
	rc = check_foreign(l->ca, f);
	for (i = 0; rc == 0 && i < l->ca->logs.n; i++) {
		if (ca_config_log_foreign(&conf[i]))
			continue;
		rc = read_local(l, &conf[i], list, f);
		if (rc == ERR_STATE_NOT_FOUND)
			rc = read_remote(l, &conf[i], list, f);
	}
	free(list);
	return rc;
}

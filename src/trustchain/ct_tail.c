/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_tail.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/str.h"
#include "merkle/proof.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_tiles.h"

enum { PATH_BYTES = 4096, LEVELS = MERKLE_TILE_LEVEL_MAX + 1 };

/* One level of hash tiles: the part after the last full one. */
struct level {
	uint64_t index; /* of the tile being filled */
	unsigned width;
	unsigned flushed; /* width of the partial tile on disk */
	uint8_t hash[MERKLE_TILE_BYTES];
};

/* A growing list of paths. */
struct paths {
	char **v;
	size_t n, cap;
};

struct ct_tail {
	struct store_disk *disk;
	char dir[PATH_BYTES];
	uint64_t size;
	struct merkle_edge edge;
	struct level level[LEVELS];
	struct buf data; /* entries of the data tile being filled */
	struct buf packed;
	struct paths touched; /* directories to sync */
	struct paths full;    /* full tiles since the last prune */
};

static int
paths_add(struct paths *p, const char *path)
{
	char **grown;
	size_t cap;

	if (p->n == p->cap) {
		cap = p->cap == 0 ? 64 : 2 * p->cap;
		grown = realloc(p->v, cap * sizeof(*grown));
		if (grown == NULL)
			return ERR_SYS_NOMEM;
		p->v = grown;
		p->cap = cap;
	}
	if ((p->v[p->n] = base_str_dup(path)) == NULL)
		return ERR_SYS_NOMEM;
	p->n++;
	return 0;
}

static int
paths_add_once(struct paths *p, const char *path)
{
	size_t i;

	for (i = p->n; i > 0; i--)
		if (strcmp(p->v[i - 1], path) == 0)
			return 0;
	return paths_add(p, path);
}

static void
paths_clear(struct paths *p)
{
	while (p->n > 0)
		free(p->v[--p->n]);
}

/* Write one tile under a temporary name and rename it; its directory entry is
 * durable only after the flush. */
static int
write_file(struct ct_tail *t, const char *path, const void *data, size_t len)
{
	char tmp[PATH_BYTES + 8], parent[PATH_BYTES];
	struct store_file *file;
	char *slash;
	int rc;

	if ((rc = base_str_copy(parent, sizeof(parent), path)) != 0 ||
	    (rc = base_str_format(tmp, sizeof(tmp), "%s.tmp", path)) != 0)
		return rc;
	slash = strrchr(parent, '/');
	TROTH_ASSERT(slash != NULL);
	*slash = '\0';
	rc = store_file_open(t->disk, tmp, O_CREAT | O_TRUNC, 0644, &file);
	if (rc == ERR_STATE_NOT_FOUND) {
		rc = store_disk_mkdirs(t->disk, parent, 0755, "ct.tile.mkdir");
		if (rc == 0)
			rc = store_file_open(
			    t->disk, tmp, O_CREAT | O_TRUNC, 0644, &file);
	}
	if (rc != 0)
		return rc;
	rc = store_file_write(file, data, len, 0);
	if (rc == 0)
		rc = store_file_sync(file, "ct.tile.file");
	store_file_close(file);
	if (rc == 0)
		rc = store_disk_rename(t->disk, tmp, path);
	return rc == 0 ? paths_add_once(&t->touched, parent) : rc;
}

static int
write_tile(struct ct_tail *t, const struct merkle_tile *tile, const void *data,
    size_t len)
{
	char path[PATH_BYTES], rel[MERKLE_TILE_PATH_MAX];
	int rc;

	merkle_tile_path(tile, rel);
	rc = base_str_format(path, sizeof(path), "%s/%s", t->dir, rel);
	if (rc == 0)
		rc = write_file(t, path, data, len);
	if (rc == 0 && tile->width == MERKLE_TILE_WIDTH)
		rc = paths_add(&t->full, path);
	return rc;
}

static int
write_data(struct ct_tail *t, uint64_t index, unsigned width)
{
	struct merkle_tile tile = { MERKLE_TILE_LEVEL_DATA, index,
		(uint16_t)width };
	int rc;

	t->packed.len = 0;
	rc = ct_tiles_gzip(t->data.data, t->data.len, &t->packed);
	return rc != 0 ? rc
		       : write_tile(t, &tile, t->packed.data, t->packed.len);
}

/* The root of a full tile. */
static void
tile_root(const uint8_t *hashes, struct merkle_hash *ret)
{
	struct merkle_edge edge;
	struct merkle_hash h;
	unsigned i;

	merkle_edge_init(&edge);
	for (i = 0; i < MERKLE_TILE_WIDTH; i++) {
		memcpy(h.b, hashes + MERKLE_HASH_LEN * i, MERKLE_HASH_LEN);
		merkle_edge_append(&edge, &h);
	}
	merkle_edge_root(&edge, ret);
}

/* Add a hash to a level; a tile that is full is written and becomes one hash
 * of the level above. */
static int
add_hash(struct ct_tail *t, const struct merkle_hash *leaf)
{
	struct merkle_hash hash = *leaf;
	struct merkle_tile tile;
	struct level *l;
	unsigned i;
	int rc;

	for (i = 0; i < LEVELS; i++) {
		l = &t->level[i];
		memcpy(l->hash + (size_t)MERKLE_HASH_LEN * l->width, hash.b,
		    MERKLE_HASH_LEN);
		if (++l->width < MERKLE_TILE_WIDTH)
			return 0;
		tile.level = (uint8_t)i;
		tile.index = l->index;
		tile.width = MERKLE_TILE_WIDTH;
		rc = write_tile(t, &tile, l->hash, MERKLE_TILE_BYTES);
		if (rc != 0)
			return rc;
		tile_root(l->hash, &hash);
		l->index++;
		l->width = 0;
		l->flushed = 0;
	}
	return 0;
}

int
ct_tail_add(struct ct_tail *t, const uint8_t *leaf, size_t len,
    const struct merkle_hash *hash)
{
	uint64_t index = t->size / MERKLE_TILE_WIDTH;
	int rc;

	TROTH_ASSERT(t->size < CT_LEAF_INDEX_MAX);
	if ((rc = base_buf_append(&t->data, leaf, len)) != 0)
		return rc;
	t->size++;
	merkle_edge_append(&t->edge, hash);
	if (t->size % MERKLE_TILE_WIDTH == 0) {
		rc = write_data(t, index, MERKLE_TILE_WIDTH);
		if (rc != 0)
			return rc;
		t->data.len = 0;
	}
	return add_hash(t, hash);
}

int
ct_tail_flush(struct ct_tail *t)
{
	struct merkle_tile tile;
	struct level *l;
	unsigned i, width;
	int rc;

	width = (unsigned)(t->size % MERKLE_TILE_WIDTH);
	if (width > 0 && t->level[0].flushed != width) {
		rc = write_data(t, t->size / MERKLE_TILE_WIDTH, width);
		if (rc != 0)
			return rc;
	}
	for (i = 0; i < LEVELS; i++) {
		l = &t->level[i];
		if (l->width == 0 || l->width == l->flushed)
			continue;
		tile.level = (uint8_t)i;
		tile.index = l->index;
		tile.width = (uint16_t)l->width;
		rc = write_tile(
		    t, &tile, l->hash, (size_t)MERKLE_HASH_LEN * l->width);
		if (rc != 0)
			return rc;
		l->flushed = l->width;
	}
	while (t->touched.n > 0) {
		rc = store_disk_sync_dir(
		    t->disk, t->touched.v[t->touched.n - 1], "ct.tile.dir");
		if (rc != 0)
			return rc;
		free(t->touched.v[--t->touched.n]);
	}
	return 0;
}

void
ct_tail_root(const struct ct_tail *t, struct merkle_hash *ret)
{
	merkle_edge_root(&t->edge, ret);
}

uint64_t
ct_tail_size(const struct ct_tail *t)
{
	return t->size;
}

/* Failing to delete costs space, nothing else. */
void
ct_tail_prune(struct ct_tail *t)
{
	char path[2 * PATH_BYTES], dir[PATH_BYTES];
	struct dirent *e;
	size_t i;
	DIR *d;

	for (i = 0; i < t->full.n; i++) {
		if (base_str_format(dir, sizeof(dir), "%s.p", t->full.v[i]) !=
			0 ||
		    (d = opendir(dir)) == NULL)
			continue;
		while ((e = readdir(d)) != NULL)
			if (e->d_name[0] != '.' &&
			    base_str_format(path, sizeof(path), "%s/%s", dir,
				e->d_name) == 0)
				(void)!store_disk_unlink(t->disk, path);
		closedir(d);
		(void)!rmdir(dir);
	}
	paths_clear(&t->full);
}

static int
load_level(struct ct_tail *t, unsigned i)
{
	struct level *l = &t->level[i];
	uint64_t nodes = t->size >> (8 * i);
	struct merkle_tile tile;
	uint8_t *data;
	size_t len;
	int rc;

	l->index = nodes / MERKLE_TILE_WIDTH;
	l->width = l->flushed = (unsigned)(nodes % MERKLE_TILE_WIDTH);
	if (l->width == 0)
		return 0;
	tile.level = (uint8_t)i;
	tile.index = l->index;
	tile.width = (uint16_t)l->width;
	rc = ct_tiles_file(t->dir, &tile, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return ERR_STATE_INTEGRITY;
	if (rc != 0)
		return rc;
	if (len == (size_t)MERKLE_HASH_LEN * l->width)
		memcpy(l->hash, data, len);
	else
		rc = ERR_STATE_INTEGRITY;
	free(data);
	return rc;
}

/* Load the partial data tile and compare it with the hash tile. */
static int
load_data(struct ct_tail *t, struct ct_tiles *tiles)
{
	const uint8_t *data;
	struct merkle_hash h;
	struct ct_leaf leaf;
	size_t len, n, pos = 0;
	unsigned i;
	int rc;

	if (t->level[0].width == 0)
		return 0;
	rc = ct_tiles_data(tiles, t->level[0].index, &data, &len);
	if (rc != 0)
		return rc;
	for (i = 0; i < t->level[0].width; i++) {
		if (ct_leaf_parse(data + pos, len - pos, &leaf, &n) != 0)
			return ERR_STATE_INTEGRITY;
		ct_leaf_hash(&leaf, &h);
		if (memcmp(h.b, t->level[0].hash + 32 * i, 32) != 0 ||
		    leaf.index != t->level[0].index * 256 + i)
			return ERR_STATE_INTEGRITY;
		pos += n;
	}
	/* A full tile may stand here if a crash came after it was written:
	 * only our part of it counts. */
	return base_buf_append(&t->data, data, pos);
}

int
ct_tail_open(struct store_disk *disk, const char *dir, uint64_t size,
    struct ct_tail **ret)
{
	struct ct_tiles *tiles = NULL;
	struct ct_tail *t;
	unsigned i;
	int rc;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ERR_SYS_NOMEM;
	t->disk = disk;
	t->size = size;
	base_buf_init(&t->data, CT_TILES_DATA_MAX);
	base_buf_init(&t->packed, CT_TILES_DATA_MAX);
	rc = base_str_copy(t->dir, sizeof(t->dir), dir);
	for (i = 0; i < LEVELS && rc == 0; i++)
		rc = load_level(t, i);
	if (rc == 0 && (tiles = ct_tiles_new(dir, size)) == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = load_data(t, tiles);
	if (rc == 0)
		rc = merkle_proof_edge(ct_tiles_reader(tiles), size, &t->edge);
	ct_tiles_free(tiles);
	if (rc != 0) {
		ct_tail_free(t);
		return rc == ERR_STATE_NOT_FOUND || rc == ERR_SYS_CORRUPT
			   ? ERR_STATE_INTEGRITY
			   : rc;
	}
	*ret = t;
	return 0;
}

void
ct_tail_free(struct ct_tail *t)
{
	if (t == NULL)
		return;
	base_buf_free(&t->data);
	base_buf_free(&t->packed);
	paths_clear(&t->touched);
	paths_clear(&t->full);
	free(t->touched.v);
	free(t->full.v);
	free(t);
}

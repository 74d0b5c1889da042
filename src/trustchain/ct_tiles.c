/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_tiles.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/str.h"
#include "store/file.h"

enum { PATH_BYTES = 4096, LEVELS = MERKLE_TILE_LEVEL_MAX + 1 };

struct slot {
	int valid;
	uint64_t index;
	uint16_t width;
	uint8_t hash[MERKLE_TILE_BYTES];
};

struct ct_tiles {
	char dir[PATH_BYTES];
	struct ct_tiles_store store;
	struct merkle_tile_source source;
	struct merkle_reader reader;
	struct slot level[LEVELS];
	uint64_t data_index;
	int data_valid;
	struct buf data;
};

static int
load(const char *dir, const struct merkle_tile *tile, size_t max, uint8_t **ret,
    size_t *ret_len)
{
	char path[PATH_BYTES], rel[MERKLE_TILE_PATH_MAX];
	int rc;

	merkle_tile_path(tile, rel);
	rc = base_str_format(path, sizeof(path), "%s/%s", dir, rel);
	if (rc != 0)
		return rc;
	return store_file_load(path, max, ret, ret_len);
}

static int
from_folder(
    void *ctx, const struct merkle_tile *tile, uint8_t **ret, size_t *ret_len)
{
	return load(ctx, tile, CT_TILES_DATA_MAX, ret, ret_len);
}

/* A partial hash tile that gave way to the full one is cut from that. */
static int
load_or_cut(const struct ct_tiles_store *store, const struct merkle_tile *tile,
    uint8_t **ret, size_t *ret_len)
{
	struct merkle_tile full = *tile;
	int rc;

	rc = store->load(store->ctx, tile, ret, ret_len);
	if (rc != ERR_STATE_NOT_FOUND || tile->width == MERKLE_TILE_WIDTH ||
	    tile->level == MERKLE_TILE_LEVEL_DATA)
		return rc;
	full.width = MERKLE_TILE_WIDTH;
	rc = store->load(store->ctx, &full, ret, ret_len);
	if (rc == 0 && *ret_len > (size_t)tile->width * MERKLE_HASH_LEN)
		*ret_len = (size_t)tile->width * MERKLE_HASH_LEN;
	return rc;
}

int
ct_tiles_file(const char *dir, const struct merkle_tile *tile, uint8_t **ret,
    size_t *ret_len)
{
	const struct ct_tiles_store store = { from_folder,
		(void *)(uintptr_t)dir };

	return load_or_cut(&store, tile, ret, ret_len);
}

static int
get(void *ctx, const struct merkle_tile *tile, uint8_t ret[MERKLE_TILE_BYTES])
{
	struct ct_tiles *t = ctx;
	struct slot *s = &t->level[tile->level];
	uint8_t *data;
	size_t len;
	int rc;

	if (!s->valid || s->index != tile->index || s->width != tile->width) {
		rc = load_or_cut(&t->store, tile, &data, &len);
		if (rc != 0)
			return rc;
		if (len != (size_t)tile->width * MERKLE_HASH_LEN) {
			free(data);
			return ERR_SYS_CORRUPT;
		}
		memcpy(s->hash, data, len);
		free(data);
		s->index = tile->index;
		s->width = tile->width;
		s->valid = 1;
	}
	memcpy(ret, s->hash, (size_t)tile->width * MERKLE_HASH_LEN);
	return 0;
}

struct ct_tiles *
ct_tiles_new(const char *dir, uint64_t size)
{
	const struct ct_tiles_store none = { from_folder, NULL };
	struct ct_tiles *t = ct_tiles_from(&none, size);

	if (t == NULL)
		return NULL;
	if (base_str_copy(t->dir, sizeof(t->dir), dir) != 0) {
		ct_tiles_free(t);
		return NULL;
	}
	t->store.ctx = t->dir;
	return t;
}

struct ct_tiles *
ct_tiles_from(const struct ct_tiles_store *store, uint64_t size)
{
	struct ct_tiles *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->store = *store;
	t->source.get = get;
	t->source.ctx = t;
	t->source.size = size;
	t->reader = merkle_tile_reader(&t->source);
	base_buf_init(&t->data, CT_TILES_DATA_MAX);
	return t;
}

uint64_t
ct_tiles_size(const struct ct_tiles *t)
{
	return t->source.size;
}

void
ct_tiles_free(struct ct_tiles *t)
{
	if (t == NULL)
		return;
	base_buf_free(&t->data);
	free(t);
}

const struct merkle_reader *
ct_tiles_reader(struct ct_tiles *t)
{
	return &t->reader;
}

int
ct_tiles_data(struct ct_tiles *t, uint64_t tile_index, const uint8_t **ret,
    size_t *ret_len)
{
	struct merkle_tile tile;
	uint8_t *packed;
	size_t len;
	int rc;

	if (!t->data_valid || t->data_index != tile_index) {
		t->data_valid = 0;
		t->data.len = 0;
		rc = merkle_tile_at(
		    MERKLE_TILE_LEVEL_DATA, tile_index, t->source.size, &tile);
		if (rc != 0)
			return rc;
		rc = load_or_cut(&t->store, &tile, &packed, &len);
		if (rc == ERR_STATE_NOT_FOUND &&
		    tile.width < MERKLE_TILE_WIDTH) {
			/* The log grew past our size meanwhile; the entries
			 * we may know come first in the full tile. */
			tile.width = MERKLE_TILE_WIDTH;
			rc = load_or_cut(&t->store, &tile, &packed, &len);
		}
		if (rc != 0)
			return rc;
		rc = ct_tiles_gunzip(packed, len, &t->data);
		free(packed);
		if (rc != 0)
			return rc == ERR_PEER_MALFORMED ? ERR_SYS_CORRUPT : rc;
		t->data_valid = 1;
		t->data_index = tile_index;
	}
	*ret = t->data.data;
	*ret_len = t->data.len;
	return 0;
}

int
ct_tiles_leaf(struct ct_tiles *t, uint64_t index, struct ct_leaf *ret)
{
	uint64_t at = index - index % MERKLE_TILE_WIDTH;
	const uint8_t *data;
	size_t len, n;
	int rc;

	if (index >= t->source.size)
		return ERR_STATE_NOT_FOUND;
	rc = ct_tiles_data(t, index / MERKLE_TILE_WIDTH, &data, &len);
	if (rc != 0)
		return rc;
	for (;; at++) {
		if (ct_leaf_parse(data, len, ret, &n) != 0 || ret->index != at)
			return ERR_SYS_CORRUPT;
		if (at == index)
			return 0;
		data += n;
		len -= n;
	}
}

int
ct_tiles_gunzip(const uint8_t *data, size_t len, struct buf *ret)
{
	uint8_t out[16384];
	z_stream z;
	int zrc, rc = 0;

	memset(&z, 0, sizeof(z));
	if (len > UINT32_MAX)
		return ERR_PEER_MALFORMED;
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return ERR_SYS_NOMEM;
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	do {
		z.next_out = out;
		z.avail_out = sizeof(out);
		zrc = inflate(&z, Z_NO_FLUSH);
		if (zrc != Z_OK && zrc != Z_STREAM_END)
			rc = ERR_PEER_MALFORMED;
		else
			rc = base_buf_append(
			    ret, out, sizeof(out) - z.avail_out);
	} while (rc == 0 && zrc != Z_STREAM_END);
	if (rc == 0 && z.avail_in != 0)
		rc = ERR_PEER_MALFORMED;
	(void)inflateEnd(&z);
	return rc;
}

int
ct_tiles_gzip(const uint8_t *data, size_t len, struct buf *ret)
{
	uint8_t *at;
	uLong bound;
	z_stream z;
	int rc;

	memset(&z, 0, sizeof(z));
	if (len > UINT32_MAX / 2)
		return ERR_SYS_LIMIT;
	/* Fast rather than small: it is done on the publisher's thread. */
	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return ERR_SYS_NOMEM;
	bound = deflateBound(&z, (uLong)len);
	rc = base_buf_reserve(ret, bound, &at);
	if (rc == 0) {
		z.next_in = (Bytef *)(uintptr_t)data;
		z.avail_in = (uInt)len;
		z.next_out = at;
		z.avail_out = (uInt)bound;
		if (deflate(&z, Z_FINISH) == Z_STREAM_END)
			base_buf_commit(ret, bound - z.avail_out);
		else
			rc = ERR_SYS_LIMIT;
	}
	(void)deflateEnd(&z);
	return rc;
}

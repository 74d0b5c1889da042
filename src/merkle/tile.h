/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_TILE_H
#define MERKLE_TILE_H

#include "merkle/proof.h"

/*
 * C2SP tlog-tiles: tile (level, index) holds the nodes of tree level
 * 8 * level with indexes [256 * index, 256 * index + width).
 */
#define MERKLE_TILE_WIDTH 256
#define MERKLE_TILE_BYTES (MERKLE_TILE_WIDTH * MERKLE_HASH_LEN)
#define MERKLE_TILE_LEVEL_MAX 5	   /* static-ct-api; indexes are 40 bits */
#define MERKLE_TILE_LEVEL_DATA 255 /* "tile/data/...": log entries */
#define MERKLE_TILE_INDEX_MAX ((uint64_t)0xffffffff)
#define MERKLE_TILE_PATH_MAX 64

struct merkle_tile {
	uint8_t level;	/* 0..5 or MERKLE_TILE_LEVEL_DATA */
	uint64_t index; /* 0..2^32 - 1 */
	uint16_t width; /* 1..256; 256 is a full tile */
};

/**
 * merkle_tile_path(tile, ret):
 * Write the path, e.g. "tile/0/x001/234.p/5" or "tile/data/000", with its
 * zero.  The fields must be in range.
 */
void merkle_tile_path(
    const struct merkle_tile *tile, char ret[MERKLE_TILE_PATH_MAX]);

/**
 * merkle_tile_parse(path, len, ret):
 * Parse a path as merkle_tile_path() writes it, and nothing else.
 * ERR_PEER_MALFORMED otherwise.
 */
MUST_CHECK int merkle_tile_parse(
    const char *path, size_t len, struct merkle_tile *ret);

/**
 * merkle_tile_at(level, index, size, ret):
 * Set ${ret} to tile (level, index) as wide as a tree of ${size} leaves makes
 * it.  ERR_STATE_NOT_FOUND if that tree has no such tile.
 */
MUST_CHECK int merkle_tile_at(
    uint8_t level, uint64_t index, uint64_t size, struct merkle_tile *ret);

/* Which hash tiles to write when a tree grows, lowest level first. */
struct merkle_tile_growth {
	uint64_t old_size, new_size, index;
	uint8_t level;
};

/**
 * merkle_tile_growth_init(growth, old_size, new_size):
 * Start with the tiles that a tree of ${new_size} leaves has and one of
 * ${old_size} had not.  Sizes at most 2^40.
 */
void merkle_tile_growth_init(
    struct merkle_tile_growth *growth, uint64_t old_size, uint64_t new_size);

/**
 * merkle_tile_growth_next(growth, ret):
 * Store the next tile and return 1, or return 0 after the last.
 */
int merkle_tile_growth_next(
    struct merkle_tile_growth *growth, struct merkle_tile *ret);

/* Gives the bytes of hash tiles; get() must yield exactly
 * tile->width * 32 octets at ${ret}, or return an error code.  A source may
 * keep a partial tile only as a prefix of a wider one. */
struct merkle_tile_source {
	int (*get)(void *ctx, const struct merkle_tile *tile,
	    uint8_t ret[MERKLE_TILE_BYTES]);
	void *ctx;
	uint64_t size; /* tree size whose tiles the source has */
};

/**
 * merkle_tile_reader(source):
 * A reader of nodes over ${source}, which must outlive it.
 */
struct merkle_reader merkle_tile_reader(struct merkle_tile_source *source);

#endif

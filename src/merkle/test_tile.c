/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/tile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "merkle/test_reference.h"

static void
path_is(uint8_t level, uint64_t index, uint16_t width, const char *want)
{
	struct merkle_tile t = { level, index, width }, back;
	char path[MERKLE_TILE_PATH_MAX];

	merkle_tile_path(&t, path);
	assert_string_equal(path, want);
	assert_int_equal(merkle_tile_parse(path, strlen(path), &back), 0);
	assert_int_equal(back.level, level);
	assert_int_equal(back.index, index);
	assert_int_equal(back.width, width);
}

static void
test_paths(void **state)
{
	(void)state;
	/* The example of tlog-tiles, and the edges of every group. */
	path_is(0, 1234067, 256, "tile/0/x001/x234/067");
	path_is(0, 0, 1, "tile/0/000.p/1");
	path_is(5, 999, 255, "tile/5/999.p/255");
	path_is(1, 1000, 256, "tile/1/x001/000");
	path_is(MERKLE_TILE_LEVEL_DATA, 7, 256, "tile/data/007");
	path_is(
	    MERKLE_TILE_LEVEL_DATA, 1000000, 3, "tile/data/x001/x000/000.p/3");
	path_is(0, MERKLE_TILE_INDEX_MAX, 256, "tile/0/x004/x294/x967/295");
}

static void
test_bad_paths(void **state)
{
	static const char *const bad[] = { "", "tile", "tile/", "tile/0",
		"tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/6/000",
		"tile/00/000", "tile/-1/000", "tile/0/x000", "tile/0/x000/000",
		"tile/0/001/000", "tile/0/x001/x000", "tile/0/000.p",
		"tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
		"tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/000.p/1/000",
		"tile/0/000/", "/tile/0/000", "tile/0/x004/x294/x967/296",
		"tile/data", "tile/datax/000", "tile/entries/000", "tile/0/..",
		"tile/0/x999/../000", "tile/0/000.p/-1", "tile/0/000.P/1",
		"tile/0/X001/000",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999" };
	struct merkle_tile t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(merkle_tile_parse(bad[i], strlen(bad[i]), &t),
		    ERR_PEER_MALFORMED);
	/* A zero inside is not the end. */
	assert_int_equal(
	    merkle_tile_parse("tile/0/000\0x", 12, &t), ERR_PEER_MALFORMED);
}

/* tlog-tiles: "a tree of size 70,000 will be represented by 273 full level 0
 * tiles, one partial level 0 tile of width 112, one full level 1 tile, one
 * partial level 1 tile of width 17, and one partial level 2 tile of width
 * 1"; "a tree of size 256 ... a full level 0 tile and a partial level 1 tile
 * of width 1". */
static void
test_shape(void **state)
{
	int full[6] = { 0 }, partial[6] = { 0 }, width[6] = { 0 };
	struct merkle_tile_growth growth;
	struct merkle_tile t;
	int n = 0;

	(void)state;
	merkle_tile_growth_init(&growth, 0, 70000);
	while (merkle_tile_growth_next(&growth, &t)) {
		n++;
		if (t.width == 256) {
			full[t.level]++;
		} else {
			partial[t.level]++;
			width[t.level] = t.width;
		}
	}
	assert_int_equal(n, 273 + 1 + 1 + 1 + 1);
	assert_int_equal(full[0], 273);
	assert_int_equal(partial[0], 1);
	assert_int_equal(width[0], 112);
	assert_int_equal(full[1], 1);
	assert_int_equal(width[1], 17);
	assert_int_equal(width[2], 1);
	merkle_tile_growth_init(&growth, 255, 256);
	assert_int_equal(merkle_tile_growth_next(&growth, &t), 1);
	assert_int_equal(t.level * 1000 + t.width, 256);
	assert_int_equal(merkle_tile_growth_next(&growth, &t), 1);
	assert_int_equal(t.level * 1000 + t.width, 1001);
	assert_int_equal(merkle_tile_growth_next(&growth, &t), 0);
	merkle_tile_growth_init(&growth, 70000, 70000);
	assert_int_equal(merkle_tile_growth_next(&growth, &t), 0);
	assert_int_equal(merkle_tile_at(2, 0, 65535, &t), ERR_STATE_NOT_FOUND);
	assert_int_equal(merkle_tile_at(6, 0, 65536, &t), ERR_STATE_NOT_FOUND);
}

/* For each growth: exactly the tiles whose width differs, none twice. */
static void
test_growth_exact(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 2, 255, 256, 257, 511, 512,
		1000, 65535, 65536, 65537, 65792, 70000, 131072, 140001 };
	const size_t count = sizeof(sizes) / sizeof(sizes[0]);
	struct merkle_tile_growth growth;
	struct merkle_tile t, o, n;
	size_t i, j, got, want;
	uint64_t index;
	uint8_t level;

	(void)state;
	for (i = 0; i < count; i++)
		for (j = i; j < count; j++) {
			got = want = 0;
			merkle_tile_growth_init(&growth, sizes[i], sizes[j]);
			while (merkle_tile_growth_next(&growth, &t)) {
				assert_int_equal(merkle_tile_at(t.level,
						     t.index, sizes[j], &n),
				    0);
				assert_int_equal(t.width, n.width);
				got++;
			}
			for (level = 0; level <= 5; level++)
				for (index = 0; merkle_tile_at(level, index,
						    sizes[j], &n) == 0;
				     index++)
					want += merkle_tile_at(level, index,
						    sizes[i], &o) != 0 ||
						o.width != n.width;
			assert_int_equal(got, want);
		}
}

/* Tiles made from the reference tree; a reader over them must agree with the
 * recursive definition. */
static int
get(void *ctx, const struct merkle_tile *t, uint8_t ret[MERKLE_TILE_BYTES])
{
	int per = 1 << (8 * t->level), i;

	(void)ctx;
	for (i = 0; i < t->width; i++)
		ref_mth((int)(t->index * 256 + (uint64_t)i) * per, per,
		    ret + 32 * i);
	return 0;
}

static void
test_reader(void **state)
{
	struct merkle_tile_source source = { get, NULL, 0 };
	struct merkle_reader reader = merkle_tile_reader(&source);
	static const int sizes[] = { 1, 2, 7, 255, 256, 257, 299, 300 };
	struct merkle_hash root, leaf;
	struct merkle_proof proof;
	struct merkle_head head;
	uint8_t want[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		source.size = (uint64_t)sizes[i];
		ref_mth(0, sizes[i], want);
		assert_int_equal(
		    merkle_proof_root(&reader, source.size, &root), 0);
		assert_memory_equal(root.b, want, 32);
		head.size = source.size;
		head.root = root;
		memcpy(leaf.b, ref_leaf[sizes[i] / 2], 32);
		assert_int_equal(merkle_proof_inclusion(&reader,
				     source.size / 2, source.size, &proof),
		    0);
		assert_int_equal(merkle_proof_verify_inclusion(
				     &leaf, source.size / 2, &head, &proof),
		    0);
	}
	assert_int_equal(
	    reader.node(reader.ctx, 0, 300, &leaf), ERR_STATE_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_growth_exact),
		cmocka_unit_test(test_reader),
	};

	ref_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merkle/test_reference.h"

static void
test_edge_is_recursive_definition(void **state)
{
	struct merkle_edge edge;
	struct merkle_hash leaf, root;
	uint8_t want[32];
	int n;

	(void)state;
	merkle_edge_init(&edge);
	for (n = 0; n <= REF_LEAVES; n++) {
		merkle_edge_root(&edge, &root);
		ref_mth(0, n, want);
		assert_memory_equal(root.b, want, 32);
		if (n < REF_LEAVES) {
			memcpy(leaf.b, ref_leaf[n], 32);
			merkle_edge_append(&edge, &leaf);
		}
	}
}

static void
test_leaf(void **state)
{
	const uint8_t data[2] = { 0, 7 };
	struct merkle_hash h;

	(void)state;
	merkle_tree_leaf(data, 2, &h);
	assert_memory_equal(h.b, ref_leaf[7], 32);
	assert_int_equal(merkle_tree_equal(&h, &h), 1);
	merkle_tree_empty(&h);
	assert_memory_equal(h.b, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edge_is_recursive_definition),
		cmocka_unit_test(test_leaf),
	};

	ref_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

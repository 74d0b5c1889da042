/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor_level.h"

#include <string.h>

#include "base/assert.h"

void
wire_cbor_levels_init(struct wire_cbor_levels *l)
{
	l->depth = 0;
	l->at[0] = (struct wire_cbor_level){ 1, false, 0, 0 };
}

uint64_t
wire_cbor_levels_left(const struct wire_cbor_levels *l)
{
	return l->at[l->depth].left;
}

bool
wire_cbor_levels_key(const struct wire_cbor_levels *l)
{
	const struct wire_cbor_level *now = &l->at[l->depth];

	return now->map && now->left > 0 && now->left % 2 == 0;
}

/* How the encodings compare: as memcmp, a prefix before what it begins. */
static int
order(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int d = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return d != 0 ? d : (a_len > b_len) - (a_len < b_len);
}

int
wire_cbor_levels_item(
    struct wire_cbor_levels *l, const uint8_t *data, size_t start, size_t end)
{
	struct wire_cbor_level *now = &l->at[l->depth];
	int d = -1;

	TROTH_ASSERT(now->left > 0);
	if (wire_cbor_levels_key(l)) {
		if (now->key_len > 0)
			d = order(data + now->key_at, now->key_len,
			    data + start, end - start);
		if (d >= 0)
			return d == 0 ? ERR_PEER_DUPLICATE : ERR_PEER_ENCODING;
		now->key_at = start;
		now->key_len = end - start;
	}
	now->left--;
	return 0;
}

int
wire_cbor_levels_enter(struct wire_cbor_levels *l, bool map, uint64_t n)
{
	TROTH_ASSERT(l->at[l->depth].left > 0);
	if (l->depth == WIRE_CBOR_DEPTH_MAX)
		return ERR_PEER_DEPTH;
	l->at[l->depth].left--;
	l->at[++l->depth] =
	    (struct wire_cbor_level){ map ? 2 * n : n, map, 0, 0 };
	return 0;
}

int
wire_cbor_levels_leave(struct wire_cbor_levels *l)
{
	if (l->depth == 0 || l->at[l->depth].left > 0)
		return ERR_PEER_MALFORMED;
	l->depth--;
	return 0;
}

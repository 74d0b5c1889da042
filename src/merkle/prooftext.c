/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/prooftext.h"

#include "wire/base64.h"
#include "wire/cursor.h"

int
merkle_prooftext_parse(struct cursor *c, size_t max, struct merkle_proof *ret)
{
	struct merkle_hash *h;
	const char *line;
	size_t n, got;

	ret->count = 0;
	for (;;) {
		line = (const char *)wire_cursor_line(c, &n);
		if (line == NULL)
			return ERR_PEER_MALFORMED;
		if (n == 0)
			return 0;
		if (ret->count == max)
			return ERR_PEER_MALFORMED;
		h = &ret->hash[ret->count++];
		if (wire_base64_decode(WIRE_BASE64_STD, line, n, h->b,
			MERKLE_HASH_LEN, &got) != 0 ||
		    got != MERKLE_HASH_LEN)
			return ERR_PEER_MALFORMED;
	}
}

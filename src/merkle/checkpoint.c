/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/checkpoint.h"

#include <string.h>

#include "base/str.h"
#include "wire/base64.h"
#include "wire/cursor.h"

int
merkle_checkpoint_parse(
    const char *text, size_t len, struct merkle_checkpoint *ret)
{
	struct merkle_checkpoint cp;
	const char *line;
	struct cursor c;
	size_t n, hash_len;

	memset(&cp, 0, sizeof(cp));
	wire_cursor_init(&c, text, len);
	line = (const char *)wire_cursor_line(&c, &n);
	if (line == NULL || n == 0 || n >= sizeof(cp.origin) ||
	    memchr(line, '\0', n) != NULL)
		return ERR_PEER_MALFORMED;
	memcpy(cp.origin, line, n);
	line = (const char *)wire_cursor_line(&c, &n);
	if (line == NULL || base_str_u64(line, n, &cp.head.size) != 0)
		return ERR_PEER_MALFORMED;
	line = (const char *)wire_cursor_line(&c, &n);
	if (line == NULL ||
	    wire_base64_decode(WIRE_BASE64_STD, line, n, cp.head.root.b,
		MERKLE_HASH_LEN, &hash_len) != 0 ||
	    hash_len != MERKLE_HASH_LEN)
		return ERR_PEER_MALFORMED;
	if (wire_cursor_left(&c) > 0) {
		cp.extension = (const char *)c.pos;
		cp.extension_len = wire_cursor_left(&c);
	}
	while (wire_cursor_left(&c) > 0)
		if (wire_cursor_line(&c, &n) == NULL || n == 0)
			return ERR_PEER_MALFORMED;
	*ret = cp;
	return 0;
}

int
merkle_checkpoint_encode(const char *origin, const struct merkle_head *head,
    char ret[MERKLE_CHECKPOINT_TEXT_MAX])
{
	char b64[WIRE_BASE64_ENCODED_MAX(MERKLE_HASH_LEN)];

	wire_base64_encode(WIRE_BASE64_STD, head->root.b, MERKLE_HASH_LEN, b64);
	return base_str_format(ret, MERKLE_CHECKPOINT_TEXT_MAX,
	    "%s\n%llu\n%s\n", origin, (unsigned long long)head->size, b64);
}

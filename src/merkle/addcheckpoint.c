/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/addcheckpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "merkle/prooftext.h"
#include "wire/base64.h"
#include "wire/builder.h"
#include "wire/cursor.h"

int
merkle_addcheckpoint_parse(
    const char *body, size_t len, struct merkle_addcheckpoint *ret)
{
	const char *line;
	struct cursor c;
	size_t n;
	int rc;

	if (len > MERKLE_ADDCHECKPOINT_MAX)
		return ERR_PEER_TOO_LARGE;
	wire_cursor_init(&c, body, len);
	line = (const char *)wire_cursor_line(&c, &n);
	if (line == NULL || n < 5 || memcmp(line, "old ", 4) != 0 ||
	    base_str_u64(line + 4, n - 4, &ret->old_size) != 0)
		return ERR_PEER_MALFORMED;
	rc = merkle_prooftext_parse(
	    &c, MERKLE_ADDCHECKPOINT_PROOF_MAX, &ret->proof);
	if (rc != 0)
		return rc;
	ret->note = (const char *)c.pos;
	ret->note_len = wire_cursor_left(&c);
	return 0;
}

void
merkle_addcheckpoint_encode(
    const struct merkle_addcheckpoint *req, struct builder *b)
{
	char line[WIRE_BASE64_ENCODED_MAX(MERKLE_HASH_LEN)];
	size_t i, n;

	(void)snprintf(line, sizeof(line), "old %llu\n",
	    (unsigned long long)req->old_size);
	wire_builder_str(b, line);
	for (i = 0; i < req->proof.count; i++) {
		n = wire_base64_encode(WIRE_BASE64_STD, req->proof.hash[i].b,
		    MERKLE_HASH_LEN, line);
		wire_builder_bytes(b, line, n);
		wire_builder_u8(b, '\n');
	}
	wire_builder_u8(b, '\n');
	wire_builder_bytes(b, req->note, req->note_len);
}

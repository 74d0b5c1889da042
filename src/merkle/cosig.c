/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/cosig.h"

#include "merkle/note.h"
#include "merkle/types.h"
#include "wire/builder.h"
#include "wire/cursor.h"

size_t
merkle_cosig_sig_len(uint8_t type)
{
	if (type == MERKLE_SIG_COSIGNATURE)
		return 64;
	if (type == MERKLE_SIG_COSIGNATURE44)
		return MERKLE_COSIG_SIG_MAX;
	return 0;
}

int
merkle_cosig_decode(
    const struct merkle_note_sig *line, uint8_t type, struct merkle_cosig *ret)
{
	uint8_t body[MERKLE_COSIG_BODY_MAX];
	struct cursor c;
	size_t n;

	if (merkle_cosig_sig_len(type) == 0)
		return ERR_PEER_UNSUPPORTED;
	if (merkle_note_sig_decode(line, body, sizeof(body), &n) != 0 ||
	    n != 8 + merkle_cosig_sig_len(type))
		return ERR_PEER_MALFORMED;
	wire_cursor_init(&c, body, n);
	ret->timestamp_s = wire_cursor_u64(&c);
	ret->sig_len = wire_cursor_left(&c);
	wire_cursor_copy(&c, ret->sig, ret->sig_len);
	return ret->timestamp_s <= INT64_MAX ? 0 : ERR_PEER_MALFORMED;
}

size_t
merkle_cosig_body(
    const struct merkle_cosig *cosig, uint8_t ret[MERKLE_COSIG_BODY_MAX])
{
	struct builder b;

	wire_builder_init(&b, ret, MERKLE_COSIG_BODY_MAX);
	wire_builder_u64(&b, cosig->timestamp_s);
	wire_builder_bytes(&b, cosig->sig, cosig->sig_len);
	return b.len;
}

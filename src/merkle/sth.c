/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/sth.h"

#include <string.h>

#include "merkle/note.h"
#include "wire/builder.h"
#include "wire/cursor.h"

void
merkle_sth_input(uint64_t timestamp_ms, uint64_t size, const uint8_t root[32],
    uint8_t ret[MERKLE_STH_INPUT_LEN])
{
	struct builder b;

	wire_builder_init(&b, ret, MERKLE_STH_INPUT_LEN);
	wire_builder_u8(&b, 0); /* v1 */
	wire_builder_u8(&b, 1); /* tree_hash */
	wire_builder_u64(&b, timestamp_ms);
	wire_builder_u64(&b, size);
	wire_builder_bytes(&b, root, 32);
}

int
merkle_sth_decode(const struct merkle_note_sig *line, struct merkle_sth *ret)
{
	uint8_t raw[MERKLE_STH_BODY_MAX];
	struct merkle_sth s;
	struct cursor c, sig;
	size_t n;
	int rc;

	rc = merkle_note_sig_decode(line, raw, sizeof(raw), &n);
	if (rc != 0)
		return rc;
	memset(&s, 0, sizeof(s));
	wire_cursor_init(&c, raw, n);
	s.timestamp_ms = wire_cursor_u64(&c);
	s.sig_len = wire_cursor_left(&c);
	wire_cursor_copy(&c, s.sig, s.sig_len);
	if (c.rc != 0)
		return c.rc;
	wire_cursor_init(&sig, s.sig, s.sig_len);
	(void)wire_cursor_u16(&sig);
	(void)wire_cursor_vec(&sig, 2, 1, MERKLE_STH_SIG_MAX - 4);
	if ((rc = wire_cursor_done(&sig)) != 0)
		return rc;
	*ret = s;
	return 0;
}

int
merkle_sth_body(const struct merkle_sth *sth, uint8_t ret[MERKLE_STH_BODY_MAX],
    size_t *ret_len)
{
	struct builder b;

	wire_builder_init(&b, ret, MERKLE_STH_BODY_MAX);
	wire_builder_u64(&b, sth->timestamp_ms);
	wire_builder_bytes(&b, sth->sig, sth->sig_len);
	return wire_builder_done(&b, ret_len);
}

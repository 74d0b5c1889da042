/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/note.h"

#include <string.h>

#include "merkle/vkey.h"
#include "wire/base64.h"
#include "wire/cursor.h"
#include "wire/utf8.h"

static const char dash[] = "\xe2\x80\x94 "; /* U+2014, space */
#define DASH_LEN (sizeof(dash) - 1)

/* UTF-8, and no ASCII control but newline. */
static int
text_ok(const char *data, size_t len)
{
	size_t pos = 0;
	uint32_t c;

	while (pos < len)
		if (!wire_utf8_next(data, len, &pos, &c) ||
		    (c < 0x20 && c != '\n'))
			return 0;
	return 1;
}

static int
parse_line(const char *line, size_t len, struct merkle_note_sig *ret)
{
	uint8_t raw[MERKLE_NOTE_SIG_MAX];
	const char *space;
	size_t n;

	if (len < DASH_LEN || memcmp(line, dash, DASH_LEN) != 0)
		return ERR_PEER_MALFORMED;
	ret->name = line + DASH_LEN;
	len -= DASH_LEN;
	if ((space = memchr(ret->name, ' ', len)) == NULL)
		return ERR_PEER_MALFORMED;
	ret->name_len = (size_t)(space - ret->name);
	if (!merkle_vkey_name_ok(ret->name, ret->name_len))
		return ERR_PEER_MALFORMED;
	ret->base64 = space + 1;
	ret->base64_len = len - ret->name_len - 1;
	if (wire_base64_decode(WIRE_BASE64_STD, ret->base64, ret->base64_len,
		raw, sizeof(raw), &n) != 0 ||
	    n < 5)
		return ERR_PEER_MALFORMED;
	ret->key_id = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 |
		      (uint32_t)raw[2] << 8 | raw[3];
	return 0;
}

/* All lines of ${data} are signatures. */
static int
parse_lines(const char *data, size_t len, struct merkle_note *ret)
{
	const char *line;
	struct cursor c;
	size_t n;
	int rc;

	ret->sig_count = 0;
	wire_cursor_init(&c, data, len);
	while (wire_cursor_left(&c) > 0) {
		line = (const char *)wire_cursor_line(&c, &n);
		if (line == NULL)
			return ERR_PEER_MALFORMED;
		if (ret->sig_count == MERKLE_NOTE_SIGS_MAX)
			return ERR_PEER_TOO_LARGE;
		rc = parse_line(line, n, &ret->sig[ret->sig_count]);
		if (rc != 0)
			return rc;
		ret->sig_count++;
	}
	return ret->sig_count > 0 ? 0 : ERR_PEER_MALFORMED;
}

int
merkle_note_sigs_parse(const char *data, size_t len, struct merkle_note *ret)
{
	if (len > MERKLE_NOTE_MAX)
		return ERR_PEER_TOO_LARGE;
	if (!text_ok(data, len))
		return ERR_PEER_MALFORMED;
	ret->text = data;
	ret->text_len = 0;
	return parse_lines(data, len, ret);
}

int
merkle_note_parse(const char *data, size_t len, struct merkle_note *ret)
{
	size_t split;

	if (len > MERKLE_NOTE_MAX)
		return ERR_PEER_TOO_LARGE;
	if (len < 4 || data[len - 1] != '\n' || !text_ok(data, len))
		return ERR_PEER_MALFORMED;
	/* The last empty line separates text and signatures. */
	for (split = len - 1; split > 1; split--)
		if (data[split - 1] == '\n' && data[split - 2] == '\n')
			break;
	if (split <= 1)
		return ERR_PEER_MALFORMED;
	ret->text = data;
	ret->text_len = split - 1;
	return parse_lines(data + split, len - split, ret);
}

int
merkle_note_sig_decode(const struct merkle_note_sig *sig, uint8_t *ret,
    size_t cap, size_t *ret_len)
{
	uint8_t raw[MERKLE_NOTE_SIG_MAX];
	size_t n;

	if (wire_base64_decode(WIRE_BASE64_STD, sig->base64, sig->base64_len,
		raw, sizeof(raw), &n) != 0 ||
	    n < 5)
		return ERR_PEER_MALFORMED;
	if (n - 4 > cap)
		return ERR_PEER_TOO_LARGE;
	memcpy(ret, raw + 4, n - 4);
	*ret_len = n - 4;
	return 0;
}

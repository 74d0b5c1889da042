/* SPDX-License-Identifier: Apache-2.0 */
#include "http/assembly_internal.h"

/* A buffer above this is given back when its message is done. */
#define KEEP_MAX 16384

void
http_assembly_init(
    struct http_assembly *a, size_t message_max, unsigned frames_max)
{
	*a = (struct http_assembly){ .frames_max = frames_max };
	base_buf_init(&a->held, message_max);
}

void
http_assembly_fini(struct http_assembly *a)
{
	base_buf_free(&a->held);
}

/* Begin a character of more than one byte (RFC 3629 section 4). */
static int
begin_character(struct http_assembly *a, uint8_t c)
{
	if (c < 0xc2 || c > 0xf4)
		return ERR_PEER_ENCODING;
	a->rest = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	a->low = 0x80;
	a->high = 0xbf;
	/* No overlong forms, no surrogates, nothing over U+10FFFF. */
	if (c == 0xe0)
		a->low = 0xa0;
	else if (c == 0xed)
		a->high = 0x9f;
	else if (c == 0xf0)
		a->low = 0x90;
	else if (c == 0xf4)
		a->high = 0x8f;
	return 0;
}

static int
check_text(struct http_assembly *a, const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (a->rest == 0) {
			if (s[i] >= 0x80 && begin_character(a, s[i]) != 0)
				return ERR_PEER_ENCODING;
			continue;
		}
		if (s[i] < a->low || s[i] > a->high)
			return ERR_PEER_ENCODING;
		a->low = 0x80;
		a->high = 0xbf;
		a->rest--;
	}
	return 0;
}

static void
begin_message(struct http_assembly *a, bool is_text)
{
	if (a->held.cap > KEEP_MAX)
		base_buf_free(&a->held);
	a->held.len = 0;
	a->begun = true;
	a->is_text = is_text;
	a->frames = 0;
	a->rest = 0;
}

int
http_assembly_add(struct http_assembly *a, const struct http_piece *piece,
    struct http_piece *ret)
{
	static const uint8_t nothing[1];
	bool is_whole = !a->begun && piece->ends_message;
	int rc;

	ret->data = NULL;
	if (!a->begun)
		begin_message(a, piece->is_text);
	if (piece->begins_frame && ++a->frames > a->frames_max)
		return ERR_PEER_RATE;
	if (piece->len > a->held.max - a->held.len)
		return ERR_PEER_TOO_LARGE;
	if (a->is_text && check_text(a, piece->data, piece->len) != 0)
		return ERR_PEER_ENCODING;
	if (!is_whole && piece->len > 0) {
		rc = base_buf_append(&a->held, piece->data, piece->len);
		if (rc != 0)
			return rc;
	}
	if (!piece->ends_message)
		return 0;
	if (a->rest != 0)
		return ERR_PEER_ENCODING;
	a->begun = false;
	*ret =
	    (struct http_piece){ .data = is_whole ? piece->data : a->held.data,
		    .len = is_whole ? piece->len : a->held.len,
		    .is_text = a->is_text };
	if (ret->len == 0)
		ret->data = nothing;
	return 0;
}

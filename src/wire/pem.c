/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "wire/base64.h"

#define LINE_CHARS 64
#define LINE_BYTES (LINE_CHARS / 4 * 3)

int
wire_pem_encode(
    const char *label, const uint8_t *der, size_t len, struct buf *out)
{
	const size_t before = out->len;
	char line[WIRE_BASE64_ENCODED_MAX(LINE_BYTES)];
	size_t n;
	int rc;

	rc = base_buf_printf(out, "-----BEGIN %s-----\n", label);
	for (size_t at = 0; rc == 0 && at < len; at += n) {
		n = len - at < LINE_BYTES ? len - at : LINE_BYTES;
		wire_base64_encode(WIRE_BASE64_STD, der + at, n, line);
		rc = base_buf_printf(out, "%s\n", line);
	}
	if (rc == 0)
		rc = base_buf_printf(out, "-----END %s-----\n", label);
	base_wipe(line, sizeof(line));
	if (rc != 0)
		out->len = before;
	return rc;
}

/* Find ${needle} at the start of a line at or after ${from}. */
static const char *
find_line(
    const char *text, const char *from, const char *end, const char *needle)
{
	const size_t n = strlen(needle);

	for (; from < end; from++) {
		from = memmem(from, (size_t)(end - from), needle, n);
		if (from == NULL)
			return NULL;
		if (from == text || from[-1] == '\n')
			return from;
	}
	return NULL;
}

/* Decode base64 lines; only line ends may stand between the characters. */
static int
decode_body(const char *s, const char *end, struct buf *out)
{
	const size_t len = (size_t)(end - s);
	char *chars;
	size_t n = 0, n_out;
	uint8_t *at;
	int rc;

	if ((chars = malloc(len + 1)) == NULL)
		return ERR_SYS_NOMEM;
	for (; s < end; s++)
		if (*s != '\n' && *s != '\r' && *s != ' ' && *s != '\t')
			chars[n++] = *s;
	rc = base_buf_reserve(out, WIRE_BASE64_DECODED_MAX(n), &at);
	if (rc == 0)
		rc = wire_base64_decode(WIRE_BASE64_STD, chars, n, at,
		    WIRE_BASE64_DECODED_MAX(n), &n_out);
	if (rc == 0)
		base_buf_commit(out, n_out);
	base_wipe_free(chars, len + 1);
	return rc;
}

int
wire_pem_next(const char *text, size_t len, size_t *pos, const char *label,
    struct buf *out)
{
	const char *end = text + len, *begin, *body, *stop;
	char head[96], tail[96];
	int rc;

	if (strlen(label) > 64 || *pos > len)
		return ERR_STATE_NOT_FOUND;
	(void)snprintf(head, sizeof(head), "-----BEGIN %s-----", label);
	(void)snprintf(tail, sizeof(tail), "-----END %s-----", label);
	begin = find_line(text, text + *pos, end, head);
	if (begin == NULL)
		return ERR_STATE_NOT_FOUND;
	body = begin + strlen(head);
	if ((stop = find_line(text, body, end, tail)) == NULL)
		return ERR_PEER_MALFORMED;
	if ((rc = decode_body(body, stop, out)) != 0)
		return rc;
	*pos = (size_t)(stop - text) + strlen(tail);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/tlogproof.h"

#include <string.h>

#include "base/str.h"
#include "merkle/prooftext.h"
#include "wire/base64.h"
#include "wire/cursor.h"

static const char header[] = "c2sp.org/tlog-proof@v1";

/* Append len characters at *pos; 0 if they do not fit. */
static int
put(char *ret, size_t cap, size_t *pos, const char *s, size_t len)
{
	if (len > cap - *pos)
		return 0;
	memcpy(ret + *pos, s, len);
	*pos += len;
	return 1;
}

int
merkle_tlogproof_encode(const struct merkle_tlogproof *proof, char *ret,
    size_t cap, size_t *ret_len)
{
	char line[WIRE_BASE64_ENCODED_MAX(MERKLE_HASH_LEN) + 32];
	size_t i, n, pos = 0;
	int rc;

	if (!put(ret, cap, &pos, header, strlen(header)))
		return ERR_SYS_LIMIT;
	if (proof->extra != NULL &&
	    (!put(ret, cap, &pos, "\nextra ", 7) ||
		!put(ret, cap, &pos, proof->extra, proof->extra_len)))
		return ERR_SYS_LIMIT;
	rc = base_str_format(line, sizeof(line), "\nindex %llu\n",
	    (unsigned long long)proof->index);
	if (rc != 0 || !put(ret, cap, &pos, line, strlen(line)))
		return ERR_SYS_LIMIT;
	for (i = 0; i < proof->proof.count; i++) {
		n = wire_base64_encode(WIRE_BASE64_STD, proof->proof.hash[i].b,
		    MERKLE_HASH_LEN, line);
		line[n] = '\n';
		if (!put(ret, cap, &pos, line, n + 1))
			return ERR_SYS_LIMIT;
	}
	if (!put(ret, cap, &pos, "\n", 1) ||
	    !put(ret, cap, &pos, proof->checkpoint, proof->checkpoint_len))
		return ERR_SYS_LIMIT;
	*ret_len = pos;
	return 0;
}

/* Is the base64 text well-formed?  Its content is not authenticated and not
 * used, so it need not be decoded in one piece. */
static int
base64_ok(const char *s, size_t len)
{
	uint8_t out[768];
	size_t part, n;

	do {
		part = len > 1024 ? 1024 : len;
		if (wire_base64_decode(
			WIRE_BASE64_STD, s, part, out, sizeof(out), &n) != 0 ||
		    (part < len && n != sizeof(out)))
			return 0;
		s += part;
		len -= part;
	} while (len > 0);
	return 1;
}

static int
line_is(const char *line, size_t n, const char *prefix)
{
	return line != NULL && n >= strlen(prefix) &&
	       memcmp(line, prefix, strlen(prefix)) == 0;
}

int
merkle_tlogproof_parse(
    const char *text, size_t len, struct merkle_tlogproof *ret)
{
	const char *line;
	struct cursor c;
	size_t n;
	int rc;

	wire_cursor_init(&c, text, len);
	line = (const char *)wire_cursor_line(&c, &n);
	if (!line_is(line, n, header) || n != sizeof(header) - 1)
		return ERR_PEER_MALFORMED;
	line = (const char *)wire_cursor_line(&c, &n);
	ret->extra = NULL;
	ret->extra_len = 0;
	if (line_is(line, n, "extra ")) {
		if (!base64_ok(line + 6, n - 6))
			return ERR_PEER_MALFORMED;
		ret->extra = line + 6;
		ret->extra_len = n - 6;
		line = (const char *)wire_cursor_line(&c, &n);
	}
	if (!line_is(line, n, "index ") ||
	    base_str_u64(line + 6, n - 6, &ret->index) != 0)
		return ERR_PEER_MALFORMED;
	rc = merkle_prooftext_parse(&c, MERKLE_PROOF_MAX, &ret->proof);
	if (rc != 0)
		return rc;
	ret->checkpoint = (const char *)c.pos;
	ret->checkpoint_len = wire_cursor_left(&c);
	return ret->checkpoint_len > 0 ? 0 : ERR_PEER_MALFORMED;
}

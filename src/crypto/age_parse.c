/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "crypto/age_internal.h"
#include "crypto/age_key_internal.h"
#include "wire/base64.h"
#include "wire/cursor.h"

#define STANZAS_MAX 64
#define ARGS_MAX 16
#define LINE_COLUMNS 64

/* A line without its end; or the header may go on where we do not see it. */
static int
next_line(struct cursor *c, struct crypto_bytes *ret)
{
	ret->data = wire_cursor_line(c, &ret->len);
	return ret->data == NULL ? ERR_STATE_PENDING : 0;
}

static bool
is(struct crypto_bytes b, const char *text)
{
	return b.len == strlen(text) && memcmp(b.data, text, b.len) == 0;
}

/* What a stanza says, as far as it matters here. */
struct stanza {
	struct crypto_bytes arg[ARGS_MAX];
	size_t n_args;
	uint8_t body[CRYPTO_AGE_WRAPPED_LEN];
	size_t body_len; /* more than fits: only counted */
};

/* "-> type argument ...": words of visible characters, single spaces. */
static int
take_args(struct crypto_bytes line, struct stanza *s)
{
	const uint8_t *p = line.data + 3, *end = line.data + line.len, *word;

	for (s->n_args = 0;; p++) {
		for (word = p; p < end && *p >= 33 && *p <= 126; p++)
			;
		if (p == word || s->n_args == ARGS_MAX)
			return ERR_PEER_MALFORMED;
		s->arg[s->n_args].data = word;
		s->arg[s->n_args++].len = (size_t)(p - word);
		if (p == end)
			return 0;
		if (*p != ' ')
			return ERR_PEER_MALFORMED;
	}
}

/* Lines of 64 characters and one that is shorter, perhaps empty. */
static int
take_body(struct cursor *c, struct stanza *s)
{
	uint8_t part[LINE_COLUMNS];
	struct crypto_bytes line;
	size_t n, i;
	int rc;

	for (s->body_len = 0;;) {
		if ((rc = next_line(c, &line)) != 0)
			return rc;
		if (line.len > LINE_COLUMNS)
			return ERR_PEER_MALFORMED;
		if (wire_base64_decode(WIRE_BASE64_RAW, (const char *)line.data,
			line.len, part, sizeof(part), &n) != 0)
			return ERR_PEER_MALFORMED;
		for (i = 0; i < n; i++, s->body_len++)
			if (s->body_len < sizeof(s->body))
				s->body[s->body_len] = part[i];
		if (line.len < LINE_COLUMNS)
			return 0;
	}
}

/*
 * Try the identities on an X25519 stanza.  ERR_STATE_NOT_FOUND when it is for
 * somebody else.
 */
static int
unwrap(struct crypto_age_keys ids, const struct stanza *s, uint8_t *file_key)
{
	struct crypto_age_stanza x;
	size_t n, i;
	int rc = ERR_STATE_NOT_FOUND;

	if (s->n_args != 2 || s->body_len != sizeof(x.body) ||
	    wire_base64_decode(WIRE_BASE64_RAW, (const char *)s->arg[1].data,
		s->arg[1].len, x.share, sizeof(x.share), &n) != 0 ||
	    n != sizeof(x.share))
		return ERR_PEER_MALFORMED;
	memcpy(x.body, s->body, sizeof(x.body));
	for (i = 0; rc == ERR_STATE_NOT_FOUND && i < ids.n; i++)
		rc = crypto_age_unwrap(ids.v[i], &x, file_key);
	return rc == ERR_PEER_KEY ? ERR_PEER_MALFORMED : rc;
}

/* "--- MAC": over everything up to the three dashes. */
static int
check_mac(
    const uint8_t *head, struct crypto_bytes line, const uint8_t *file_key)
{
	uint8_t mac[CRYPTO_AGE_MAC_LEN];
	size_t n;

	if (line.len < 4 || line.data[3] != ' ' ||
	    wire_base64_decode(WIRE_BASE64_RAW, (const char *)line.data + 4,
		line.len - 4, mac, sizeof(mac), &n) != 0 ||
	    n != sizeof(mac))
		return ERR_PEER_MALFORMED;
	if (file_key == NULL)
		return ERR_STATE_NOT_FOUND;
	return crypto_age_mac_check(file_key,
	    (struct crypto_bytes){ head, (size_t)(line.data - head) + 3 }, mac);
}

int
crypto_age_header_open(struct crypto_age_keys ids, const uint8_t *data,
    size_t len, uint8_t *file_key, size_t *ret_len)
{
	struct crypto_bytes line;
	struct stanza s;
	struct cursor c;
	bool found = false;
	size_t n;
	int rc;

	wire_cursor_init(&c, data, len);
	if ((rc = next_line(&c, &line)) != 0)
		return rc;
	if (!is(line, CRYPTO_AGE_VERSION))
		return ERR_PEER_MALFORMED;
	for (n = 0; n <= STANZAS_MAX; n++) {
		if ((rc = next_line(&c, &line)) != 0)
			return rc;
		if (line.len >= 3 && memcmp(line.data, "---", 3) == 0) {
			rc = n == 0 ? ERR_PEER_MALFORMED
				    : check_mac(
					  data, line, found ? file_key : NULL);
			*ret_len = len - wire_cursor_left(&c);
			return rc;
		}
		if (line.len < 4 || memcmp(line.data, "-> ", 3) != 0 ||
		    take_args(line, &s) != 0)
			return ERR_PEER_MALFORMED;
		if ((rc = take_body(&c, &s)) != 0)
			return rc;
		if (found || !is(s.arg[0], CRYPTO_AGE_TYPE))
			continue;
		rc = unwrap(ids, &s, file_key);
		if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
			return rc;
		found = rc == 0;
	}
	return ERR_PEER_MALFORMED;
}

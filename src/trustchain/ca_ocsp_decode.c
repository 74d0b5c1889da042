/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trustchain/ca_ocsp_internal.h"
#include "wire/base64.h"

/*
 * The path of a GET, after the HTTP library has undone percent-encoding, made
 * one slash of several and a space of a plus.  Slashes are digits of base64:
 * where one is missing, the DER inside says so, and every place it can have
 * had is tried.
 */
enum {
	TEXT_MAX = WIRE_BASE64_ENCODED_MAX(PKI_OCSP_REQUEST_MAX),
	MISSING_MAX = 3,
	TRIES_MAX = 256,
};

/* A text to which slashes are put back. */
struct repair {
	const struct ca_ocsp *o;
	char text[TEXT_MAX];
	size_t len;
	uint8_t *out;
	size_t cap, out_len;
	unsigned tries;
};

static bool
decodes(struct repair *r, struct pki_ocsp_request *in)
{
	if (wire_base64_decode(WIRE_BASE64_STD, r->text, r->len, r->out, r->cap,
		&r->out_len) != 0)
		return false;
	return pki_ocsp_request_parse(
		   (struct pki_bytes){ r->out, r->out_len }, in) == 0;
}

/* Whether the text is a request as it stands about one of our issuers. */
static bool
is_ours(struct repair *r)
{
	struct pki_ocsp_request in;

	return decodes(r, &in) && ca_ocsp_find(r->o, &in.id[0]) >= 0;
}

/* Double ${missing} slashes at or behind ${from}. */
static bool
insert(struct repair *r, size_t from, size_t missing)
{
	if (missing == 0)
		return r->tries++ < TRIES_MAX && is_ours(r);
	for (size_t i = from; i < r->len && r->tries < TRIES_MAX; i++) {
		if (r->text[i] != '/')
			continue;
		memmove(r->text + i + 1, r->text + i, r->len - i);
		r->len++;
		if (insert(r, i, missing - 1))
			return true;
		r->len--;
		memmove(r->text + i, r->text + i + 1, r->len - i);
	}
	return false;
}

/* How many characters the base64 of this DER has, by its first octets. */
static size_t
expected(const char *text, size_t len)
{
	uint8_t head[6];
	size_t n, got;

	if (len < 8 ||
	    wire_base64_decode(
		WIRE_BASE64_STD, text, 8, head, sizeof(head), &got) != 0 ||
	    head[0] != 0x30)
		return 0;
	if (head[1] < 0x80)
		n = 2 + (size_t)head[1];
	else if (head[1] == 0x81)
		n = 3 + (size_t)head[2];
	else if (head[1] == 0x82)
		n = 4 + ((size_t)head[2] << 8 | head[3]);
	else
		return 0;
	return (n + 2) / 3 * 4;
}

static void
copy(struct repair *r, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		r->text[i] = text[i] == ' ' ? '+' : text[i];
	r->len = len;
}

int
ca_ocsp_decode(const struct ca_ocsp *o, const char *text, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	struct repair r = { .o = o, .out = out, .cap = cap };
	size_t len = strlen(text), want;
	struct pki_ocsp_request in;
	bool ok;

	/* Room for what is put back. */
	if (len + MISSING_MAX > sizeof(r.text))
		return ERR_PEER_TOO_LARGE;
	copy(&r, text, len);
	want = expected(r.text, len);
	if (want == 0)
		return ERR_PEER_MALFORMED;
	/* Some leave the padding out. */
	while (r.len < want && want - r.len <= 2 && want % 4 == 0 &&
	       text[len - 1] != '=' && r.len % 4 != 0)
		r.text[r.len++] = '=';
	ok = decodes(&r, &in);
	if (!ok && len < want && want - len <= MISSING_MAX) {
		copy(&r, text, len);
		ok = insert(&r, 0, want - len);
	}
	if (!ok)
		return ERR_PEER_MALFORMED;
	*ret_len = r.out_len;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_transcript.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/pkey_sign.h"
#include "crypto/sha2.h"
#include "wire/base64.h"
#include "wire/cursor.h"
#include "wire/hex.h"
#include "wire/json.h"

/* What the root signs: not a certificate, nor anything else it signs. */
#define SIGNED_FORM "trustchain/ceremony-transcript/v1\n%zu\n%s\n"

enum {
	HEX = 2 * CRYPTO_SHA256_LEN + 1,
	MESSAGE_MAX = 256,
	SIG_TEXT_MAX = WIRE_BASE64_ENCODED_MAX(CRYPTO_PKEY_SIG_MAX)
};

struct ca_transcript {
	json_t *lines; /* array of objects */
	struct buf text;
	char last[HEX]; /* SHA-256 of the last line */
};

int
ca_transcript_new(struct ca_transcript **ret)
{
	struct ca_transcript *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->lines = json_array()) == NULL) {
		free(t);
		return ERR_SYS_NOMEM;
	}
	base_buf_init(&t->text, CA_TRANSCRIPT_MAX);
	memset(t->last, '0', HEX - 1);
	*ret = t;
	return 0;
}

void
ca_transcript_free(struct ca_transcript *t)
{
	if (t == NULL)
		return;
	json_decref(t->lines);
	base_buf_free(&t->text);
	free(t);
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static void
hash(const void *line, size_t len, char out[HEX])
{
	uint8_t digest[CRYPTO_SHA256_LEN];

	crypto_sha2_256(line, len, digest);
	wire_hex_encode(digest, sizeof(digest), out);
}

/* Take one line, whose link has been looked at. */
static int
take(struct ca_transcript *t, const char *line, size_t len, json_t *o)
{
	int rc;

	if (json_array_size(t->lines) == CA_TRANSCRIPT_LINES_MAX)
		return ERR_SYS_LIMIT;
	rc = base_buf_append(&t->text, line, len);
	if (rc == 0)
		rc = base_buf_append(&t->text, "\n", 1);
	if (rc == 0 && json_array_append(t->lines, o) != 0)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		hash(line, len, t->last);
	return rc;
}

static int
wrong(struct fault *f, size_t number, const char *what)
{
	return base_fault_set(
	    f, ERR_STATE_INTEGRITY, "line %zu: %s", number, what);
}

/* What one line must be whatever it says. */
static int
check(const struct ca_transcript *t, const json_t *o, struct fault *f)
{
	size_t number = json_array_size(t->lines) + 1;
	const char *event = text_of(o, "event");

	if (!json_is_object(o) ||
	    json_integer_value(json_object_get(o, "seq")) != (json_int_t)number)
		return wrong(f, number, "is not the line of this number");
	if (strcmp(text_of(o, "prev"), t->last) != 0)
		return ERR_PEER_MISMATCH;
	if ((number == 1) != (strcmp(event, CA_TRANSCRIPT_ROOT) == 0))
		return wrong(f, number, "a root is made in the first line");
	if (strcmp(event, CA_TRANSCRIPT_ROOT) != 0 &&
	    strcmp(event, CA_TRANSCRIPT_SIGNED) != 0 &&
	    strcmp(event, CA_TRANSCRIPT_CRL) != 0 &&
	    strcmp(event, CA_TRANSCRIPT_SEAL) != 0)
		return wrong(f, number, "an event that is not known");
	return 0;
}

/*
 * The line at ${line} does not name the one before it.  If the line after it
 * names it, then it is as it was, and the one before was changed.
 */
static int
unlinked(const struct ca_transcript *t, struct pki_bytes line,
    struct cursor after, struct fault *f)
{
	size_t number = json_array_size(t->lines) + 1, n;
	const char *next = (const char *)wire_cursor_line(&after, &n);
	json_t *o = NULL;
	char own[HEX];
	bool same = true;

	if (number == 1)
		return wrong(f, 1, "the lines before it are missing");
	if (next != NULL && wire_json_parse(next, n, &o, NULL) == 0) {
		hash(line.data, line.len, own);
		same = strcmp(text_of(o, "prev"), own) == 0;
	}
	json_decref(o);
	return wrong(f, same ? number - 1 : number,
	    next == NULL ? "was changed, or what the last line says of it"
			 : "was changed: the next line names another");
}

static int
parse_line(struct ca_transcript *t, const char *line, size_t len,
    const struct cursor *after, struct fault *f)
{
	size_t number = json_array_size(t->lines) + 1;
	struct wire_json_error err;
	json_t *o = NULL;
	int rc;

	rc = wire_json_parse(line, len, &o, &err);
	if (rc != 0)
		return base_err_class(rc) == ERR_CLASS_SYS
			   ? rc
			   : wrong(f, number, err.text);
	rc = check(t, o, f);
	if (rc == ERR_PEER_MISMATCH)
		rc = unlinked(t,
		    (struct pki_bytes){ (const uint8_t *)line, len }, *after,
		    f);
	if (rc == 0 && (rc = take(t, line, len, o)) == ERR_SYS_LIMIT)
		rc = wrong(f, number, "too many lines");
	json_decref(o);
	return rc;
}

static int
parse(struct ca_transcript *t, const char *text, size_t len, struct fault *f)
{
	const char *line;
	const json_t *last;
	struct cursor c;
	size_t n;
	int rc;

	if (len > CA_TRANSCRIPT_MAX)
		return base_fault_set(f, ERR_STATE_INTEGRITY, "is too large");
	wire_cursor_init(&c, text, len);
	while (wire_cursor_left(&c) > 0) {
		line = (const char *)wire_cursor_line(&c, &n);
		if (line == NULL)
			return wrong(
			    f, json_array_size(t->lines) + 1, "does not end");
		if ((rc = parse_line(t, line, n, &c, f)) != 0)
			return rc;
	}
	n = json_array_size(t->lines);
	last = n > 0 ? json_array_get(t->lines, n - 1) : NULL;
	if (strcmp(text_of(last, "event"), CA_TRANSCRIPT_SEAL) != 0)
		return wrong(f, n + 1, "missing: the last line is not signed");
	return 0;
}

int
ca_transcript_parse(
    const char *text, size_t len, struct ca_transcript **ret, struct fault *f)
{
	struct ca_transcript *t;
	int rc;

	if ((rc = ca_transcript_new(&t)) != 0)
		return rc;
	if ((rc = parse(t, text, len, f)) != 0) {
		ca_transcript_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

static size_t
message(char out[MESSAGE_MAX], size_t number, const char *prev)
{
	return (size_t)snprintf(out, MESSAGE_MAX, SIGNED_FORM, number, prev);
}

static int
verify_line(const json_t *o, size_t number, const struct crypto_pkey *root,
    struct fault *f)
{
	uint8_t sig[WIRE_BASE64_DECODED_MAX(SIG_TEXT_MAX)];
	const char *text = text_of(o, "signature");
	struct crypto_signed s = { .sig = sig };
	char msg[MESSAGE_MAX];
	int rc;

	if (wire_base64_decode(WIRE_BASE64_STD, text, strlen(text), sig,
		sizeof(sig), &s.sig_len) != 0)
		return wrong(f, number, "holds no signature");
	s.msg = (const uint8_t *)msg;
	s.msg_len = message(msg, number, text_of(o, "prev"));
	if ((rc = crypto_pkey_sig_alg(root, &s.alg)) != 0)
		return rc;
	rc = crypto_pkey_verify(root, &s);
	return rc == ERR_PEER_SIGNATURE
		   ? wrong(f, number, "the root's signature does not verify")
		   : rc;
}

int
ca_transcript_verify(const struct ca_transcript *t,
    const struct crypto_pkey *root, struct fault *f)
{
	const json_t *o;
	size_t i;
	int rc;

	for (i = 0; i < json_array_size(t->lines); i++) {
		o = json_array_get(t->lines, i);
		if (strcmp(text_of(o, "event"), CA_TRANSCRIPT_SEAL) == 0 &&
		    (rc = verify_line(o, i + 1, root, f)) != 0)
			return rc;
	}
	return 0;
}

int
ca_transcript_add(struct ca_transcript *t, const char *event, json_t *body)
{
	json_t *o = json_pack("{s:I, s:s, s:s}", "seq",
	    (json_int_t)json_array_size(t->lines) + 1, "prev", t->last, "event",
	    event);
	char *line = NULL;
	size_t len = 0;
	int rc = ERR_SYS_NOMEM;

	if (o != NULL && body != NULL && json_object_update(o, body) == 0 &&
	    (line = wire_json_dump(o, &len)) != NULL)
		rc = take(t, line, len, o);
	free(line);
	json_decref(o);
	json_decref(body);
	return rc;
}

int
ca_transcript_sign(struct ca_transcript *t, const struct crypto_pkey *root)
{
	size_t number = json_array_size(t->lines) + 1, len;
	char msg[MESSAGE_MAX], text[SIG_TEXT_MAX];
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	int rc;

	rc = crypto_pkey_sign(
	    root, msg, message(msg, number, t->last), sig, &len);
	if (rc != 0)
		return rc;
	(void)wire_base64_encode(WIRE_BASE64_STD, sig, len, text);
	return ca_transcript_add(
	    t, CA_TRANSCRIPT_SEAL, json_pack("{s:s}", "signature", text));
}

size_t
ca_transcript_count(const struct ca_transcript *t)
{
	return json_array_size(t->lines);
}

const json_t *
ca_transcript_line(const struct ca_transcript *t, size_t i)
{
	return json_array_get(t->lines, i);
}

struct pki_bytes
ca_transcript_text(const struct ca_transcript *t)
{
	return (struct pki_bytes){ t->text.data, t->text.len };
}

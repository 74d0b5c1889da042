/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "pki/cert.h"
#include "pki/san.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"
#include "wire/pem.h"
#include "wire/time.h"

#define PEM_MAX 65536
#define TEXT_MAX (1 << 20)
#define NAMES_ARENA 65536
#define HEX_MAX 64 /* octets: serials and digests */

char *
ca_record_pem(const uint8_t *der, size_t len)
{
	struct buf b;

	base_buf_init(&b, PEM_MAX);
	if (wire_pem_encode("CERTIFICATE", der, len, &b) != 0 ||
	    base_buf_append(&b, "", 1) != 0) {
		base_buf_free(&b);
		return NULL;
	}
	return (char *)b.data; /* malloc'd; now the caller's */
}

static json_t *
pem_json(struct pki_bytes der)
{
	char *pem = ca_record_pem(der.data, der.len);
	json_t *s = pem == NULL ? NULL : json_string(pem);

	free(pem);
	return s;
}

static json_t *
hex_json(struct ca_blob b)
{
	char hex[2 * HEX_MAX + 1];

	if (b.len > HEX_MAX)
		return NULL;
	wire_hex_encode(b.data, b.len, hex);
	return json_string(hex);
}

static json_t *
time_json(int64_t ms)
{
	char text[WIRE_TIME_TEXT_MAX];

	wire_time_format(ms, text);
	return json_string(text);
}

const char *
ca_record_status(const struct ca_cert *row, int64_t now_ms)
{
	if (row->state == CA_CERT_ABANDONED)
		return "Abandoned";
	if (row->revoked_at != 0)
		return "Revoked";
	if (row->not_after < now_ms)
		return "Expired";
	return row->state == CA_CERT_PRECERT ? "Pending" : "Valid";
}

static json_t *
chain_json(const struct ca_authority_issuer *is)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; is != NULL && i < is->chain_len; i++)
		if (json_array_append_new(
			a, pem_json(pki_cert_der(is->chain[i]))) != 0) {
			json_decref(a);
			return NULL;
		}
	return a;
}

/* What both forms say; the same keys in the same order. */
static int
put_common(json_t *o, const struct ca_cert *row, int64_t now_ms)
{
	int rc = 0;

	rc |= json_object_set_new(o, "serial", hex_json(row->serial));
	rc |= json_object_set_new(o, "issuer", json_string(row->issuer));
	rc |= json_object_set_new(o, "profile", json_string(row->profile));
	rc |= json_object_set_new(o, "not_before", time_json(row->not_before));
	rc |= json_object_set_new(o, "not_after", time_json(row->not_after));
	rc |= json_object_set_new(
	    o, "status", json_string(ca_record_status(row, now_ms)));
	if (row->revoked_at != 0) {
		rc |=
		    json_object_set_new(o, "reason", json_integer(row->reason));
		rc |= json_object_set_new(
		    o, "revoked_at", time_json(row->revoked_at));
	}
	return rc;
}

static int
put_certificates(
    json_t *o, const struct ca_authority *a, const struct ca_cert *row)
{
	struct pki_bytes final = { row->final.data, row->final.len };
	int rc = 0;

	rc |= json_object_set_new(o, "certificate", pem_json(final));
	rc |= json_object_set_new(
	    o, "chain", chain_json(ca_authority_find(a, row->issuer)));
	return rc;
}

static int
put_issued(json_t *o, const struct ca_cert *row)
{
	json_t *scts = NULL, *first;
	int rc = 0;

	rc |= json_object_set_new(o, "fingerprint_sha256", hex_json(row->fp));
	if (row->sct_json == NULL ||
	    wire_json_parse(
		row->sct_json, strlen(row->sct_json), &scts, NULL) != 0)
		return -1;
	first = json_object_get(json_array_get(scts, 0), "sct");
	if (first != NULL)
		rc |= json_object_set(o, "sct", first);
	return rc | json_object_set_new(o, "scts", scts);
}

static bool
is_issued(const struct ca_cert *row)
{
	return row->state == CA_CERT_ISSUED && row->final.len > 0;
}

static int
text(struct buf *out, const char *s)
{
	return base_buf_append(out, s, strlen(s));
}

json_t *
ca_record_full(
    const struct ca_authority *a, const struct ca_cert *row, int64_t now_ms)
{
	json_t *o = json_object();
	int rc = 0;

	if (is_issued(row)) {
		rc = put_certificates(o, a, row);
		rc |= put_issued(o, row);
	}
	rc |= put_common(o, row, now_ms);
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* A certificate as a JSON string: of PEM only the line ends need escapes. */
static int
pem_text(struct pki_bytes der, struct buf *out)
{
	const uint8_t *line, *end, *stop;
	struct buf pem;
	int rc;

	base_buf_init(&pem, PEM_MAX);
	rc = wire_pem_encode("CERTIFICATE", der.data, der.len, &pem);
	if (rc == 0)
		rc = base_buf_append(out, "\"", 1);
	line = pem.data;
	end = line + pem.len;
	while (rc == 0 && line < end) {
		/* Each line of a block ends with one. */
		stop = memchr(line, '\n', (size_t)(end - line));
		rc = base_buf_append(out, line, (size_t)(stop - line));
		if (rc == 0)
			rc = base_buf_append(out, "\\n", 2);
		line = stop + 1;
	}
	if (rc == 0)
		rc = base_buf_append(out, "\"", 1);
	base_buf_free(&pem);
	return rc;
}

/* The members of put_certificates, each followed by a comma. */
static int
certificates_text(
    const struct ca_authority *a, const struct ca_cert *row, struct buf *out)
{
	const struct ca_authority_issuer *is =
	    ca_authority_find(a, row->issuer);
	struct pki_bytes final = { row->final.data, row->final.len };
	size_t i;
	int rc;

	if ((rc = text(out, "\"certificate\":")) != 0 ||
	    (rc = pem_text(final, out)) != 0 ||
	    (rc = text(out, ",\"chain\":[")) != 0)
		return rc;
	for (i = 0; is != NULL && i < is->chain_len && rc == 0; i++) {
		if (i > 0)
			rc = text(out, ",");
		if (rc == 0)
			rc = pem_text(pki_cert_der(is->chain[i]), out);
	}
	return rc == 0 ? text(out, "],") : rc;
}

char *
ca_record_text(const struct ca_authority *a, const struct ca_cert *row,
    int64_t now_ms, size_t *ret_len)
{
	json_t *o = json_object();
	char *rest = NULL;
	struct buf out;
	int rc = 0;

	/* jansson looks at each character it writes: not at the certificates,
	 * which are most of them. */
	base_buf_init(&out, TEXT_MAX);
	if (is_issued(row))
		rc = put_issued(o, row);
	rc |= put_common(o, row, now_ms);
	if (rc == 0)
		rest = wire_json_dump(o, NULL);
	json_decref(o);
	if (rest == NULL || text(&out, "{") != 0 ||
	    (is_issued(row) && certificates_text(a, row, &out) != 0) ||
	    text(&out, rest + 1) != 0 || base_buf_append(&out, "", 1) != 0) {
		base_buf_free(&out);
		free(rest);
		return NULL;
	}
	free(rest);
	*ret_len = out.len - 1;
	return (char *)out.data; /* malloc'd; now the caller's */
}

static json_t *
name_json(const struct ca_name *n)
{
	char text[PKI_SAN_VALUE_MAX + 1];

	ca_name_text(n, text, sizeof(text));
	return json_string(text);
}

static json_t *
names_json(struct ca_store *s, const struct ca_cert *row)
{
	struct arena *arena = base_arena_new(NAMES_ARENA);
	struct ca_name *v = NULL;
	json_t *a = json_array();
	size_t n = 0, i;
	int rc;

	rc = arena == NULL ? ERR_SYS_NOMEM
			   : s->ops->cert_names(s, row->id, arena, &v, &n);
	for (i = 0; rc == 0 && i < n; i++)
		rc = json_array_append_new(a, name_json(&v[i]));
	base_arena_free(arena);
	if (rc == 0)
		return a;
	json_decref(a);
	return NULL;
}

json_t *
ca_record_brief(struct ca_store *s, const struct ca_cert *row, int64_t now_ms)
{
	json_t *o = json_object();

	if (put_common(o, row, now_ms) == 0 &&
	    json_object_set_new(o, "owner", json_string(row->owner)) == 0 &&
	    json_object_set_new(o, "names", names_json(s, row)) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "pki/crl.h"
#include "trustchain/ca_ceremony_internal.h"
#include "trustchain/ca_mint_crl.h"
#include "trustchain/ca_transcript.h"
#include "wire/hex.h"
#include "wire/json.h"
#include "wire/time.h"

#define ENTRIES_MAX 1024
#define REASON_MAX 5 /* cessationOfOperation */

#define O ca_ceremony_opts
const struct ops_cli_option ca_ceremony_crl_options[] = {
	CA_CEREMONY_ROOT_OPTION,
	{ "revoke", OPS_CLI_VALUES, offsetof(struct O, revoke), "SERIAL[:N]",
	    "intermediate to revoke, with its reason 0 to 5 (0); may be "
	    "repeated" },
	{ "shares-from", OPS_CLI_VALUE, offsetof(struct O, shares_from), "FILE",
	    "the keyholders' shares, instead of standard input" },
	{ "operator", OPS_CLI_VALUES, offsetof(struct O, operators), "NAME",
	    "who is there, for the transcript; may be repeated" },
	{ .name = NULL },
};

struct list {
	struct ca_ceremony *c;
	json_t *revoked; /* of {serial, reason, at} */
	uint64_t number;
	struct buf der;
};

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

/* What the last list said; it stays revoked. */
static int
load_last(struct list *l)
{
	const struct ca_transcript *t = l->c->t;
	const json_t *line, *p = NULL;
	json_int_t last = 0;
	size_t i;

	for (i = 0; i < ca_transcript_count(t); i++) {
		line = ca_transcript_line(t, i);
		if (strcmp(text_of(line, "event"), CA_TRANSCRIPT_CRL) == 0)
			p = json_object_get(line, "parameters");
	}
	last = json_integer_value(json_object_get(p, "number"));
	l->revoked = p == NULL ? json_array()
			       : json_deep_copy(json_object_get(p, "revoked"));
	/* Identity.md section 8: above the last one, whatever the clock. */
	l->number = (uint64_t)l->c->now_ms;
	if (last >= 0 && (uint64_t)last >= l->number)
		l->number = (uint64_t)last + 1;
	return l->revoked != NULL ? 0 : ERR_SYS_NOMEM;
}

static bool
is_signed(const struct ca_transcript *t, const char *serial)
{
	const json_t *line;
	size_t i;

	for (i = 0; i < ca_transcript_count(t); i++) {
		line = ca_transcript_line(t, i);
		if (strcmp(text_of(line, "event"), CA_TRANSCRIPT_SIGNED) == 0 &&
		    strcmp(
			text_of(json_object_get(line, "parameters"), "serial"),
			serial) == 0)
			return true;
	}
	return false;
}

static bool
is_revoked(const struct list *l, const char *serial)
{
	size_t i;

	for (i = 0; i < json_array_size(l->revoked); i++)
		if (strcmp(text_of(json_array_get(l->revoked, i), "serial"),
			serial) == 0)
			return true;
	return false;
}

/* "SERIAL" or "SERIAL:REASON". */
static int
revoke(struct list *l, const char *text, struct fault *f)
{
	size_t n = strcspn(text, ":");
	char serial[2 * PKI_CRL_SERIAL_MAX + 1], at[WIRE_TIME_TEXT_MAX];
	uint64_t reason = 0;
	json_t *o;

	if (n >= sizeof(serial) ||
	    (text[n] == ':' && (base_str_u64(text + n + 1, strlen(text + n + 1),
				    &reason) != 0 ||
				   reason > REASON_MAX)))
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--revoke %.60s: not SERIAL or SERIAL:N with a reason N "
		    "from 0 to %d",
		    text, REASON_MAX);
	memcpy(serial, text, n);
	serial[n] = '\0';
	if (!is_signed(l->c->t, serial))
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "--revoke %s: refused: nothing of this serial was signed "
		    "in this ceremony",
		    serial);
	if (is_revoked(l, serial))
		return 0;
	if (json_array_size(l->revoked) == ENTRIES_MAX)
		return base_fault_set(
		    f, ERR_SYS_LIMIT, "more than %d entries", ENTRIES_MAX);
	wire_time_format(l->c->now_ms, at);
	o = json_pack("{s:s, s:I, s:s}", "serial", serial, "reason",
	    (json_int_t)reason, "at", at);
	return o != NULL && json_array_append_new(l->revoked, o) == 0
		   ? 0
		   : ERR_SYS_NOMEM;
}

/* One entry of the list, appended in DER. */
static int
put_entry(const json_t *o, struct buf *out)
{
	const char *serial = text_of(o, "serial"), *at = text_of(o, "at");
	uint8_t raw[PKI_CRL_SERIAL_MAX], der[PKI_CRL_ENTRY_MAX];
	struct pki_crl_entry e = { .reason = (unsigned)json_integer_value(
				       json_object_get(o, "reason")) };
	size_t len;
	int rc;

	e.serial.data = raw;
	if ((rc = wire_hex_decode(serial, strlen(serial), raw, sizeof(raw),
		 &e.serial.len)) != 0 ||
	    (rc = wire_time_parse(at, strlen(at), &e.revoked_ms)) != 0 ||
	    (rc = pki_crl_entry(&e, der, &len)) != 0)
		return rc;
	return base_buf_append(out, der, len);
}

static int
make(struct list *l, struct fault *f)
{
	struct ca_mint_crl m = { .root = l->c->cert,
		.key = l->c->key,
		.now_ms = l->c->now_ms,
		.number = l->number };
	struct buf entries;
	size_t i;
	int rc = 0;

	base_buf_init(&entries, CA_MINT_CRL_MAX);
	for (i = 0; i < json_array_size(l->revoked) && rc == 0; i++)
		rc = put_entry(json_array_get(l->revoked, i), &entries);
	m.entries = (struct pki_bytes){ entries.data, entries.len };
	if (rc == 0)
		rc = ca_mint_crl(&m, &l->der);
	base_buf_free(&entries);
	return rc == 0 ? 0
		       : base_fault_set(f, rc, "crl: %s", base_err_text(rc));
}

static int
deliver(struct list *l, struct fault *f)
{
	struct pki_bytes data = { l->der.data, l->der.len };
	int rc;

	rc = ca_ceremony_note(l->c->outputs, CA_CEREMONY_CRL, data);
	if (rc == 0)
		rc = ca_ceremony_record(l->c, CA_TRANSCRIPT_CRL,
		    json_pack("{s:I, s:O}", "number", (json_int_t)l->number,
			"revoked", l->revoked),
		    f);
	if (rc == 0)
		rc = ca_ceremony_save(l->c, CA_CEREMONY_CRL, data, 0644, f);
	return rc;
}

static int
print(const struct ops_cli *cli, const struct list *l)
{
	char next[WIRE_TIME_TEXT_MAX], *text;
	json_t *o;

	wire_time_format(l->c->now_ms + CA_MINT_CRL_VALID_MS, next);
	if (!cli->json) {
		ops_cli_success("crl issuer=root entries=%zu number=%" PRIu64
				" next_update=%s",
		    json_array_size(l->revoked), l->number, next);
		return OPS_EXIT_OK;
	}
	o = json_pack("{s:s, s:I, s:I, s:s}", "issuer", "root", "entries",
	    (json_int_t)json_array_size(l->revoked), "number",
	    (json_int_t)l->number, "next_update", next);
	text = wire_json_dump(o, NULL);
	json_decref(o);
	(void)printf("%s\n", text != NULL ? text : "");
	free(text);
	return OPS_EXIT_OK;
}

int
ca_ceremony_crl(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_ceremony_opts *o = opts;
	struct ca_ceremony c;
	struct list l = { .c = &c };
	struct fault f = { 0 };
	size_t i;
	int rc, code;

	(void)args;
	(void)n;
	if (cli->root[0] == '\0') {
		ops_cli_error("--root DIR is needed");
		return OPS_EXIT_USAGE;
	}
	base_buf_init(&l.der, CA_CEREMONY_FILE_MAX);
	if ((rc = ca_ceremony_begin(&c, o, cli->root, &f)) == 0 &&
	    (rc = ca_ceremony_open(&c, NULL, &f)) == 0)
		rc = load_last(&l);
	for (i = 0; i < o->revoke.n && rc == 0; i++)
		rc = revoke(&l, o->revoke.v[i], &f);
	if (rc == 0 && (rc = ca_ceremony_unlock(&c, &f)) == 0 &&
	    (rc = make(&l, &f)) == 0)
		rc = deliver(&l, &f);
	code = rc == 0 ? print(cli, &l) : ca_ceremony_fail(&f, rc);
	json_decref(l.revoked);
	base_buf_free(&l.der);
	ca_ceremony_end(&c);
	return code;
}

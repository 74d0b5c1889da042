/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/rng.h"
#include "pki/cert.h"
#include "pki/chain.h"
#include "pki/constraints.h"
#include "pki/csr.h"
#include "pki/pubkey.h"
#include "pki/roots.h"
#include "pki/signer.h"
#include "store/file.h"
#include "trustchain/ca_ceremony_internal.h"
#include "trustchain/ca_mint.h"
#include "trustchain/ca_root_name.h"
#include "trustchain/ca_transcript.h"
#include "wire/hex.h"
#include "wire/json.h"

#define STATUS_URL "http://trust.hypermesh.online"
#define NAME_MAX_LEN 64
#define URL_MAX 512

#define O ca_ceremony_opts
const struct ops_cli_option ca_ceremony_sign_options[] = {
	CA_CEREMONY_ROOT_OPTION,
	{ "csr", OPS_CLI_VALUE, offsetof(struct O, csr), "FILE",
	    "the intermediate's request (`trustchain-ca csr')" },
	{ "days", OPS_CLI_VALUE, offsetof(struct O, days), "N",
	    "validity, 1 to 1095 (1095)" },
	{ "name-constraints", OPS_CLI_VALUE, offsetof(struct O, constraints),
	    "FILE", "names it may certify: lines `dns SUFFIX', `ipv6 PREFIX'" },
	{ "status-url", OPS_CLI_VALUE, offsetof(struct O, status_url), "URL",
	    "where the root's certificate and CRL will be (" STATUS_URL ")" },
	{ "shares-from", OPS_CLI_VALUE, offsetof(struct O, shares_from), "FILE",
	    "the keyholders' shares, instead of standard input" },
	{ "operator", OPS_CLI_VALUES, offsetof(struct O, operators), "NAME",
	    "who is there, for the transcript; may be repeated" },
	{ .name = NULL },
};

/* One intermediate on its way. */
struct work {
	struct ca_ceremony *c;
	struct ca_mint mint;
	struct pki_csr *csr;
	struct pki_constraints *permitted;
	struct pki_cert *cert;
	char name[NAME_MAX_LEN], serial[64];
	char aia[URL_MAX], cdp[URL_MAX];
};

static int
load_input(struct ca_ceremony *c, const char *path, struct pki_bytes *ret,
    struct fault *f)
{
	uint8_t *data;
	int rc;

	rc = store_file_load(path, CA_CEREMONY_FILE_MAX, &data, &ret->len);
	if (rc != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "%.200s: %s", path, base_err_text(rc));
	ret->data = data;
	return ca_ceremony_note(c->inputs, path, *ret);
}

static int
refuse(struct fault *f, const char *path, const char *why)
{
	return base_fault_set(
	    f, ERR_STATE_REFUSED, "%.150s: refused: %s", path, why);
}

/* The key's kind is that of the root's hierarchy. */
static int
check_key(const struct work *w, struct fault *f)
{
	struct pki_bytes root = pki_cert_spki(w->c->cert);
	struct pki_bytes spki = pki_csr_spki(w->csr);
	bool pq = (pki_signer_allows(root, PKI_KEY_ANY) & PKI_KEY_MLDSA) != 0;
	const char *why = "";

	if (pki_pubkey_check(spki,
		pq ? PKI_KEY_MLDSA65 | PKI_KEY_MLDSA87
		   : PKI_KEY_P256 | PKI_KEY_P384,
		NULL, &why) != 0)
		return refuse(f, w->c->o->csr,
		    pq ? "the key of an intermediate below this root is "
			 "ML-DSA-65 or ML-DSA-87"
		       : "the key of an intermediate below this root is P-256 "
			 "or P-384");
	if (pki_bytes_equal(spki, root))
		return refuse(f, w->c->o->csr, "it is the root's own key");
	return 0;
}

static int
load_csr(struct work *w, struct fault *f)
{
	const char *path = w->c->o->csr;
	struct pki_bytes text;
	int pathlen, rc;
	bool ca;

	if ((rc = load_input(w->c, path, &text, f)) != 0)
		return rc;
	rc = pki_csr_parse_any(text, &w->csr);
	free((void *)(uintptr_t)text.data);
	if (rc == ERR_PEER_SIGNATURE)
		return refuse(f, path, "its signature does not verify");
	if (rc != 0)
		return refuse(f, path, base_err_text(rc));
	rc = pki_csr_basic(w->csr, &ca, &pathlen);
	if (rc == 0 && !ca)
		return refuse(f, path, "it asks for no CA certificate");
	if (rc == 0 && pathlen != 0)
		return refuse(
		    f, path, "it asks for another path length than 0");
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return refuse(f, path, base_err_text(rc));
	return check_key(w, f);
}

static int
load_constraints(struct work *w, struct fault *f)
{
	const char *path = w->c->o->constraints;
	struct pki_bytes text;
	size_t line;
	int rc;

	if (path == NULL)
		return 0;
	if ((rc = load_input(w->c, path, &text, f)) != 0)
		return rc;
	w->permitted = malloc(sizeof(*w->permitted));
	rc = w->permitted == NULL
		 ? ERR_SYS_NOMEM
		 : pki_constraints_parse(
		       (const char *)text.data, text.len, w->permitted, &line);
	free((void *)(uintptr_t)text.data);
	if (rc == ERR_STATE_NOT_FOUND)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%.150s: permits nothing; fix: lines `dns SUFFIX' or "
		    "`ipv6 ADDRESS/LENGTH'",
		    path);
	if (rc != 0 && base_err_class(rc) == ERR_CLASS_PEER)
		return base_fault_set(f, ERR_STATE_CONFIG, "%.150s:%zu: %s",
		    path, line, base_err_text(rc));
	w->mint.permitted = w->permitted;
	return rc;
}

static int
parse_days(struct work *w, struct fault *f)
{
	const char *text = w->c->o->days;
	uint64_t days = CA_MINT_DAYS_MAX;

	if (text != NULL &&
	    (base_str_u64(text, strlen(text), &days) != 0 || days == 0))
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--days is a number from 1 to %d", CA_MINT_DAYS_MAX);
	if (days > CA_MINT_DAYS_MAX)
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "--days %" PRIu64 ": refused: at most %d", days,
		    CA_MINT_DAYS_MAX);
	w->mint.days = (int64_t)days;
	return 0;
}

/* Its number: one more than were signed here before. */
static unsigned
next_number(const struct ca_transcript *t)
{
	unsigned n = 1;
	size_t i;

	for (i = 0; i < ca_transcript_count(t); i++)
		if (strcmp(json_string_value(json_object_get(
			       ca_transcript_line(t, i), "event")),
			CA_TRANSCRIPT_SIGNED) == 0)
			n++;
	return n;
}

/* What we made verifies as anybody would. */
static int
self_check(const struct work *w)
{
	const struct pki_cert *chain[1] = { w->cert };
	struct pki_roots *roots;
	int rc;

	if ((rc = pki_roots_new(&roots)) != 0)
		return rc;
	rc = pki_roots_add(roots, pki_cert_der(w->c->cert));
	if (rc == 0)
		rc = pki_chain_verify(roots, chain, 1, w->c->now_ms, NULL);
	pki_roots_free(roots);
	return rc;
}

static int
mint(struct work *w, struct fault *f)
{
	const char *url = w->c->o->status_url, *root;
	struct ca_mint *m = &w->mint;
	struct pki_bytes serial;
	int rc;

	if (url == NULL)
		url = STATUS_URL;
	root = ca_root_name_of(w->c->cert);
	if (base_str_format(w->aia, URL_MAX, "%s/aia/%s.cer", url, root) != 0 ||
	    base_str_format(w->cdp, URL_MAX, "%s/crl/%s.crl", url, root) != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "--status-url is too long");
	m->kind = CA_MINT_INTERMEDIATE;
	m->number = next_number(w->c->t);
	m->spki = pki_csr_spki(w->csr);
	m->signer = w->c->key;
	m->issuer = w->c->cert;
	m->now_ms = w->c->now_ms;
	m->aia_url = w->aia;
	m->cdp_url = w->cdp;
	if ((rc = ca_mint(m, crypto_rng_system(), &w->cert)) != 0 ||
	    (rc = self_check(w)) != 0)
		return base_fault_set(
		    f, rc, "intermediate: %s", base_err_text(rc));
	serial = pki_cert_serial(w->cert);
	wire_hex_encode(serial.data, serial.len, w->serial);
	return base_str_format(
	    w->name, sizeof(w->name), "intermediate-ca-%u.crt", m->number);
}

/* Recorded before it is there to be used. */
static int
deliver(struct work *w, struct fault *f)
{
	struct pki_bytes data;
	struct buf pem;
	int rc;

	base_buf_init(&pem, CA_CEREMONY_FILE_MAX);
	rc = ca_ceremony_pem(w->cert, &pem);
	data = (struct pki_bytes){ pem.data, pem.len };
	if (rc == 0)
		rc = ca_ceremony_note(w->c->outputs, w->name, data);
	if (rc == 0)
		rc = ca_ceremony_record(w->c, CA_TRANSCRIPT_SIGNED,
		    json_pack("{s:s, s:I, s:s, s:s, s:b}", "serial", w->serial,
			"days", (json_int_t)w->mint.days, "aia", w->aia, "cdp",
			w->cdp, "constrained", w->permitted != NULL),
		    f);
	if (rc == 0)
		rc = ca_ceremony_save(w->c, w->name, data, 0644, f);
	base_buf_free(&pem);
	return rc;
}

static int
print(const struct ops_cli *cli, const struct work *w)
{
	json_t *o;
	char *text;

	if (!cli->json) {
		ops_cli_success(
		    "signed %s/%s serial=%s", w->c->dir, w->name, w->serial);
		return OPS_EXIT_OK;
	}
	o = json_pack("{s:s+++, s:s}", "file", w->c->dir, "/", w->name, "",
	    "serial", w->serial);
	text = wire_json_dump(o, NULL);
	json_decref(o);
	(void)printf("%s\n", text != NULL ? text : "");
	free(text);
	return OPS_EXIT_OK;
}

int
ca_ceremony_sign(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_ceremony_opts *o = opts;
	struct ca_ceremony c;
	struct work w = { .c = &c };
	struct fault f = { 0 };
	int rc, code;

	(void)args;
	(void)n;
	if (cli->root[0] == '\0' || o->csr == NULL) {
		ops_cli_error("--root DIR and --csr FILE are needed");
		return OPS_EXIT_USAGE;
	}
	/* All that can be refused is, before keyholders give their shares. */
	if ((rc = ca_ceremony_begin(&c, o, cli->root, &f)) == 0 &&
	    (rc = ca_ceremony_open(&c, NULL, &f)) == 0 &&
	    (rc = parse_days(&w, &f)) == 0 && (rc = load_csr(&w, &f)) == 0 &&
	    (rc = load_constraints(&w, &f)) == 0 &&
	    (rc = ca_ceremony_unlock(&c, &f)) == 0 && (rc = mint(&w, &f)) == 0)
		rc = deliver(&w, &f);
	code = rc == 0 ? print(cli, &w) : ca_ceremony_fail(&f, rc);
	pki_csr_free(w.csr);
	pki_cert_free(w.cert);
	free(w.permitted);
	ca_ceremony_end(&c);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_lint.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "pki/cert.h"
#include "pki/ct.h"
#include "pki/lint.h"
#include "pki/name.h"
#include "pki/pubkey.h"
#include "pki/tlv.h"
#include "store/file.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_lint_internal.h"
#include "trustchain/trustchain_clock.h"
#include "wire/hex.h"
#include "wire/json.h"
#include "wire/pem.h"

/* What is not about leaves only; L14 when the issuer is known. */
#define CA_LINTS                                                               \
	(PKI_LINT_BIT(1) | PKI_LINT_BIT(2) | PKI_LINT_BIT(11) |                \
	    PKI_LINT_BIT(13) | PKI_LINT_BIT(14) | PKI_LINT_BIT(15) |           \
	    PKI_LINT_BIT(19) | PKI_LINT_BIT(20))

const struct ops_cli_option ca_lint_options[] = {
	{ "profile", OPS_CLI_VALUE, offsetof(struct ca_lint_opts, profile),
	    "PROFILE", "instead of the one that fits best" },
	{ .name = NULL },
};

static int
add(struct ca_lint *l, const uint8_t *der, size_t len)
{
	struct ca_lint_cert *c = &l->cert[l->n];
	struct pki_bytes in;
	struct pki_tlv seq, tbs, alg;
	uint8_t *copy;
	int rc;

	if (l->n == CA_LINT_CERTS_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((copy = base_arena_dup(l->arena, der, len)) == NULL)
		return ERR_SYS_NOMEM;
	in = (struct pki_bytes){ copy, len };
	if (pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &tbs) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &alg) != 0)
		return ERR_PEER_MALFORMED;
	c->tbs = tbs.der;
	c->algorithm = alg.der;
	rc = pki_cert_parse((struct pki_bytes){ copy, len }, &c->cert);
	if (rc != 0 && base_err_class(rc) == ERR_CLASS_SYS)
		return rc;
	l->n++;
	return 0;
}

static int
read_file(struct ca_lint *l, const char *path, struct fault *f)
{
	uint8_t *text = NULL;
	struct buf der;
	size_t len, pos = 0;
	int rc;

	if ((rc = store_file_load(path, CA_LINT_FILE_MAX, &text, &len)) != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "%.200s: %s", path, base_err_text(rc));
	if (len > 0 && text[0] == PKI_TAG_SEQUENCE) {
		rc = add(l, text, len);
	} else {
		for (;;) {
			base_buf_init(&der, PKI_CERT_DER_MAX);
			rc = wire_pem_next(
			    (const char *)text, len, &pos, "CERTIFICATE", &der);
			if (rc == 0)
				rc = add(l, der.data, der.len);
			base_buf_free(&der);
			if (rc != 0)
				break;
		}
		if (rc == ERR_STATE_NOT_FOUND && l->n > 0)
			rc = 0;
	}
	free(text);
	return rc == 0 ? 0
		       : base_fault_set(f, ERR_STATE_USAGE,
			     "%.180s: holds no certificate: %s", path,
			     base_err_text(rc));
}

/* The Name of the issuer, in a body that need not be a good one. */
static bool
issuer_name(struct pki_bytes tbs, struct pki_bytes *ret)
{
	struct pki_tlv seq, t;

	if (pki_tlv_expect(&tbs, PKI_TAG_SEQUENCE, &seq) != 0)
		return false;
	(void)pki_tlv_optional(&seq.val, PKI_TAG_CONTEXT_C | 0, &t);
	if (pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &t) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &t) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &t) != 0)
		return false;
	*ret = t.der;
	return true;
}

/* Whether ${ca} may be what the body names: better if it signed it, too. */
static unsigned
fits(const struct ca_lint_cert *c, struct pki_bytes name,
    const struct pki_cert *ca)
{
	if (ca == NULL || !pki_bytes_equal(pki_cert_subject(ca), name))
		return 0;
	return c->cert != NULL && pki_cert_verify(c->cert, ca) == 0 ? 2 : 1;
}

/*
 * Its issuer: of the configuration, a root of it, or in the file.  Two may
 * have one name.
 */
static void
find_issuer(const struct ca_lint *l, struct ca_lint_cert *c)
{
	const struct ca_authority_issuer *is = l->authority->issuer;
	unsigned best = 0, n;
	struct pki_bytes name;
	size_t i;

	if (!issuer_name(c->tbs, &name))
		return;
	for (i = 0; i < l->authority->n_issuers; i++) {
		if ((n = fits(c, name, is[i].cert)) > best) {
			best = n;
			c->issuer = is[i].cert;
			c->configured = &is[i];
		}
		if ((n = fits(c, name, is[i].root)) > best) {
			best = n;
			c->issuer = is[i].root;
			c->configured = NULL;
		}
	}
	for (i = 0; i < l->n; i++)
		if ((n = fits(c, name, l->cert[i].cert)) > best) {
			best = n;
			c->issuer = l->cert[i].cert;
			c->configured = NULL;
		}
}

/* Identity.md section 8: by the serial's SHA-256. */
static uint32_t
crl_shard(const struct ca_lint_cert *c, uint32_t shards)
{
	uint8_t hash[32];

	if (c->cert == NULL || shards == 0 ||
	    pki_pubkey_sha256(pki_cert_serial(c->cert), hash) != 0)
		return 0;
	return ((uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
		   (uint32_t)hash[2] << 8 | hash[3]) %
	       shards;
}

static int
lint_as(const struct ca_lint *l, const struct ca_lint_cert *c,
    const struct pki_profile *profile, uint32_t *ret)
{
	struct pki_lint_input in = { .tbs = c->tbs,
		.profile = profile,
		.outer_algorithm = c->algorithm,
		.status_url = l->conf->server.status_url,
		.issuer_id = "",
		.cert = c->cert };
	const struct ca_authority_issuer *is = c->configured;
	struct pki_name_policy names;

	ca_authority_names(l->authority, profile, &names);
	in.names = &names;
	in.issuer = c->issuer;
	if (in.issuer == NULL)
		return ERR_STATE_NOT_FOUND;
	if (is != NULL) {
		in.issuer_id = is->id;
		in.crl_shard = crl_shard(c, is->crl_shards);
	}
	return pki_lint_tbs(&in, ret);
}

static unsigned
count(uint32_t hits)
{
	unsigned n = 0;

	for (; hits != 0; hits &= hits - 1)
		n++;
	return n;
}

/* By the profile that was named, or the one with the fewest findings. */
static int
lint_leaf(const struct ca_lint *l, struct ca_lint_cert *c)
{
	const struct ca_authority *a = l->authority;
	uint32_t hits;
	size_t i;
	int rc;

	c->hits = UINT32_MAX;
	for (i = 0; i < a->n_profiles; i++) {
		if (l->profile != NULL && l->profile != &a->profile[i])
			continue;
		if ((rc = lint_as(l, c, &a->profile[i], &hits)) != 0)
			return rc;
		if (count(hits) < count(c->hits)) {
			c->hits = hits;
			c->profile = a->profile[i].name;
		}
	}
	return ca_lint_logged(l, c);
}

static int
lint_ca(const struct ca_lint *l, struct ca_lint_cert *c)
{
	int rc;

	rc = lint_as(l, c, &l->authority->profile[0], &c->hits);
	c->hits &= CA_LINTS;
	c->profile = "CA";
	return rc;
}

static int
lint_all(struct ca_lint *l, struct fault *f)
{
	struct ca_lint_cert *c;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++) {
		c = &l->cert[i];
		find_issuer(l, c);
		rc = c->cert != NULL && pki_cert_is_ca(c->cert, NULL)
			 ? lint_ca(l, c)
			 : lint_leaf(l, c);
		if (rc == ERR_STATE_NOT_FOUND)
			return base_fault_set(f, rc,
			    "certificate %zu: its issuer is neither in the "
			    "configuration nor in the file; fix: add the "
			    "issuer's certificate to the file",
			    i + 1);
		if (rc != 0)
			return base_fault_set(f, rc, "%s", base_err_text(rc));
	}
	return 0;
}

static void
print_text(const struct ca_lint *l)
{
	const struct ca_lint_cert *c;
	unsigned n, found = 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		c = &l->cert[i];
		if (l->n > 1 && c->hits != 0)
			ops_cli_info(
			    "certificate %zu (%s):", i + 1, c->profile);
		if (c->unlogged)
			ops_cli_warn("certificate %zu: L18 not looked at: no "
				     "log list is stored",
			    i + 1);
		for (n = 1; n <= PKI_LINT_COUNT; n++)
			if ((c->hits & PKI_LINT_BIT(n)) != 0) {
				(void)printf("L%02u %s\n", n, pki_lint_text(n));
				found++;
			}
	}
	if (found == 0)
		ops_cli_success("no findings");
}

static void
print_json(const struct ca_lint *l)
{
	json_t *all = json_array(), *o;
	char id[8], *text;
	unsigned n;
	size_t i;

	for (i = 0; i < l->n; i++)
		for (n = 1; n <= PKI_LINT_COUNT; n++)
			if ((l->cert[i].hits & PKI_LINT_BIT(n)) != 0) {
				(void)snprintf(id, sizeof(id), "L%02u", n);
				(void)json_array_append_new(all,
				    json_pack("{s:I, s:s, s:s, s:s}",
					"certificate", (json_int_t)i + 1,
					"profile", l->cert[i].profile, "id", id,
					"text", pki_lint_text(n)));
			}
	o = json_pack(
	    "{s:I, s:o}", "certificates", (json_int_t)l->n, "findings", all);
	text = wire_json_dump(o, NULL);
	(void)printf("%s\n", text != NULL ? text : "");
	free(text);
	json_decref(o);
}

static int
load(struct ca_lint *l, const struct ops_cli *cli, const struct ca_lint_opts *o,
    struct fault *f)
{
	int64_t now = base_clock_now_ms(trustchain_clock_system());
	int rc;

	if ((l->arena = base_arena_new(CA_LINT_FILE_MAX)) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = ca_config_load(cli->config, cli->root, &l->conf, f);
	if (rc == 0)
		rc = ca_authority_load(l->conf, now, &l->authority, f);
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_STATE_CONFIG : rc;
	if (o->profile != NULL && (l->profile = ca_authority_profile(
				       l->authority, o->profile)) == NULL)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--profile %.40s: no such profile", o->profile);
	return 0;
}

int
ca_lint_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct fault f = { 0 };
	struct ca_lint *l;
	uint32_t hits = 0;
	size_t i;
	int rc;

	(void)n;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return OPS_EXIT_FAILED;
	if ((rc = load(l, cli, opts, &f)) == 0 &&
	    (rc = read_file(l, args[0], &f)) == 0)
		rc = lint_all(l, &f);
	if (rc != 0)
		ops_cli_error("%s", f.msg);
	else if (cli->json)
		print_json(l);
	else
		print_text(l);
	for (i = 0; i < l->n; i++) {
		hits |= l->cert[i].hits;
		pki_cert_free(l->cert[i].cert);
	}
	ca_authority_free(l->authority);
	ca_config_free(l->conf);
	base_arena_free(l->arena);
	free(l);
	if (rc != 0)
		return ops_cli_exit_of(rc);
	return hits == 0 ? OPS_EXIT_OK : OPS_EXIT_FAILED;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "crypto/shamir.h"
#include "keys/file.h"
#include "ops/daemon.h"
#include "pki/cert.h"
#include "trustchain/ca_ceremony_internal.h"
#include "trustchain/ca_mint.h"
#include "trustchain/ca_share.h"
#include "trustchain/ca_transcript.h"
#include "wire/json.h"

#define O ca_ceremony_opts
const struct ops_cli_option ca_ceremony_root_options[] = {
	{ "out", OPS_CLI_VALUE, offsetof(struct O, out), "DIR",
	    "folder of the ceremony, made if missing" },
	{ "alg", OPS_CLI_VALUE, offsetof(struct O, alg), "ALG",
	    "p384 (the default) or mldsa87" },
	{ "shares", OPS_CLI_VALUE, offsetof(struct O, shares), "K/N",
	    "split the passphrase: any K of N shares open the key" },
	{ "operator", OPS_CLI_VALUES, offsetof(struct O, operators), "NAME",
	    "who is there, for the transcript; may be repeated" },
	{ .name = NULL },
};

/* The passphrase and what becomes of it. */
struct secret {
	unsigned k, n; /* 0: a pass file */
	uint8_t pass[CRYPTO_SHAMIR_LEN];
	struct crypto_shamir_share share[CRYPTO_SHAMIR_MAX];
};

static int
parse_shares(const char *text, struct secret *s, struct fault *f)
{
	const char *slash = text == NULL ? NULL : strchr(text, '/');
	uint64_t k = 0, n = 0;

	if (text == NULL)
		return 0;
	if (slash == NULL ||
	    base_str_u64(text, (size_t)(slash - text), &k) != 0 ||
	    base_str_u64(slash + 1, strlen(slash + 1), &n) != 0 || k < 2 ||
	    k > n || n > CRYPTO_SHAMIR_MAX)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--shares K/N: 2 <= K <= N <= %d", CRYPTO_SHAMIR_MAX);
	s->k = (unsigned)k;
	s->n = (unsigned)n;
	return 0;
}

/* Encrypt under the random octets and split them; open it again by shares. */
static int
seal_by_shares(struct ca_ceremony *c, struct secret *s, struct buf *pem)
{
	const struct rng *rng = crypto_rng_system();
	const struct crypto_pass pass = { s->pass, sizeof(s->pass) };
	struct crypto_pkey *again = NULL;
	uint8_t joined[CRYPTO_SHAMIR_LEN];
	int rc;

	if ((rc = base_rng_fill(rng, s->pass, sizeof(s->pass))) != 0 ||
	    (rc = crypto_shamir_split(s->pass, s->k, s->n, rng, s->share)) !=
		0 ||
	    (rc = crypto_pkcs8_encrypt(c->key, pass, rng, pem)) != 0 ||
	    (rc = crypto_shamir_join(&s->share[s->n - s->k], s->k, joined)) !=
		0)
		return rc;
	rc = crypto_pkcs8_decrypt(pem->data, pem->len,
	    (struct crypto_pass){ joined, sizeof(joined) }, &again);
	if (rc == 0 && !crypto_pkey_equal(again, c->key))
		rc = ERR_SYS_CRYPTO;
	crypto_pkey_free(again);
	base_wipe(joined, sizeof(joined));
	return rc;
}

static int
seal_by_file(struct ca_ceremony *c, struct buf *pem, struct fault *f)
{
	char path[CA_CEREMONY_PATH_MAX];
	struct buf pass;
	int rc;

	if ((rc = ca_ceremony_path(c, CA_CEREMONY_PASS, path, f)) != 0 ||
	    (rc = keys_file_pass_ensure(
		 c->disk, path, crypto_rng_system(), f)) != 0)
		return rc;
	base_buf_init(&pass, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(path, &pass, f);
	if (rc == 0)
		rc = crypto_pkcs8_encrypt(c->key,
		    (struct crypto_pass){ pass.data, pass.len },
		    crypto_rng_system(), pem);
	base_buf_free(&pass);
	return rc;
}

static int
make_key(struct ca_ceremony *c, struct secret *s, struct fault *f)
{
	bool pq = c->o->alg != NULL && strcmp(c->o->alg, "mldsa87") == 0;
	struct pki_bytes data;
	struct buf pem;
	int rc;

	rc = crypto_pkey_generate(
	    pq ? CRYPTO_KEY_MLDSA87 : CRYPTO_KEY_P384, &c->key);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "cannot make a key: %s", base_err_text(rc));
	base_buf_init(&pem, CRYPTO_PKCS8_FILE_MAX);
	rc = s->k > 0 ? seal_by_shares(c, s, &pem) : seal_by_file(c, &pem, f);
	data = (struct pki_bytes){ pem.data, pem.len };
	if (rc == 0)
		rc = ca_ceremony_note(c->outputs, CA_CEREMONY_KEY, data);
	if (rc == 0)
		rc = ca_ceremony_save(c, CA_CEREMONY_KEY, data, 0600, f);
	base_buf_free(&pem);
	return rc;
}

/* The certificate, recorded before it can leave. */
static int
make_cert(struct ca_ceremony *c, struct fault *f)
{
	struct ca_mint m = { .kind = CA_MINT_ROOT,
		.key = c->key,
		.signer = c->key,
		.now_ms = c->now_ms };
	struct pki_bytes data;
	struct buf pem;
	int rc;

	if ((rc = ca_mint(&m, crypto_rng_system(), &c->cert)) != 0)
		return base_fault_set(f, rc, "root: %s", base_err_text(rc));
	base_buf_init(&pem, CA_CEREMONY_FILE_MAX);
	rc = ca_ceremony_pem(c->cert, &pem);
	data = (struct pki_bytes){ pem.data, pem.len };
	if (rc == 0)
		rc = ca_ceremony_note(c->outputs, CA_CEREMONY_CERT, data);
	if (rc == 0)
		rc = ca_ceremony_record(c, CA_TRANSCRIPT_ROOT,
		    json_pack("{s:s, s:s*}", "alg",
			c->o->alg != NULL ? c->o->alg : "p384", "shares",
			c->o->shares),
		    f);
	if (rc == 0)
		rc = ca_ceremony_save(c, CA_CEREMONY_CERT, data, 0644, f);
	base_buf_free(&pem);
	return rc;
}

/* Nothing of an earlier ceremony is in the folder. */
static int
check_fresh(struct ca_ceremony *c, struct fault *f)
{
	static const char *const names[] = { CA_CEREMONY_KEY, CA_CEREMONY_CERT,
		CA_CEREMONY_TRANSCRIPT };
	char path[CA_CEREMONY_PATH_MAX];
	size_t i;
	int rc;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((rc = ca_ceremony_path(c, names[i], path, f)) != 0)
			return rc;
		if (access(path, F_OK) == 0)
			return base_fault_set(f, ERR_STATE_EXISTS,
			    "%.150s exists already; fix: give another --out",
			    path);
	}
	return 0;
}

static int
print(const struct ops_cli *cli, const struct ca_ceremony *c,
    const struct secret *s)
{
	char digest[CA_CEREMONY_DIGEST_MAX], text[CA_SHARE_TEXT_LEN + 1];
	json_t *o, *a;
	unsigned i;
	char *out;

	ca_ceremony_digest_text(pki_cert_der(c->cert), digest);
	if (cli->json) {
		a = json_array();
		for (i = 0; i < s->n; i++) {
			ca_share_format(&s->share[i], text);
			(void)json_array_append_new(a, json_string(text));
		}
		o = json_pack("{s:s, s:o}", "root", digest, "shares", a);
		out = wire_json_dump(o, NULL);
		json_decref(o);
		(void)printf("%s\n", out != NULL ? out : "");
		base_wipe_free(out, out != NULL ? strlen(out) : 0);
	} else {
		for (i = 0; i < s->n; i++) {
			ca_share_format(&s->share[i], text);
			(void)printf("share %u/%u: %s\n", i + 1, s->n, text);
		}
		ops_cli_success("root %s", digest);
	}
	base_wipe(text, sizeof(text));
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? OPS_EXIT_OK
							  : OPS_EXIT_FAILED;
}

int
ca_ceremony_root(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_ceremony_opts *o = opts;
	struct secret s = { 0 };
	struct ca_ceremony c;
	struct fault f = { 0 };
	int rc, code;

	(void)args;
	(void)n;
	if (o->out == NULL || (o->alg != NULL && strcmp(o->alg, "p384") != 0 &&
				  strcmp(o->alg, "mldsa87") != 0)) {
		ops_cli_error(o->out == NULL ? "--out DIR is needed"
					     : "--alg is p384 or mldsa87");
		return OPS_EXIT_USAGE;
	}
	if ((rc = parse_shares(o->shares, &s, &f)) != 0 ||
	    (rc = ops_daemon_mkdirs(o->out, 0700, &f)) != 0)
		return ca_ceremony_fail(&f, rc);
	rc = ca_ceremony_begin(&c, o, o->out, &f);
	if (rc == 0)
		rc = check_fresh(&c, &f);
	if (rc == 0)
		rc = ca_transcript_new(&c.t);
	if (rc == 0)
		rc = make_key(&c, &s, &f);
	if (rc == 0)
		rc = make_cert(&c, &f);
	code = rc == 0 ? print(cli, &c, &s) : ca_ceremony_fail(&f, rc);
	base_wipe(&s, sizeof(s));
	ca_ceremony_end(&c);
	return code;
}

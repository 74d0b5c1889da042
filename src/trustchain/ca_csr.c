/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_csr.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "keys/p11_make.h"
#include "keys/p11_once.h"
#include "keys/p11_uri.h"
#include "pki/csr_make.h"
#include "store/disk.h"
#include "trustchain/ca_config.h"
#include "trustchain/trustchain_config.h"
#include "wire/json.h"
#include "wire/pem.h"

#define O ca_csr_opts
const struct ops_cli_option ca_csr_options[] = {
	{ "key", OPS_CLI_VALUE, offsetof(struct O, key), "URI",
	    "file:PATH or pkcs11:token=T;object=O; made if missing" },
	{ "issuer-id", OPS_CLI_VALUE, offsetof(struct O, issuer_id), "ID",
	    "what ca.toml will call the issuer" },
	{ "alg", OPS_CLI_VALUE, offsetof(struct O, alg), "ALG",
	    "p256 (the default) or mldsa65" },
	{ "pass-file", OPS_CLI_VALUE, offsetof(struct O, pass_file), "FILE",
	    "passphrase or PIN, instead of the issuer's of ca.toml" },
	{ "pkcs11-module", OPS_CLI_VALUE, offsetof(struct O, module), "FILE",
	    "the token's module, instead of the issuer's of ca.toml" },
	{ "out", OPS_CLI_VALUE, offsetof(struct O, out), "FILE",
	    "write the request there" },
	{ .name = NULL },
};

struct request {
	const struct ca_csr_opts *o;
	const char *pass_file, *module;
	int type;
	struct ca_config *conf;
	struct store_disk *disk;
	struct crypto_pkey *key;
	uint8_t info[PKI_CSR_MADE_MAX], der[PKI_CSR_MADE_MAX];
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t info_len, sig_len, der_len;
};

/* What the options leave out is in the configuration, if there is any. */
static int
defaults(struct request *r, const struct ops_cli *cli, struct fault *f)
{
	const struct ca_config_issuer *is;
	int rc;

	r->pass_file = r->o->pass_file;
	r->module = r->o->module;
	if (r->pass_file != NULL)
		return 0;
	rc = ca_config_load(cli->config, cli->root, &r->conf, f);
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND
			   ? base_fault_set(f, ERR_STATE_USAGE,
				 "--pass-file FILE is needed where there is "
				 "no %.150s",
				 cli->config)
			   : rc;
	is = ca_config_issuer(r->conf, r->o->issuer_id);
	if (is == NULL)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--pass-file FILE is needed: %.100s has no issuer %.16s",
		    cli->config, r->o->issuer_id);
	r->pass_file = is->pass_file;
	if (r->module == NULL && is->pkcs11_module[0] != '\0')
		r->module = is->pkcs11_module;
	return 0;
}

static int
open_file(struct request *r, struct fault *f)
{
	const struct keys_file_new n = { r->disk, crypto_rng_system(),
		r->o->key + strlen("file:"), r->pass_file };
	bool made = false;
	int rc;

	if (!base_str_starts(r->o->key, "file:") || n.path[0] == '\0')
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--key is file:PATH or pkcs11:token=T;object=O");
	rc = keys_file_ensure(&n, r->type, &r->key, &made, f);
	if (made)
		ops_cli_warn("made the key %s", n.path);
	return rc;
}

static int
sign_on_token(
    struct request *r, struct pki_bytes *spki, struct buf *der, struct fault *f)
{
	struct keys_p11_new n = { .module = r->module,
		.uri = r->o->key,
		.type = r->type,
		.make = true };
	struct buf pin;
	bool made = false;
	int rc;

	if (n.module == NULL)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "--pkcs11-module FILE is needed");
	base_buf_init(&pin, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(r->pass_file, &pin, f);
	n.pin = pin.data;
	n.pin_len = pin.len;
	if (rc == 0)
		rc = keys_p11_make_ensure(&n, &r->key, &made, f);
	if (made)
		ops_cli_warn("made the key %s", r->o->key);
	if (rc == 0)
		rc = crypto_pkey_spki(r->key, der);
	*spki = (struct pki_bytes){ der->data, der->len };
	if (rc == 0)
		rc = pki_csr_make_info(r->o->issuer_id, *spki, r->info,
		    sizeof(r->info), &r->info_len);
	if (rc == 0)
		rc = keys_p11_once_sign(&n,
		    (struct crypto_bytes){ r->info, r->info_len }, r->sig,
		    &r->sig_len, f);
	base_buf_free(&pin);
	return rc;
}

static int
sign_by_file(
    struct request *r, struct pki_bytes *spki, struct buf *der, struct fault *f)
{
	int rc;

	if ((rc = open_file(r, f)) != 0 ||
	    (rc = crypto_pkey_spki(r->key, der)) != 0)
		return rc;
	*spki = (struct pki_bytes){ der->data, der->len };
	rc = pki_csr_make_info(
	    r->o->issuer_id, *spki, r->info, sizeof(r->info), &r->info_len);
	if (rc == 0)
		rc = crypto_pkey_sign(
		    r->key, r->info, r->info_len, r->sig, &r->sig_len);
	return rc;
}

static int
deliver(struct request *r, const struct ops_cli *cli, struct fault *f)
{
	struct buf pem;
	json_t *o;
	char *text;
	int rc;

	base_buf_init(&pem, 65536);
	rc = wire_pem_encode("CERTIFICATE REQUEST", r->der, r->der_len, &pem);
	if (rc == 0 && r->o->out != NULL) {
		rc = store_disk_replace(
		    r->disk, r->o->out, pem.data, pem.len, 0644, "ca.csr");
		if (rc != 0)
			(void)base_fault_set(
			    f, rc, "%.200s: %s", r->o->out, base_err_text(rc));
		else if (!cli->json)
			ops_cli_success("wrote %s", r->o->out);
	} else if (rc == 0 && !cli->json) {
		(void)fwrite(pem.data, 1, pem.len, stdout);
	}
	if (rc == 0 && cli->json) {
		o = json_pack("{s:s, s:s#}", "issuer", r->o->issuer_id, "csr",
		    (const char *)pem.data, pem.len);
		text = wire_json_dump(o, NULL);
		(void)printf("%s\n", text != NULL ? text : "");
		free(text);
		json_decref(o);
	}
	base_buf_free(&pem);
	return rc;
}

static int
work(struct request *r, const struct ops_cli *cli, struct fault *f)
{
	struct pki_bytes spki = { NULL, 0 };
	struct buf der;
	int rc;

	base_buf_init(&der, CRYPTO_PKEY_DER_MAX);
	if ((rc = defaults(r, cli, f)) == 0 &&
	    (rc = store_disk_new(&r->disk)) == 0)
		rc = base_str_starts(r->o->key, KEYS_P11_SCHEME)
			 ? sign_on_token(r, &spki, &der, f)
			 : sign_by_file(r, &spki, &der, f);
	if (rc == 0)
		rc = pki_csr_make_whole(
		    (struct pki_bytes){ r->info, r->info_len }, spki,
		    (struct pki_bytes){ r->sig, r->sig_len }, r->der,
		    sizeof(r->der), &r->der_len);
	base_buf_free(&der);
	return rc == 0 ? deliver(r, cli, f) : rc;
}

static const char *
usage_error(const struct ca_csr_opts *o)
{
	if (o->key == NULL || o->issuer_id == NULL)
		return "--key URI and --issuer-id ID are needed";
	if (trustchain_config_check_id(o->issuer_id) != NULL ||
	    strlen(o->issuer_id) > 16)
		return "--issuer-id is of a-z, 0-9 and -, at most 16";
	if (o->alg != NULL && strcmp(o->alg, "p256") != 0 &&
	    strcmp(o->alg, "mldsa65") != 0)
		return "--alg is p256 or mldsa65";
	return NULL;
}

int
ca_csr_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_csr_opts *o = opts;
	const char *why = usage_error(o);
	struct fault f = { 0 };
	struct request *r;
	int rc;

	(void)args;
	(void)n;
	if (why != NULL) {
		ops_cli_error("%s", why);
		return OPS_EXIT_USAGE;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return OPS_EXIT_FAILED;
	r->o = o;
	r->type = o->alg != NULL && strcmp(o->alg, "mldsa65") == 0
		      ? CRYPTO_KEY_MLDSA65
		      : CRYPTO_KEY_P256;
	rc = work(r, cli, &f);
	if (rc != 0)
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
	crypto_pkey_free(r->key);
	store_disk_free(r->disk);
	ca_config_free(r->conf);
	free(r);
	return ops_cli_exit_of(rc);
}

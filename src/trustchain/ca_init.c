/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_init.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/rng.h"
#include "crypto/sha2.h"
#include "keys/file.h"
#include "keys/p11_make.h"
#include "ops/daemon.h"
#include "pki/cert.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_mint.h"
#include "trustchain/ca_mint_crl.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_root_name.h"
#include "trustchain/trustchain_clock.h"
#include "wire/hex.h"
#include "wire/pem.h"
#include "wire/time.h"

#define PATH_SIZE 4096

const struct ops_cli_option ca_init_options[] = {
	{ "generate-if-missing", OPS_CLI_FLAG,
	    offsetof(struct ca_init_opts, generate), NULL,
	    "make the keys and certificates that are not there" },
	{ "verify-chain", OPS_CLI_FLAG, offsetof(struct ca_init_opts, verify),
	    NULL, "only check what is there" },
	{ .name = NULL },
};

struct init {
	const struct ca_config *conf;
	struct store_disk *disk;
	int64_t now_ms;
	char root_key[PATH_SIZE], root_pass[PATH_SIZE];
	char aia[PATH_SIZE], cdp[PATH_SIZE]; /* of intermediates */
	struct crypto_pkey *root;	     /* when it was made or opened */
	struct pki_cert *root_cert;
};

/* The folder of ${path}, made if missing. */
static int
make_folder(const char *path, unsigned mode, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_SIZE];

	if (slash == NULL || slash == path)
		return 0;
	(void)snprintf(
	    folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	return ops_daemon_mkdirs(folder, mode, f);
}

static int
load_cert(const char *path, struct pki_cert **ret)
{
	uint8_t *text = NULL;
	struct buf der;
	size_t len, pos = 0;
	int rc;

	if ((rc = store_file_load(path, 1 << 20, &text, &len)) != 0)
		return rc;
	base_buf_init(&der, 65536);
	rc = wire_pem_next((const char *)text, len, &pos, "CERTIFICATE", &der);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	free(text);
	return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_MALFORMED : rc;
}

static int
save_cert(const struct init *in, const char *path, struct pki_bytes der,
    struct fault *f)
{
	struct buf pem;
	int rc;

	base_buf_init(&pem, 65536);
	if ((rc = make_folder(path, 0755, f)) != 0)
		return rc;
	rc = wire_pem_encode("CERTIFICATE", der.data, der.len, &pem);
	if (rc == 0)
		rc = store_disk_replace(
		    in->disk, path, pem.data, pem.len, 0644, "ca.cert");
	base_buf_free(&pem);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%.150s: %s", path, base_err_text(rc));
	ops_cli_info("wrote %s", path);
	return 0;
}

static int
make_key(const struct init *in, const char *path, const char *pass, int type,
    struct crypto_pkey **ret, struct fault *f)
{
	const struct keys_file_new n = { in->disk, crypto_rng_system(), path,
		pass };
	bool made = false;
	int rc;

	if ((rc = make_folder(path, 0700, f)) != 0 ||
	    (rc = make_folder(pass, 0700, f)) != 0 ||
	    (rc = keys_file_ensure(&n, type, ret, &made, f)) != 0)
		return rc;
	if (made)
		ops_cli_info(
		    "wrote %s (encrypted) and its passphrase %s", path, pass);
	return 0;
}

/* The root: its certificate where the configuration says, its key aside. */
static int
ensure_root(struct init *in, struct fault *f)
{
	const char *path = in->conf->server.roots;
	struct ca_mint m = { .kind = CA_MINT_ROOT, .now_ms = in->now_ms };
	struct pki_bytes der;
	int rc;

	rc = load_cert(path, &in->root_cert);
	if (rc != ERR_STATE_NOT_FOUND)
		return rc == 0 ? 0
			       : base_fault_set(f, rc, "%.150s: %s", path,
				     base_err_text(rc));
	rc = make_key(
	    in, in->root_key, in->root_pass, CRYPTO_KEY_P384, &in->root, f);
	if (rc != 0)
		return rc;
	m.key = m.signer = in->root;
	if ((rc = ca_mint(&m, crypto_rng_system(), &in->root_cert)) != 0)
		return base_fault_set(f, rc, "root: %s", base_err_text(rc));
	der = pki_cert_der(in->root_cert);
	if ((rc = save_cert(in, path, der, f)) != 0)
		return rc;
	ops_cli_info("the root's key is only needed to sign intermediates: "
		     "move %s away",
	    in->root_key);
	return 0;
}

/* The root's key, needed for an intermediate that is missing. */
static int
open_root(struct init *in, struct fault *f)
{
	int rc;

	if (in->root != NULL)
		return 0;
	rc = keys_file_open(in->root_key, in->root_pass, &in->root, f);
	if (rc == ERR_STATE_NOT_FOUND)
		return base_fault_set(f, rc,
		    "an intermediate is missing and the root's key is not at "
		    "%.120s; fix: bring it back for this command",
		    in->root_key);
	return rc;
}

/* The issuer's key pair on its token, made there if missing. */
static int
token_key(const struct ca_config_issuer *is, struct crypto_pkey **ret,
    struct fault *f)
{
	struct keys_p11_new n = { .module = is->pkcs11_module,
		.uri = is->key,
		.type = CRYPTO_KEY_P256,
		.make = true };
	bool made = false;
	struct buf pin;
	int rc;

	base_buf_init(&pin, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(is->pass_file, &pin, f);
	n.pin = pin.data;
	n.pin_len = pin.len;
	if (rc == 0)
		rc = keys_p11_make_ensure(&n, ret, &made, f);
	base_buf_free(&pin);
	if (made)
		ops_cli_info("made %s", is->key);
	return rc;
}

static int
ensure_issuer(struct init *in, const struct ca_config_issuer *is, unsigned n,
    struct fault *f)
{
	struct ca_mint m = { .kind = CA_MINT_INTERMEDIATE,
		.number = n,
		.now_ms = in->now_ms,
		.issuer = in->root_cert };
	struct crypto_pkey *key = NULL;
	struct pki_cert *cert = NULL;
	int rc;

	rc = load_cert(is->cert, &cert);
	pki_cert_free(cert);
	if (rc != ERR_STATE_NOT_FOUND)
		return rc == 0 ? 0
			       : base_fault_set(f, rc, "%.150s: %s", is->cert,
				     base_err_text(rc));
	if ((rc = open_root(in, f)) != 0)
		return rc;
	rc = ca_config_on_token(is)
		 ? token_key(is, &key, f)
		 : make_key(in, is->key + strlen("file:"), is->pass_file,
		       CRYPTO_KEY_P256, &key, f);
	if (rc != 0)
		return rc;
	m.key = key;
	m.signer = in->root;
	m.aia_url = in->aia;
	m.cdp_url = in->cdp;
	if ((rc = ca_mint(&m, crypto_rng_system(), &cert)) != 0)
		rc = base_fault_set(
		    f, rc, "intermediate %s: %s", is->id, base_err_text(rc));
	if (rc == 0)
		rc = save_cert(in, is->cert, pki_cert_der(cert), f);
	/* A chain file of an earlier certificate would no longer fit; the
	 * root may stand there too, and stays. */
	if (rc == 0 && strcmp(is->chain, is->cert) != 0 &&
	    strcmp(is->chain, in->conf->server.roots) != 0)
		rc = save_cert(in, is->chain, pki_cert_der(cert), f);
	pki_cert_free(cert);
	crypto_pkey_free(key);
	return rc;
}

/* The root's list, of nothing, where the daemon serves it from. */
static int
save_crl(const struct init *in, struct fault *f)
{
	const struct ca_mint_crl m = { .root = in->root_cert,
		.key = in->root,
		.now_ms = in->now_ms,
		.number = (uint64_t)in->now_ms };
	char path[PATH_SIZE];
	struct buf der;
	int rc;

	if (base_str_format(path, sizeof(path), "%s/%s/" CA_ROOT_NAME ".crl",
		in->conf->server.state_dir, CA_POINTS_CRL_FOLDER) != 0)
		return base_fault_set(
		    f, ERR_SYS_LIMIT, "state_dir is too long");
	base_buf_init(&der, CA_MINT_CRL_MAX);
	rc = make_folder(path, 0700, f);
	if (rc == 0)
		rc = ca_mint_crl(&m, &der);
	if (rc == 0)
		rc = store_disk_replace(
		    in->disk, path, der.data, der.len, 0644, "ca.crl");
	base_buf_free(&der);
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%.150s: %s", path, base_err_text(rc));
}

/* What the daemon's own TLS key is sealed under; used for nothing else. */
static int
ensure_seal(const struct init *in, struct fault *f)
{
	const struct trustchain_server *c = &in->conf->server;

	if (c->seal_key[0] == '\0')
		return 0;
	return make_key(in, c->seal_key + strlen("file:"), c->seal_pass_file,
	    CRYPTO_KEY_X25519, NULL, f);
}

static int
generate(const struct ca_config *conf, struct fault *f)
{
	const struct ca_config_issuer *is = conf->issuers.v;
	struct init in = { .conf = conf };
	size_t i;
	int rc;

	in.now_ms = base_clock_now_ms(trustchain_clock_system());
	if ((rc = base_str_format(in.root_key, sizeof(in.root_key),
		 "%s/offline-root/root-ca.key", conf->server.state_dir)) != 0 ||
	    (rc = base_str_format(in.root_pass, sizeof(in.root_pass),
		 "%s/offline-root/root-ca.pass", conf->server.state_dir)) !=
		0 ||
	    (rc = base_str_format(in.aia, sizeof(in.aia),
		 "%s/aia/" CA_ROOT_NAME ".cer", conf->server.status_url)) !=
		0 ||
	    (rc = base_str_format(in.cdp, sizeof(in.cdp),
		 "%s/crl/" CA_ROOT_NAME ".crl", conf->server.status_url)) != 0)
		return base_fault_set(f, rc, "state_dir is too long");
	/* Before anything is made below it: nobody else's. */
	if ((rc = ops_daemon_mkdirs(conf->server.state_dir, 0700, f)) != 0)
		return rc;
	if ((rc = store_disk_new(&in.disk)) != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	rc = ensure_root(&in, f);
	for (i = 0; rc == 0 && i < conf->issuers.n; i++)
		rc = ensure_issuer(&in, &is[i], (unsigned)i + 1, f);
	if (rc == 0 && in.root != NULL)
		rc = save_crl(&in, f);
	if (rc == 0)
		rc = ensure_seal(&in, f);
	crypto_pkey_free(in.root);
	pki_cert_free(in.root_cert);
	store_disk_free(in.disk);
	return rc;
}

static int
verify(const struct ca_config *conf, struct fault *f)
{
	int64_t now = base_clock_now_ms(trustchain_clock_system());
	uint8_t digest[CRYPTO_SHA256_LEN];
	char hex[2 * CRYPTO_SHA256_LEN + 1], end[WIRE_TIME_TEXT_MAX];
	struct ca_authority *a;
	size_t i;
	int rc;

	if ((rc = ca_authority_load(conf, now, &a, f)) != 0)
		return rc;
	for (i = 0; i < a->n_issuers; i++) {
		struct pki_bytes root = pki_cert_der(a->issuer[i].root);

		crypto_sha2_256(root.data, root.len, digest);
		wire_hex_encode(digest, sizeof(digest), hex);
		wire_time_format(pki_cert_not_after_ms(a->issuer[i].cert), end);
		ops_cli_success("chain ok root=sha256:%s issuer=%s "
				"not_after=%s",
		    hex, a->issuer[i].id, end);
	}
	ca_authority_free(a);
	return 0;
}

int
ca_init_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_init_opts *o = opts;
	struct ca_config *conf;
	struct fault f = { 0 };
	int rc;

	(void)args;
	(void)n;
	if ((rc = ca_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_USAGE;
	}
	if (o->generate && !o->verify &&
	    conf->server.environment == TRUSTCHAIN_PRODUCTION)
		rc = base_fault_set(&f, ERR_STATE_REFUSED,
		    "in production the root is made in a ceremony, not by "
		    "init-ca");
	else if (o->generate && !o->verify)
		rc = generate(conf, &f);
	if (rc == 0 && (rc = verify(conf, &f)) == ERR_STATE_NOT_FOUND)
		(void)base_fault_set(&f, rc,
		    "a file is missing; fix: init-ca "
		    "--generate-if-missing");
	if (rc != 0)
		ops_cli_error("%s", f.msg);
	ca_config_free(conf);
	return rc == ERR_STATE_NOT_FOUND ? OPS_EXIT_FAILED
					 : ops_cli_exit_of(rc);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_init.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "keys/p11_uri.h"
#include "ops/daemon.h"
#include "store/disk.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_listing.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_plan.h"
#include "trustchain/keyop_load.h"
#include "trustchain/trustchain_clock.h"

const struct ops_cli_option ct_init_options[] = {
	{ "generate-if-missing", OPS_CLI_FLAG,
	    offsetof(struct ct_init_opts, generate), NULL,
	    "make the keys and shards that are not there" },
	{ .name = NULL },
};

struct init {
	const struct ct_config *conf;
	struct store_disk *disk;
	bool generate;
};

static int
ensure_key(const struct init *in, const char *path, int type,
    struct crypto_pkey **ret, struct fault *f)
{
	const char *pass = in->conf->log.pass_file;
	const struct keys_file_new n = { in->disk, crypto_rng_system(), path,
		pass };
	bool made = false;
	int rc;

	if (!in->generate) {
		rc = keys_file_open(path, pass, ret, f);
		if (rc == ERR_STATE_NOT_FOUND)
			return base_fault_set(f, rc,
			    "%.160s is missing; run init-log "
			    "--generate-if-missing",
			    path);
		return rc;
	}
	rc = keys_file_ensure(&n, type, ret, &made, f);
	if (rc == 0 && made)
		ops_cli_info("wrote %s (encrypted)", path);
	return rc;
}

/* The log key of a shard on the token, made there if it is missing. */
static int
token_key(const struct init *in, const char *shard, struct crypto_pkey **ret,
    struct fault *f)
{
	char uri[KEYS_P11_URI_MAX];
	int rc;

	rc = ct_config_token_uri(in->conf, shard, uri, sizeof(uri));
	if (rc == 0)
		rc = keyop_load_token_ensure(&in->conf->log, uri, ret, f);
	if (rc == 0)
		ops_cli_info("log key %s", uri);
	return rc;
}

/* The folder that holds a file. */
static int
make_parent(const char *path, unsigned mode, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char dir[CT_PATHS_MAX];

	if (slash == NULL || slash == path)
		return 0;
	if (base_str_format(
		dir, sizeof(dir), "%.*s", (int)(slash - path), path) != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "%.80s: path too long", path);
	return ops_daemon_mkdirs(dir, mode, f);
}

static int
public_of(const struct crypto_pkey *key, uint8_t ret[32])
{
	size_t n;

	if (crypto_pkey_type(key) != CRYPTO_KEY_ED25519)
		return ERR_STATE_CONFIG;
	return crypto_pkey_raw_public(key, ret, 32, &n);
}

/* Make log.json for a shard from its two keys. */
static int
write_shard(const struct init *in, const char *dir,
    const struct ct_period *period, struct crypto_pkey *const key[2])
{
	struct ct_params_keys keys;
	struct ct_params params;
	struct buf spki;
	uint8_t pub[32];
	int rc;

	base_buf_init(&spki, CT_PARAMS_SPKI_MAX);
	rc = crypto_pkey_type(key[0]) == CRYPTO_KEY_P256 ? 0 : ERR_STATE_CONFIG;
	if (rc == 0)
		rc = crypto_pkey_spki(key[0], &spki);
	if (rc == 0)
		rc = public_of(key[1], pub);
	if (rc == 0) {
		keys.spki = spki.data;
		keys.spki_len = spki.len;
		keys.note_public = pub;
		rc = ct_params_init(&params, in->conf->log.base, period, &keys);
	}
	if (rc == 0)
		rc = ct_params_create(in->disk, dir, &params);
	base_buf_free(&spki);
	return rc;
}

static int
ensure_shard(
    const struct init *in, const struct ct_period *period, struct fault *f)
{
	struct crypto_pkey *key[2] = { NULL, NULL };
	char dir[CT_PATHS_MAX], path[2][CT_PATHS_MAX], json[CT_PATHS_MAX];
	const struct ct_config *c = in->conf;
	char folder[CT_PATHS_MAX];
	int rc;

	if ((rc = ct_config_key_folder(c, folder, sizeof(folder))) != 0 ||
	    (rc = ct_paths_make(CT_PATHS_SHARD, c->server.state_dir,
		 period->name, dir)) != 0 ||
	    (rc = ct_paths_make(
		 CT_PATHS_LOG_KEY, folder, period->name, path[0])) != 0 ||
	    (rc = ct_paths_make(
		 CT_PATHS_NOTE_KEY, folder, period->name, path[1])) != 0 ||
	    (rc = base_str_format(json, sizeof(json), "%s/log.json", dir)) != 0)
		return base_fault_set(f, rc, "path too long");
	if (access(json, F_OK) == 0 || !in->generate)
		return 0;
	rc = ct_config_on_token(c)
		 ? token_key(in, period->name, &key[0], f)
		 : ensure_key(in, path[0], CRYPTO_KEY_P256, &key[0], f);
	if (rc == 0)
		rc = ensure_key(in, path[1], CRYPTO_KEY_ED25519, &key[1], f);
	if (rc == 0) {
		rc = write_shard(in, dir, period, key);
		if (rc != 0)
			(void)base_fault_set(
			    f, rc, "%.160s: %s", dir, base_err_text(rc));
		else
			ops_cli_info("made shard %s in %s", period->name, dir);
	}
	crypto_pkey_free(key[0]);
	crypto_pkey_free(key[1]);
	return rc;
}

int
ct_init_shard(const struct ct_config *conf, const struct ct_period *period,
    struct fault *f)
{
	struct init in = { conf, NULL, true };
	char json[CT_PATHS_MAX];
	int rc;

	if (base_str_format(json, sizeof(json), "%s/%s/log.json",
		conf->server.state_dir, period->name) != 0)
		return base_fault_set(f, ERR_SYS_LIMIT, "path too long");
	if (access(json, F_OK) == 0)
		return base_fault_set(
		    f, ERR_STATE_EXISTS, "shard %s is there", period->name);
	if ((rc = store_disk_new(&in.disk)) != 0)
		return base_fault_set(f, rc, "out of memory");
	rc = ensure_shard(&in, period, f);
	store_disk_free(in.disk);
	return rc;
}

static int
ensure_shards(const struct init *in, struct fault *f)
{
	struct ct_paths_shards want;
	size_t i;
	int rc;

	rc = ct_plan_periods(
	    in->conf, base_clock_now_ms(trustchain_clock_system()), &want);
	if (rc != 0)
		return base_fault_set(f, rc, "the clock is out of range");
	for (i = 0; i < want.n && rc == 0; i++)
		rc = ensure_shard(in, &want.shard[i], f);
	return rc;
}

static int
list_vkey(
    const struct init *in, char ret[MERKLE_VKEY_TEXT_MAX], struct fault *f)
{
	char path[KEYS_FILE_PATH_MAX], name[MERKLE_VKEY_NAME_MAX];
	char folder[CT_PATHS_MAX];
	struct crypto_pkey *key = NULL;
	struct merkle_vkey vkey;
	uint8_t pub[32];
	int rc;

	rc = keys_file_uri(in->conf->log.list_key, ".", path);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "[log] list_key: %s", base_err_text(rc));
	if (in->generate &&
	    ((rc = make_parent(path, 0700, f)) != 0 ||
		(rc = make_parent(in->conf->log.pass_file, 0700, f)) != 0 ||
		(rc = ct_config_key_folder(in->conf, folder, sizeof(folder))) !=
		    0 ||
		(rc = ops_daemon_mkdirs(folder, 0700, f)) != 0))
		return rc;
	if ((rc = ensure_key(in, path, CRYPTO_KEY_ED25519, &key, f)) != 0)
		return rc;
	rc = public_of(key, pub);
	if (rc == 0)
		rc =
		    ct_listing_key_name(in->conf->log.base, name, sizeof(name));
	if (rc == 0)
		rc = merkle_vkey_init(&vkey, name, MERKLE_SIG_ED25519, pub);
	if (rc == 0)
		rc = merkle_vkey_encode(&vkey, ret);
	crypto_pkey_free(key);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "list key: %s", base_err_text(rc));
}

int
ct_init_run(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ct_init_opts *o = opts;
	char vkey[MERKLE_VKEY_TEXT_MAX];
	struct init in = { NULL, NULL, o->generate };
	struct ct_config *conf = NULL;
	struct fault f = { 0 };
	int rc;

	(void)args;
	(void)n;
	if ((rc = ct_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	in.conf = conf;
	rc = store_disk_new(&in.disk);
	if (rc == 0)
		rc = list_vkey(&in, vkey, &f);
	if (rc == 0 && o->generate)
		rc = ops_daemon_mkdirs(conf->server.state_dir, 0700, &f);
	if (rc == 0)
		rc = ensure_shards(&in, &f);
	store_disk_free(in.disk);
	ct_config_free(conf);
	if (rc != 0) {
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		return ops_cli_exit_of(rc);
	}
	ops_cli_success("list_vkey=%s", vkey);
	return OPS_EXIT_OK;
}

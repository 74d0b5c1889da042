/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "merkle/vkey.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_key.h"
#include "trustchain/ca_key_cli.h"
#include "trustchain/keyop_load.h"
#include "wire/hex.h"
#include "wire/json.h"

static const char *
algorithm(const struct crypto_pkey *key)
{
	static const char *const names[] = {
		[CRYPTO_KEY_P256] = "p256",
		[CRYPTO_KEY_P384] = "p384",
		[CRYPTO_KEY_ED25519] = "ed25519",
		[CRYPTO_KEY_RSA] = "rsa",
		[CRYPTO_KEY_X25519] = "x25519",
		[CRYPTO_KEY_MLDSA44] = "mldsa44",
		[CRYPTO_KEY_MLDSA65] = "mldsa65",
		[CRYPTO_KEY_MLDSA87] = "mldsa87",
		[CRYPTO_KEY_OTHER] = "other",
	};

	return names[crypto_pkey_type(key)];
}

/* The verifier key of the audit log's checkpoints, "" for other keys. */
static int
vkey_of(const struct ca_config *conf, const struct ca_key *k,
    const struct crypto_pkey *key, char out[MERKLE_VKEY_TEXT_MAX])
{
	char origin[MERKLE_VKEY_NAME_MAX];
	struct merkle_vkey v;
	uint8_t raw[32];
	size_t len;
	int rc;

	out[0] = '\0';
	if (strcmp(k->use, "audit") != 0)
		return 0;
	if ((rc = keyop_load_origin(
		 conf->server.base_url, "ca", origin, sizeof(origin))) != 0 ||
	    (rc = crypto_pkey_raw_public(key, raw, sizeof(raw), &len)) != 0 ||
	    (rc = merkle_vkey_init(&v, origin, MERKLE_SIG_ED25519, raw)) != 0)
		return rc;
	return merkle_vkey_encode(&v, out);
}

static int
show_one(const struct ca_config *conf, const struct ca_key *k, json_t *all,
    struct fault *f)
{
	char vkey[MERKLE_VKEY_TEXT_MAX], hex[65];
	struct crypto_pkey *key;
	uint8_t hash[32];
	int rc;

	if ((rc = ca_key_open(k, &key, f)) != 0)
		return rc;
	if ((rc = crypto_pkey_spki_sha256(key, hash)) == 0 &&
	    (rc = vkey_of(conf, k, key, vkey)) == 0) {
		wire_hex_encode(hash, sizeof(hash), hex);
		rc = json_array_append_new(
			 all, json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s*}",
				  "uri", k->uri, "use", k->use, "issuer", k->id,
				  "slot", (json_int_t)k->slot, "algorithm",
				  algorithm(key), "spki_sha256", hex, "vkey",
				  vkey[0] != '\0' ? vkey : NULL)) == 0
			 ? 0
			 : ERR_SYS_NOMEM;
	}
	crypto_pkey_free(key);
	return rc;
}

static void
print(const struct ops_cli *cli, json_t *all)
{
	const char *vkey;
	json_t *o, *k;
	char *text;
	size_t i;

	if (cli->json) {
		o = json_pack("{s:O}", "keys", all);
		text = wire_json_dump(o, NULL);
		json_decref(o);
		(void)printf("%s\n", text != NULL ? text : "");
		free(text);
		return;
	}
	json_array_foreach(all, i, k)
	{
		vkey = json_string_value(json_object_get(k, "vkey"));
		(void)printf("%s slot=%lld %s spki-sha256:%s%s%s\n",
		    json_string_value(json_object_get(k, "uri")),
		    (long long)json_integer_value(json_object_get(k, "slot")),
		    json_string_value(json_object_get(k, "algorithm")),
		    json_string_value(json_object_get(k, "spki_sha256")),
		    vkey != NULL ? " vkey=" : "", vkey != NULL ? vkey : "");
	}
}

int
ca_key_cli_show(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ca_key_list l = { 0 };
	struct ca_config *conf;
	struct fault f = { 0 };
	json_t *all = json_array();
	int code = OPS_EXIT_OK, rc;
	size_t i;

	(void)opts;
	(void)args;
	(void)n;
	if ((rc = ca_config_load(cli->config, cli->root, &conf, &f)) != 0 ||
	    all == NULL) {
		ops_cli_error("%s", f.msg);
		json_decref(all);
		return OPS_EXIT_USAGE;
	}
	if ((rc = ca_key_list(conf, &l)) != 0)
		ops_cli_error("%s", base_err_text(rc));
	for (i = 0; i < l.n; i++) {
		f.msg[0] = '\0';
		/* The audit log's key is made at the first start. */
		if ((rc = show_one(conf, &l.key[i], all, &f)) == 0 ||
		    (rc == ERR_STATE_NOT_FOUND &&
			strcmp(l.key[i].use, "audit") == 0))
			continue;
		ops_cli_error("%s: %s", l.key[i].uri,
		    f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		code = OPS_EXIT_FAILED;
	}
	print(cli, all);
	json_decref(all);
	ca_key_list_free(&l);
	ca_config_free(conf);
	return rc != 0 && code == OPS_EXIT_OK && l.n == 0 ? OPS_EXIT_FAILED
							  : code;
}

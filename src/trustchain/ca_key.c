/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "keys/file.h"
#include "keys/p11_make.h"
#include "trustchain/ca_config.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"

static int
add(struct ca_key_list *l, const struct ca_key *what, const char *uri,
    const char *pass)
{
	struct ca_key *k = &l->key[l->n];
	int rc;

	*k = *what;
	if ((rc = base_str_copy(k->uri, sizeof(k->uri), uri)) != 0 ||
	    (rc = base_str_copy(k->pass, sizeof(k->pass), pass)) != 0)
		return ERR_STATE_CONFIG;
	l->n++;
	return 0;
}

static int
add_issuer(
    struct ca_key_list *l, const struct ca_config_issuer *is, unsigned slot)
{
	struct ca_key k = { .use = "issuer",
		.id = is->id,
		.slot = slot,
		.module = ca_config_on_token(is) ? is->pkcs11_module : "" };
	int rc;

	rc = add(l, &k, is->key, is->pass_file);
	if (rc != 0 || is->ocsp_key[0] == '\0')
		return rc;
	k.use = "ocsp";
	k.slot = KEYOP_SLOT_OCSP_KEY(slot);
	k.module = "";
	return add(l, &k, is->ocsp_key, is->ocsp_pass_file);
}

/* Beside the default issuer's key or, when that is on a token, its PIN. */
static int
add_audit(struct ca_key_list *l, const struct ca_config *conf)
{
	const struct ca_config_issuer *is = ca_config_issuer(conf, NULL);
	const struct ca_key k = {
		.use = "audit", .id = "", .slot = KEYOP_SLOT_AUDIT, .module = ""
	};
	char path[CA_KEY_PATH_MAX], uri[CA_KEY_PATH_MAX], pass[CA_KEY_PATH_MAX];
	const char *near;

	near =
	    ca_config_on_token(is) ? is->pass_file : is->key + strlen("file:");
	if (keyop_load_audit_path(near, "ca", path) != 0 ||
	    base_str_format(uri, sizeof(uri), "file:%s", path) != 0 ||
	    base_str_format(pass, sizeof(pass), "%.*s.pass",
		(int)(strlen(path) - strlen(".key")), path) != 0)
		return ERR_STATE_CONFIG;
	return add(l, &k, uri, pass);
}

int
ca_key_list(const struct ca_config *conf, struct ca_key_list *ret)
{
	const struct ca_key seal = {
		.use = "seal", .id = "", .slot = KEYOP_SLOT_SEAL, .module = ""
	};
	const struct ca_config_issuer *is = conf->issuers.v;
	struct ca_key_list l = { 0 };
	size_t i;
	int rc = 0;

	if (conf->issuers.n == 0 || 2 * conf->issuers.n + 2 > CA_KEY_MAX)
		return ERR_STATE_CONFIG;
	l.key = calloc(2 * conf->issuers.n + 2, sizeof(*l.key));
	if (l.key == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < conf->issuers.n && rc == 0; i++)
		rc = add_issuer(&l, &is[i], (unsigned)i);
	if (rc == 0 && conf->server.seal_key[0] != '\0')
		rc = add(&l, &seal, conf->server.seal_key,
		    conf->server.seal_pass_file);
	if (rc == 0)
		rc = add_audit(&l, conf);
	if (rc != 0)
		ca_key_list_free(&l);
	else
		*ret = l;
	return rc;
}

void
ca_key_list_free(struct ca_key_list *l)
{
	free(l->key);
	l->key = NULL;
	l->n = 0;
}

const char *
ca_key_path(const struct ca_key *k)
{
	return k->module[0] == '\0' ? k->uri + strlen("file:") : NULL;
}

static int
ask_token(const struct ca_key *k, struct crypto_pkey **ret, struct fault *f)
{
	struct keys_p11_new n = {
		.module = k->module, .uri = k->uri, .type = CRYPTO_KEY_P256
	};
	struct buf pin;
	int rc;

	base_buf_init(&pin, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(k->pass, &pin, f);
	n.pin = pin.data;
	n.pin_len = pin.len;
	if (rc == 0)
		rc = keys_p11_make_ensure(&n, ret, NULL, f);
	base_buf_free(&pin);
	return rc;
}

int
ca_key_open(const struct ca_key *k, struct crypto_pkey **ret, struct fault *f)
{
	if (ca_key_path(k) == NULL)
		return ask_token(k, ret, f);
	return keys_file_open(ca_key_path(k), k->pass, ret, f);
}

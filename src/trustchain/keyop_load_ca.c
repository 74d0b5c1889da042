/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "keys/max.h"
#include "store/file.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/ca_log.h"
#include "trustchain/ca_log_foreign.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/keyop_load_internal.h"
#include "trustchain/keyop_product.h"

static int
file_key(
    struct keyop_loader *l, const struct ca_config_issuer *is, uint8_t slot)
{
	char path[KEYS_FILE_PATH_MAX];
	int rc;

	rc = keys_file_uri(is->key, ".", path);
	if (rc != 0)
		return base_fault_set(l->f, ERR_STATE_CONFIG,
		    "issuer %s: key is not file:PATH", is->id);
	return keyop_load_key(l, slot, path, is->pass_file);
}

/* The OCSP key of an issuer; with ${make} it is made when it is missing. */
static int
ocsp_key(struct keyop_loader *l, const struct ca_config_issuer *is,
    unsigned slot, bool make)
{
	char path[KEYS_FILE_PATH_MAX], name[KEYS_SLOT_NAME_MAX + 1];
	uint8_t at = (uint8_t)KEYOP_SLOT_OCSP_KEY(slot);
	int rc;

	if (is->ocsp_key[0] == '\0')
		return 0;
	if (keys_file_uri(is->ocsp_key, ".", path) != 0)
		return base_fault_set(l->f, ERR_STATE_CONFIG,
		    "issuer %s: ocsp_key is not file:PATH", is->id);
	(void)snprintf(name, sizeof(name), "ocsp %.40s", is->id);
	rc = keyop_load_slot(l, at, KEYOP_KIND_OCSP, KEYOP_RATE_OCSP, name);
	if (rc == 0 && !make)
		return keyop_load_key(l, at, path, is->ocsp_pass_file);
	if (rc == 0)
		rc = keys_file_pass_ensure(l->disk, is->ocsp_pass_file,
		    crypto_rng_system(), l->f);
	if (rc == 0)
		rc = keyop_load_or_make(l, at, CRYPTO_KEY_P256,
		    &(struct keyop_load_key){ path, is->ocsp_pass_file });
	return rc;
}

static int
issuer(struct keyop_loader *l, const struct ca_config_issuer *is, uint8_t slot,
    uint8_t min_scts)
{
	const struct keyop_load_token token = { is->key, is->pkcs11_module,
		&is->pkcs11_paths, is->pass_file };
	int rc;

	rc = keyop_load_slot(
	    l, slot, KEYOP_KIND_CA, (uint32_t)is->max_sign_per_s, is->id);
	if (rc == 0 && ca_config_on_token(is))
		rc = keyop_load_token(l, slot, &token);
	else if (rc == 0)
		rc = file_key(l, is, slot);
	if (rc != 0)
		return rc;
	rc = keyop_load_file(l, slot, KEYOP_TAG_CERT, is->cert);
	if (rc == ERR_STATE_NOT_FOUND)
		return base_fault_set(l->f, rc, "%s: no such file", is->cert);
	if (rc == 0)
		rc = keyop_load_data(l, slot, KEYOP_TAG_MIN_SCTS, &min_scts, 1);
	if (rc == 0)
		rc = ocsp_key(l, is, slot, true);
	return rc;
}

/* The list of one log server, as main has stored it, behind its key. */
static int
log_list(struct keyop_loader *l, const char *state_dir, const char *vkey)
{
	char path[KEYS_FILE_PATH_MAX];
	uint8_t *packed;
	struct buf both;
	size_t len;
	int rc;

	rc = ca_log_list_path(state_dir, vkey, path, sizeof(path));
	if (rc == 0)
		rc = store_file_load(path, KEYOP_FILE_MAX, &packed, &len);
	/* The log has not been reached yet. */
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc != 0)
		return base_fault_set(
		    l->f, rc, "log list: %s", base_err_text(rc));
	base_buf_init(&both, KEYOP_FILE_MAX + KEYS_FILE_PATH_MAX);
	rc = base_buf_append(&both, vkey, strlen(vkey) + 1);
	if (rc == 0)
		rc = base_buf_append(&both, packed, len);
	if (rc == 0)
		rc = keyop_load_data(
		    l, KEYOP_SLOT_LOGS, KEYOP_TAG_LIST, both.data, both.len);
	base_buf_free(&both);
	free(packed);
	return rc;
}

/* A foreign log, as the configuration has it. */
static int
foreign_log(struct keyop_loader *l, const struct ca_config_log *log)
{
	struct buf packed;
	int rc;

	base_buf_init(&packed, KEYOP_FILE_MAX);
	rc = ca_log_foreign_pack(log, &packed, l->f);
	if (rc == 0)
		rc = keyop_load_data(l, KEYOP_SLOT_LOGS, KEYOP_TAG_FOREIGN,
		    packed.data, packed.len);
	base_buf_free(&packed);
	return rc;
}

static int
logs(struct keyop_loader *l, const struct ca_config *config)
{
	const struct ca_config_log *log = config->logs.v;
	int rc;

	rc = keyop_load_slot(l, KEYOP_SLOT_LOGS, KEYOP_KIND_LOGS, 0, "logs");
	for (size_t i = 0; i < config->logs.n && rc == 0; i++)
		rc = ca_config_log_foreign(&log[i])
			 ? foreign_log(l, &log[i])
			 : log_list(l, config->server.state_dir,
			       log[i].list_vkey);
	return rc;
}

/* Issuers to the process that has their keys; the logs to both. */
static int
issuers(struct keyop_loader *l, struct keyop_loader *tokens,
    const struct ca_config *config)
{
	const struct ca_config_issuer *is = config->issuers.v;
	bool any = false, on_token;
	int rc = 0;

	for (size_t i = 0; i < config->issuers.n && rc == 0; i++) {
		on_token = ca_config_on_token(&is[i]);
		rc = issuer(on_token ? tokens : l, &is[i], (uint8_t)i,
		    (uint8_t)config->issue.min_scts);
		any = any || on_token;
	}
	if (rc == 0)
		rc = logs(l, config);
	if (rc == 0 && any)
		rc = logs(tokens, config);
	return rc;
}

/* Some key or pass file, whose folder the audit key shares. */
static int
key_path(const struct ca_config *config, char *out)
{
	const struct ca_config_issuer *is = ca_config_issuer(config, NULL);

	if (ca_config_on_token(is))
		return base_str_copy(out, KEYS_FILE_PATH_MAX, is->pass_file);
	return keys_file_uri(is->key, ".", out);
}

int
keyop_load_ca(const struct ca_config *config, struct store_disk *disk,
    struct buf *bundle, struct fault *f)
{
	struct keyop_loader l = { disk, &bundle[KEYS_FILES], f };
	struct keyop_loader tokens = { disk, &bundle[KEYS_TOKENS], f };
	char path[KEYS_FILE_PATH_MAX];
	struct keyop_load_audit audit = { "ca", path, config->audit.dir,
		config->server.base_url };
	int rc;

	if (config->issuers.n == 0 || config->issuers.n > KEYOP_ISSUERS_MAX)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "1 to %d issuers", KEYOP_ISSUERS_MAX);
	rc = issuers(&l, &tokens, config);
	if (rc == 0)
		rc = keyop_load_seal(&l, &config->server);
	if (rc == 0)
		rc = key_path(config, path);
	if (rc == 0)
		rc = keyop_load_audit(&l, &audit);
	return rc;
}

int
keyop_load_status(const struct ca_config *config, struct store_disk *disk,
    struct buf *bundle, struct fault *f)
{
	const struct ca_config_issuer *is = config->issuers.v;
	struct keyop_loader l = { disk, &bundle[KEYS_FILES], f };
	int rc = 0;

	for (size_t i = 0; i < config->issuers.n && rc == 0; i++)
		rc = ocsp_key(&l, &is[i], (unsigned)i, false);
	return rc;
}

/* The file of the key in ${slot}. */
static int
new_path(const struct ca_config *config, unsigned slot, char *path)
{
	const struct ca_config_issuer *is = config->issuers.v;
	char some[KEYS_FILE_PATH_MAX];
	int rc;

	for (size_t i = 0; i < config->issuers.n; i++)
		if (slot == KEYOP_SLOT_OCSP_KEY(i))
			return keys_file_uri(is[i].ocsp_key, ".", path);
	if (slot != KEYOP_SLOT_AUDIT)
		return ERR_STATE_REFUSED;
	rc = key_path(config, some);
	return rc == 0 ? keyop_load_audit_path(some, "ca", path) : rc;
}

int
keyop_load_store_ca(const struct ca_config *config, struct store_disk *disk,
    const struct keyop_new_key *key, struct fault *f)
{
	char path[KEYS_FILE_PATH_MAX];

	if (new_path(config, key->slot, path) != 0)
		return base_fault_set(
		    f, ERR_STATE_REFUSED, "slot %u makes no key", key->slot);
	return keyop_load_store(disk, path, key->pem, key->len, f);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/keyop_load_internal.h"
#include "trustchain/keyop_product.h"
#include "trustchain/wit_config.h"
#include "trustchain/wit_paths.h"

/* The heads that main stands by, as it stored them. */
static int
stood_by(struct keyop_loader *l, const struct wit_config *c, uint8_t slot)
{
	const struct wit_config_log *log = c->logs.v;
	char path[WIT_PATHS_MAX];
	int rc = 0;

	for (size_t i = 0; i < c->logs.n && rc == 0; i++) {
		rc = wit_paths_head(c->server.state_dir, log[i].origin, path);
		if (rc != 0)
			return base_fault_set(
			    l->f, rc, "state_dir: path too long");
		rc = keyop_load_published(l, slot, KEYOP_TAG_STOOD_BY, path);
	}
	return rc;
}

/* One of the two keys; they have the same rules. */
static int
witness_slot(struct keyop_loader *l, const struct wit_config *c, uint8_t slot)
{
	bool pq = slot == KEYOP_SLOT_WITNESS44;
	const char *uri = pq ? c->witness.key44 : c->witness.key;
	char path[KEYS_FILE_PATH_MAX];
	int rc;

	if (keys_file_uri(uri, ".", path) != 0)
		return base_fault_set(l->f, ERR_STATE_CONFIG,
		    "[witness] %s is not file:PATH", pq ? "key44" : "key");
	rc = keyop_load_slot(l, slot,
	    pq ? KEYOP_KIND_WITNESS44 : KEYOP_KIND_WITNESS, KEYOP_RATE_OTHER,
	    pq ? "witness44" : "witness");
	if (rc == 0)
		rc = keyop_load_or_make(l, slot,
		    pq ? CRYPTO_KEY_MLDSA44 : CRYPTO_KEY_ED25519,
		    &(struct keyop_load_key){ path, c->witness.pass_file });
	if (rc == 0)
		rc = keyop_load_data(l, slot, KEYOP_TAG_NAME, c->witness.name,
		    strlen(c->witness.name));
	return rc == 0 ? stood_by(l, c, slot) : rc;
}

int
keyop_load_wit(const struct wit_config *config, struct store_disk *disk,
    struct buf *bundle, struct fault *f)
{
	struct keyop_loader l = { disk, bundle, f };
	char key[KEYS_FILE_PATH_MAX];
	const struct keyop_load_audit audit = { "witness", key,
		config->audit.dir, config->witness.name };
	int rc;

	rc = keys_file_pass_ensure(
	    disk, config->witness.pass_file, crypto_rng_system(), f);
	if (rc == 0)
		rc = witness_slot(&l, config, KEYOP_SLOT_WITNESS);
	if (rc == 0 && config->witness.key44[0] != '\0')
		rc = witness_slot(&l, config, KEYOP_SLOT_WITNESS44);
	if (rc == 0 && keys_file_uri(config->witness.key, ".", key) != 0)
		rc = base_fault_set(f, ERR_STATE_CONFIG, "[witness] key");
	if (rc == 0)
		rc = keyop_load_seal_made(&l, &config->server);
	return rc == 0 ? keyop_load_audit(&l, &audit) : rc;
}

int
keyop_load_store_wit(const struct wit_config *config, struct store_disk *disk,
    const struct keyop_new_key *key, struct fault *f)
{
	char own[KEYS_FILE_PATH_MAX], path[KEYS_FILE_PATH_MAX];
	const char *uri = config->witness.key;
	int rc;

	if (key->slot == KEYOP_SLOT_WITNESS44)
		uri = config->witness.key44;
	else if (key->slot == KEYOP_SLOT_SEAL)
		uri = config->server.seal_key;
	rc = keys_file_uri(uri, ".", own);
	if (rc == 0 && key->slot == KEYOP_SLOT_AUDIT)
		rc = keyop_load_audit_path(own, "witness", path);
	else if (rc == 0)
		memcpy(path, own, sizeof(path));
	if (rc != 0)
		return base_fault_set(
		    f, ERR_STATE_REFUSED, "slot %u makes no key", key->slot);
	return keyop_load_store(disk, path, key->pem, key->len, f);
}

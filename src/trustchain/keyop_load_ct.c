/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "keys/file.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_paths.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/keyop_load_internal.h"
#include "trustchain/keyop_product.h"

/* Bytes of an origin, as in keyop_internal.h. */
#define ORIGIN_MAX 256

static int
log_slot(struct keyop_loader *l, const struct ct_config *config,
    const char *shard, const char *origin, uint8_t slot)
{
	char key[CT_PATHS_MAX], checkpoint[CT_PATHS_MAX];
	int rc;

	rc = ct_paths_make(CT_PATHS_LOG_KEY, config->log.keys, shard, key);
	if (rc == 0)
		rc = ct_paths_make(CT_PATHS_CHECKPOINT,
		    config->server.state_dir, shard, checkpoint);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: path too long", shard);
	rc = keyop_load_slot(l, slot, KEYOP_KIND_LOG, KEYOP_RATE_LOG, shard);
	if (rc == 0)
		rc = keyop_load_key(l, slot, key, config->log.pass_file);
	if (rc == 0)
		rc = keyop_load_data(
		    l, slot, KEYOP_TAG_ORIGIN, origin, strlen(origin));
	if (rc == 0)
		rc = keyop_load_published(
		    l, slot, KEYOP_TAG_CHECKPOINT, checkpoint);
	return rc;
}

static int
note_slot(struct keyop_loader *l, const struct ct_config *config,
    const char *shard, const char *origin, uint8_t log)
{
	char key[CT_PATHS_MAX];
	uint8_t slot = (uint8_t)(log + 1);
	int rc;

	rc = ct_paths_make(CT_PATHS_NOTE_KEY, config->log.keys, shard, key);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: path too long", shard);
	rc = keyop_load_slot(
	    l, slot, KEYOP_KIND_NOTE_CHECKPOINT, KEYOP_RATE_OTHER, shard);
	if (rc == 0)
		rc = keyop_load_key(l, slot, key, config->log.pass_file);
	if (rc == 0)
		rc = keyop_load_data(
		    l, slot, KEYOP_TAG_ORIGIN, origin, strlen(origin));
	if (rc == 0)
		rc = keyop_load_data(l, slot, KEYOP_TAG_PAIR, &log, 1);
	return rc;
}

static int
shards(struct keyop_loader *l, const struct ct_config *config)
{
	struct ct_paths_shards list;
	char origin[ORIGIN_MAX];
	int rc;

	rc = ct_paths_shards(config->server.state_dir, &list);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: %s",
		    config->server.state_dir, base_err_text(rc));
	for (size_t i = 0; i < list.n && rc == 0; i++) {
		rc = base_str_format(origin, sizeof(origin), "%s/%s",
		    config->log.base, list.shard[i].name);
		if (rc != 0)
			return base_fault_set(l->f, rc, "log.base: too long");
		rc = log_slot(l, config, list.shard[i].name, origin,
		    (uint8_t)KEYOP_SLOT_LOG(i));
		if (rc == 0)
			rc = note_slot(l, config, list.shard[i].name, origin,
			    (uint8_t)KEYOP_SLOT_LOG(i));
	}
	return rc;
}

static int
list_slot(
    struct keyop_loader *l, const struct ct_config *config, const char *key)
{
	char origin[ORIGIN_MAX], path[CT_PATHS_MAX];
	int rc;

	rc = base_str_format(
	    origin, sizeof(origin), "%s/log-list", config->log.base);
	if (rc == 0)
		rc = ct_paths_make(
		    CT_PATHS_OWN_LIST, config->server.state_dir, "", path);
	if (rc != 0)
		return base_fault_set(l->f, rc, "log.base: too long");
	rc = keyop_load_slot(
	    l, KEYOP_SLOT_LIST, KEYOP_KIND_NOTE_LIST, KEYOP_RATE_OTHER, "list");
	if (rc == 0)
		rc = keyop_load_key(
		    l, KEYOP_SLOT_LIST, key, config->log.pass_file);
	if (rc == 0)
		rc = keyop_load_data(l, KEYOP_SLOT_LIST, KEYOP_TAG_ORIGIN,
		    origin, strlen(origin));
	if (rc == 0)
		rc = keyop_load_published(
		    l, KEYOP_SLOT_LIST, KEYOP_TAG_OWN_LIST, path);
	return rc;
}

int
keyop_load_ct(const struct ct_config *config, struct store_disk *disk,
    struct buf *bundle, struct fault *f)
{
	struct keyop_loader l = { disk, bundle, f };
	char list_key[KEYS_FILE_PATH_MAX];
	struct keyop_load_audit audit = { "ct", list_key, config->audit.dir,
		config->log.base };
	int rc;

	rc = keys_file_uri(config->log.list_key, ".", list_key);
	if (rc != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "log.list_key is not file:PATH");
	rc = shards(&l, config);
	if (rc == 0)
		rc = list_slot(&l, config, list_key);
	if (rc == 0)
		rc = keyop_load_audit(&l, &audit);
	return rc;
}

int
keyop_load_store_ct(const struct ct_config *config, struct store_disk *disk,
    const struct keyop_new_key *key, struct fault *f)
{
	char list[KEYS_FILE_PATH_MAX], path[KEYS_FILE_PATH_MAX];

	if (key->slot != KEYOP_SLOT_AUDIT ||
	    keys_file_uri(config->log.list_key, ".", list) != 0 ||
	    keyop_load_audit_path(list, "ct", path) != 0)
		return base_fault_set(
		    f, ERR_STATE_REFUSED, "slot %u makes no key", key->slot);
	return keyop_load_store(disk, path, key->pem, key->len, f);
}

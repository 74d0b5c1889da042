/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "keys/file.h"
#include "keys/max.h"
#include "keys/p11_uri.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_plan.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/keyop_load_internal.h"
#include "trustchain/keyop_product.h"
#include "trustchain/trustchain_clock.h"

/* Bytes of an origin, as in keyop_internal.h. */
#define ORIGIN_MAX 256

/* One shard on its way into the bundle. */
struct shard {
	const struct ct_config *config;
	const char *name;
	char origin[ORIGIN_MAX];
	uint8_t slot; /* of the log key; the note key is in the next */
	bool fresh;   /* to be made: a key that is missing is made, too */
	char folder[CT_PATHS_MAX]; /* of key files */
	struct buf spki;	   /* of a fresh log key on a token */
};

static int
shard_key(struct keyop_loader *l, const struct shard *s, uint8_t slot,
    enum ct_paths_kind kind)
{
	const char *pass = s->config->log.pass_file;
	char path[CT_PATHS_MAX];
	int rc, type = kind == CT_PATHS_LOG_KEY ? CRYPTO_KEY_P256
						: CRYPTO_KEY_ED25519;

	rc = ct_paths_make(kind, s->folder, s->name, path);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: path too long", s->name);
	rc = s->fresh ? keyop_load_or_make(l, slot, type,
			    &(struct keyop_load_key){ path, pass })
		      : keyop_load_key(l, slot, path, pass);
	return rc;
}

static int
origin(struct keyop_loader *l, const struct shard *s, uint8_t slot)
{
	return keyop_load_data(
	    l, slot, KEYOP_TAG_ORIGIN, s->origin, strlen(s->origin));
}

/*
 * Whose key it is that is on the token, for the process that has it and the
 * one that signs notes: what the shard's log.json says, unparsed.
 */
static int
owner(struct keyop_loader *l, const struct shard *s, uint8_t slot)
{
	char path[CT_PATHS_MAX];
	int rc;

	if (s->fresh)
		return keyop_load_data(
		    l, slot, KEYOP_TAG_SPKI, s->spki.data, s->spki.len);
	rc = base_str_format(path, sizeof(path), "%s/%s/log.json",
	    s->config->server.state_dir, s->name);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: path too long", s->name);
	return keyop_load_file(l, slot, KEYOP_TAG_PARAMS, path);
}

static int
token_key(struct keyop_loader *l, const struct shard *s)
{
	const struct ct_config_log *c = &s->config->log;
	char uri[KEYS_P11_URI_MAX];
	const struct keyop_load_token t = { uri, c->pkcs11_module,
		&c->pkcs11_paths, c->pin_file };
	int rc;

	rc = ct_config_token_uri(s->config, s->name, uri, sizeof(uri));
	if (rc != 0)
		return base_fault_set(l->f, rc, "[log] keys: too long");
	if ((rc = keyop_load_token(l, s->slot, &t)) == 0)
		rc = owner(l, s, s->slot);
	return rc;
}

static int
log_slot(struct keyop_loader *l, const struct shard *s)
{
	char checkpoint[CT_PATHS_MAX];
	int rc;

	rc = ct_paths_make(CT_PATHS_CHECKPOINT, s->config->server.state_dir,
	    s->name, checkpoint);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: path too long", s->name);
	rc = keyop_load_slot(
	    l, s->slot, KEYOP_KIND_LOG, KEYOP_RATE_LOG, s->name);
	if (rc == 0)
		rc = ct_config_on_token(s->config)
			 ? token_key(l, s)
			 : shard_key(l, s, s->slot, CT_PATHS_LOG_KEY);
	if (rc == 0)
		rc = origin(l, s, s->slot);
	if (rc == 0)
		rc = keyop_load_published(
		    l, s->slot, KEYOP_TAG_CHECKPOINT, checkpoint);
	return rc;
}

/* The floor of a note key whose log key is on a token. */
static int
note_floor(struct keyop_loader *l, const struct shard *s, uint8_t slot)
{
	char path[CT_PATHS_MAX];
	int rc;

	rc = ct_paths_make(
	    CT_PATHS_CHECKPOINT, s->config->server.state_dir, s->name, path);
	if (rc != 0)
		return base_fault_set(l->f, rc, "%s: path too long", s->name);
	if ((rc = owner(l, s, slot)) == 0 && (rc = origin(l, s, slot)) == 0)
		rc = keyop_load_published(l, slot, KEYOP_TAG_CHECKPOINT, path);
	return rc;
}

static int
note_slot(struct keyop_loader *l, const struct shard *s)
{
	uint8_t slot = (uint8_t)(s->slot + 1);
	int rc;

	rc = keyop_load_slot(
	    l, slot, KEYOP_KIND_NOTE_CHECKPOINT, KEYOP_RATE_OTHER, s->name);
	if (rc == 0)
		rc = shard_key(l, s, slot, CT_PATHS_NOTE_KEY);
	if (rc == 0 && ct_config_on_token(s->config))
		return note_floor(l, s, slot);
	if (rc == 0)
		rc = origin(l, s, slot);
	if (rc == 0)
		rc = keyop_load_data(l, slot, KEYOP_TAG_PAIR, &s->slot, 1);
	return rc;
}

/* Make the log key of a shard that is to come on the token. */
static int
make_on_token(struct shard *s, struct fault *f)
{
	char uri[KEYS_P11_URI_MAX];
	struct crypto_pkey *key = NULL;
	int rc;

	rc = ct_config_token_uri(s->config, s->name, uri, sizeof(uri));
	if (rc == 0)
		rc = keyop_load_token_ensure(&s->config->log, uri, &key, f);
	if (rc == 0)
		rc = crypto_pkey_spki(key, &s->spki);
	crypto_pkey_free(key);
	return rc;
}

/* Both slots of one shard. */
static int
one_shard(struct keyop_loader *l, struct keyop_loader *tokens, struct shard *s)
{
	int rc;

	rc = base_str_format(s->origin, sizeof(s->origin), "%s/%s",
	    s->config->log.base, s->name);
	if (rc != 0)
		return base_fault_set(l->f, rc, "log.base: too long");
	rc = log_slot(ct_config_on_token(s->config) ? tokens : l, s);
	return rc == 0 ? note_slot(l, s) : rc;
}

/*
 * All shards.  Those that are to come wait for another time when the token is
 * not there to make their keys.
 */
static int
shards(struct keyop_loader *l, struct keyop_loader *tokens,
    const struct ct_config *config, struct keyop_load_shards *list)
{
	struct shard s = { .config = config };
	struct fault f = { 0 };
	int rc;

	rc = ct_config_key_folder(config, s.folder, sizeof(s.folder));
	for (size_t i = 0; i < list->order.n && rc == 0; i++) {
		s.name = list->order.shard[i].name;
		s.slot = (uint8_t)KEYOP_SLOT_LOG(i);
		s.fresh = i >= list->made;
		base_buf_init(&s.spki, CRYPTO_PKEY_DER_MAX);
		if (s.fresh && ct_config_on_token(config) &&
		    make_on_token(&s, &f) != 0) {
			list->order.n = i;
			break;
		}
		rc = one_shard(l, tokens, &s);
		base_buf_free(&s.spki);
	}
	return rc;
}

/* Those that are there, and then those that main should make. */
static int
plan(const struct ct_config *config, struct keyop_load_shards *ret)
{
	struct ct_paths_shards more;
	int rc;

	rc = ct_paths_shards(config->server.state_dir, &ret->order);
	ret->made = ret->order.n;
	/* The first ones are made by init-log. */
	if (rc != 0 || ret->made == 0)
		return rc;
	rc = ct_plan_missing(config, &ret->order,
	    base_clock_now_ms(trustchain_clock_system()), &more);
	for (size_t i = 0; i < more.n && rc == 0; i++)
		ret->order.shard[ret->order.n++] = more.shard[i];
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
    struct buf *bundle, struct keyop_load_shards *ret_shards, struct fault *f)
{
	struct keyop_loader l = { disk, &bundle[KEYS_FILES], f };
	struct keyop_loader tokens = { disk, &bundle[KEYS_TOKENS], f };
	char list_key[KEYS_FILE_PATH_MAX];
	struct keyop_load_audit audit = { "ct", list_key, config->audit.dir,
		config->log.base };
	int rc;

	rc = keys_file_uri(config->log.list_key, ".", list_key);
	if (rc != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "log.list_key is not file:PATH");
	if ((rc = plan(config, ret_shards)) != 0)
		return base_fault_set(f, rc, "%s: %s", config->server.state_dir,
		    base_err_text(rc));
	rc = shards(&l, &tokens, config, ret_shards);
	if (rc == 0)
		rc = list_slot(&l, config, list_key);
	if (rc == 0)
		rc = keyop_load_seal_made(&l, &config->server);
	if (rc == 0)
		rc = keyop_load_audit(&l, &audit);
	return rc;
}

/* Where the key of ${slot} belongs. */
static int
key_path(const struct ct_config *config, const struct keyop_load_shards *shards,
    uint8_t slot, char path[KEYS_FILE_PATH_MAX])
{
	char list[KEYS_FILE_PATH_MAX], folder[CT_PATHS_MAX];
	int rc;

	if (slot / 2 >= shards->made && slot / 2 < shards->order.n) {
		rc = ct_config_key_folder(config, folder, sizeof(folder));
		return rc != 0
			   ? rc
			   : ct_paths_make(slot % 2 == 0 ? CT_PATHS_LOG_KEY
							 : CT_PATHS_NOTE_KEY,
				 folder, shards->order.shard[slot / 2].name,
				 path);
	}
	if (slot == KEYOP_SLOT_SEAL && config->server.seal_key[0] != '\0')
		return keys_file_uri(config->server.seal_key, ".", path);
	if (slot != KEYOP_SLOT_AUDIT)
		return ERR_STATE_REFUSED;
	rc = keys_file_uri(config->log.list_key, ".", list);
	return rc == 0 ? keyop_load_audit_path(list, "ct", path) : rc;
}

int
keyop_load_store_ct(const struct ct_config *config,
    const struct keyop_load_shards *shards, struct store_disk *disk,
    const struct keyop_new_key *key, struct fault *f)
{
	char path[KEYS_FILE_PATH_MAX];

	if (key_path(config, shards, key->slot, path) != 0)
		return base_fault_set(
		    f, ERR_STATE_REFUSED, "slot %u makes no key", key->slot);
	return keyop_load_store(disk, path, key->pem, key->len, f);
}

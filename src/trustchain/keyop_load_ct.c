/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "keys/bundle.h"
#include "keys/file.h"
#include "store/file.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_paths.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load.h"
#include "trustchain/keyop_product.h"

/* Rate caps per slot and second (identity spec section 3). */
enum { RATE_LOG = 50000, RATE_NOTE = 1000, CHECKPOINT_MAX = 65536 };

struct load {
	const struct ct_config *config;
	struct buf *bundle;
	struct fault *f;
};

static int
add(const struct load *l, uint8_t slot, uint8_t type, uint8_t tag,
    const struct buf *data)
{
	const struct keys_bundle_item item = { type, slot, tag, data->data,
		data->len };

	return keys_bundle_add(l->bundle, &item);
}

/* A key and the passphrase it is encrypted under. */
static int
add_key(const struct load *l, uint8_t slot, const char *path)
{
	struct buf key, pass;
	int rc;

	base_buf_init(&key, 65536);
	base_buf_init(&pass, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_load(path, &key, l->f);
	if (rc == 0)
		rc = keys_file_pass_load(l->config->log.pass_file, &pass, l->f);
	if (rc == 0)
		rc = add(l, slot, KEYS_BUNDLE_KEY, 0, &key);
	if (rc == 0)
		rc = add(l, slot, KEYS_BUNDLE_PASS, 0, &pass);
	base_buf_free(&key);
	base_buf_free(&pass);
	return rc;
}

static int
add_text(const struct load *l, uint8_t slot, uint8_t tag, const char *text)
{
	const struct keys_bundle_item item = { KEYS_BUNDLE_DATA, slot, tag,
		(const uint8_t *)text, strlen(text) };

	return keys_bundle_add(l->bundle, &item);
}

/* A published file goes over as it is; none if it does not exist yet. */
static int
add_file(const struct load *l, uint8_t slot, uint8_t tag, const char *path)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_DATA, slot, tag, NULL, 0 };
	uint8_t *data;
	int rc;

	rc = store_file_load(path, CHECKPOINT_MAX, &data, &item.len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc != 0)
		return base_fault_set(
		    l->f, rc, "%.160s: %s", path, base_err_text(rc));
	item.data = data;
	rc = keys_bundle_add(l->bundle, &item);
	free(data);
	return rc;
}

static int
add_shard(const struct load *l, size_t n, const char *name)
{
	const struct ct_config *c = l->config;
	uint8_t log = (uint8_t)KEYOP_SLOT_LOG(n);
	uint8_t note = (uint8_t)KEYOP_SLOT_LOG_NOTE(n);
	char path[CT_PATHS_MAX], origin[512];
	int rc;

	if ((rc = base_str_format(
		 origin, sizeof(origin), "%s/%s", c->log.base, name)) != 0 ||
	    (rc = keys_bundle_slot(
		 l->bundle, log, KEYOP_KIND_LOG, RATE_LOG, name)) != 0 ||
	    (rc = ct_paths_make(CT_PATHS_LOG_KEY, c->log.keys, name, path)) !=
		0 ||
	    (rc = add_key(l, log, path)) != 0 ||
	    (rc = add_text(l, log, KEYOP_TAG_ORIGIN, origin)) != 0 ||
	    (rc = ct_paths_make(
		 CT_PATHS_CHECKPOINT, c->server.state_dir, name, path)) != 0 ||
	    (rc = add_file(l, log, KEYOP_TAG_CHECKPOINT, path)) != 0)
		return rc;
	if ((rc = keys_bundle_slot(l->bundle, note, KEYOP_KIND_NOTE_CHECKPOINT,
		 RATE_NOTE, name)) != 0 ||
	    (rc = ct_paths_make(CT_PATHS_NOTE_KEY, c->log.keys, name, path)) !=
		0 ||
	    (rc = add_key(l, note, path)) != 0 ||
	    (rc = add_text(l, note, KEYOP_TAG_ORIGIN, origin)) != 0)
		return rc;
	return keys_bundle_add(
	    l->bundle, &(struct keys_bundle_item){
			   KEYS_BUNDLE_DATA, note, KEYOP_TAG_PAIR, &log, 1 });
}

/* The list published last, behind the vkey that init-log wrote beside it. */
static int
add_own_list(const struct load *l)
{
	const char *dir = l->config->server.state_dir;
	char path[CT_PATHS_MAX];
	uint8_t *vkey = NULL, *list = NULL;
	size_t vkey_len = 0, list_len;
	struct buf item;
	int rc;

	base_buf_init(&item, CT_LIST_JSON_MAX + CT_LIST_NOTE_MAX + 1024);
	rc = ct_paths_make(CT_PATHS_LIST_VKEY, dir, NULL, path);
	if (rc == 0)
		rc = store_file_load(path, 512, &vkey, &vkey_len);
	if (rc == 0)
		rc = ct_paths_make(CT_PATHS_OWN_LIST, dir, NULL, path);
	if (rc == 0)
		rc = store_file_load(path,
		    CT_LIST_JSON_MAX + CT_LIST_NOTE_MAX + 4, &list, &list_len);
	if (rc == 0) {
		/* Up to the newline, then a zero. */
		rc = base_buf_append(&item, vkey, strcspn((char *)vkey, "\n"));
		if (rc == 0)
			rc = base_buf_append(&item, "", 1);
		if (rc == 0)
			rc = base_buf_append(&item, list, list_len);
		if (rc == 0)
			rc = add(l, KEYOP_SLOT_LIST, KEYS_BUNDLE_DATA,
			    KEYOP_TAG_OWN_LIST, &item);
	} else if (rc == ERR_STATE_NOT_FOUND) {
		rc = 0; /* nothing published yet */
	}
	base_buf_free(&item);
	free(vkey);
	free(list);
	return rc;
}

static int
add_list(const struct load *l)
{
	char path[KEYS_FILE_PATH_MAX];
	int rc;

	rc = keys_file_uri(l->config->log.list_key, ".", path);
	if (rc != 0)
		return base_fault_set(
		    l->f, rc, "[log] list_key: %s", base_err_text(rc));
	if ((rc = keys_bundle_slot(l->bundle, KEYOP_SLOT_LIST,
		 KEYOP_KIND_NOTE_LIST, RATE_NOTE, "list")) != 0 ||
	    (rc = add_key(l, KEYOP_SLOT_LIST, path)) != 0 ||
	    (rc = add_text(
		 l, KEYOP_SLOT_LIST, KEYOP_TAG_ORIGIN, KEYOP_LIST_HEADER)) != 0)
		return rc;
	return add_own_list(l);
}

int
keyop_load_ct(const struct ct_config *config, struct store_disk *disk,
    struct buf *bundle, struct fault *f)
{
	const struct load l = { config, bundle, f };
	struct ct_paths_shards shards;
	size_t i;
	int rc;

	(void)disk;
	f->msg[0] = '\0';
	rc = ct_paths_shards(config->server.state_dir, &shards);
	for (i = 0; i < shards.n && rc == 0; i++)
		rc = add_shard(&l, i, shards.shard[i].name);
	if (rc == 0)
		rc = add_list(&l);
	if (rc != 0 && f->msg[0] == '\0')
		(void)base_fault_set(
		    f, rc, "keys of the log: %s", base_err_text(rc));
	return rc;
}

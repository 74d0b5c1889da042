/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/keyop_load.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "keys/bundle.h"
#include "keys/file.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_load_internal.h"
#include "trustchain/keyop_product.h"
#include "trustchain/trustchain_config.h"

int
keyop_load_slot(struct keyop_loader *l, uint8_t slot, uint8_t kind,
    uint32_t rate, const char *name)
{
	int rc = keys_bundle_slot(l->bundle, slot, kind, rate, name);

	if (rc != 0)
		return base_fault_set(
		    l->f, rc, "slot %s: %s", name, base_err_text(rc));
	return 0;
}

int
keyop_load_item(struct keyop_loader *l, const struct keys_bundle_item *item)
{
	int rc = keys_bundle_add(l->bundle, item);

	if (rc != 0)
		return base_fault_set(
		    l->f, rc, "slot %u: %s", item->slot, base_err_text(rc));
	return 0;
}

int
keyop_load_data(struct keyop_loader *l, uint8_t slot, uint8_t tag,
    const void *data, size_t len)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_DATA, slot, tag, data,
		len };

	return keyop_load_item(l, &item);
}

int
keyop_load_pass(struct keyop_loader *l, uint8_t slot, const char *path)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_PASS, slot, 0, NULL, 0 };
	struct buf pass;
	int rc;

	base_buf_init(&pass, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(path, &pass, l->f);
	item.data = pass.data;
	item.len = pass.len;
	if (rc == 0)
		rc = keyop_load_item(l, &item);
	base_buf_free(&pass);
	return rc;
}

int
keyop_load_key(struct keyop_loader *l, uint8_t slot, const char *path,
    const char *pass_path)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_KEY, slot, 0, NULL, 0 };
	struct buf key;
	int rc;

	base_buf_init(&key, KEYS_BUNDLE_MAX);
	rc = keys_file_load(path, &key, l->f);
	item.data = key.data;
	item.len = key.len;
	if (rc == 0)
		rc = keyop_load_item(l, &item);
	if (rc == 0)
		rc = keyop_load_pass(l, slot, pass_path);
	base_buf_free(&key);
	return rc;
}

int
keyop_load_or_make(struct keyop_loader *l, uint8_t slot, int type,
    const struct keyop_load_key *key)
{
	struct keys_bundle_item make = { KEYS_BUNDLE_MAKE, slot, (uint8_t)type,
		NULL, 0 };
	int rc;

	if (access(key->path, F_OK) == 0)
		return keyop_load_key(l, slot, key->path, key->pass_path);
	rc = keyop_load_item(l, &make);
	return rc == 0 ? keyop_load_pass(l, slot, key->pass_path) : rc;
}

int
keyop_load_file(
    struct keyop_loader *l, uint8_t slot, uint8_t tag, const char *path)
{
	uint8_t *data;
	size_t len;
	int rc;

	rc = store_file_load(path, KEYOP_FILE_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return rc;
	if (rc != 0)
		return base_fault_set(
		    l->f, rc, "%s: %s", path, base_err_text(rc));
	rc = keyop_load_data(l, slot, tag, data, len);
	free(data);
	return rc;
}

int
keyop_load_published(
    struct keyop_loader *l, uint8_t slot, uint8_t tag, const char *path)
{
	int rc = keyop_load_file(l, slot, tag, path);

	return rc == ERR_STATE_NOT_FOUND ? 0 : rc;
}

int
keyop_load_audit_path(const char *key_path, const char *program, char *out)
{
	const char *slash = strrchr(key_path, '/');
	int n = slash == NULL ? 0 : (int)(slash - key_path);

	if (n == 0)
		return ERR_SYS_LIMIT;
	return base_str_format(
	    out, KEYS_FILE_PATH_MAX, "%.*s/audit-%s.key", n, key_path, program);
}

int
keyop_load_origin(const char *base, const char *program, char *out, size_t cap)
{
	const char *name = strstr(base, "://");

	name = name == NULL ? base : name + strlen("://");
	return base_str_format(out, cap, "%s/audit/%s", name, program);
}

int
keyop_load_audit(struct keyop_loader *l, const struct keyop_load_audit *a)
{
	char path[KEYS_FILE_PATH_MAX], pass[KEYS_FILE_PATH_MAX + 8];
	char checkpoint[KEYS_FILE_PATH_MAX], origin[256];
	int rc;

	rc = keyop_load_audit_path(a->key_path, a->program, path);
	if (rc == 0)
		rc = base_str_format(pass, sizeof(pass), "%.*s.pass",
		    (int)(strlen(path) - strlen(".key")), path);
	if (rc == 0)
		rc = base_str_format(
		    checkpoint, sizeof(checkpoint), "%s/checkpoint", a->dir);
	if (rc == 0)
		rc = keyop_load_origin(
		    a->base_url, a->program, origin, sizeof(origin));
	if (rc != 0)
		return base_fault_set(l->f, rc, "audit: a path is too long");
	rc = keyop_load_slot(l, KEYOP_SLOT_AUDIT, KEYOP_KIND_NOTE_AUDIT,
	    KEYOP_RATE_OTHER, "audit");
	if (rc == 0)
		rc = keys_file_pass_ensure(
		    l->disk, pass, crypto_rng_system(), l->f);
	if (rc == 0)
		rc = keyop_load_or_make(l, KEYOP_SLOT_AUDIT, CRYPTO_KEY_ED25519,
		    &(struct keyop_load_key){ path, pass });
	if (rc == 0)
		rc = keyop_load_data(l, KEYOP_SLOT_AUDIT, KEYOP_TAG_ORIGIN,
		    origin, strlen(origin));
	if (rc == 0)
		rc = keyop_load_published(
		    l, KEYOP_SLOT_AUDIT, KEYOP_TAG_CHECKPOINT, checkpoint);
	return rc;
}

int
keyop_load_store(struct store_disk *disk, const char *path, const uint8_t *pem,
    size_t len, struct fault *f)
{
	int rc;

	if (access(path, F_OK) == 0)
		return base_fault_set(
		    f, ERR_STATE_EXISTS, "%s: exists already", path);
	rc = store_disk_replace(disk, path, pem, len, 0600, "keys.file");
	if (rc != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	return 0;
}

int
keyop_load_seal(struct keyop_loader *l, const struct trustchain_server *server)
{
	char path[KEYS_FILE_PATH_MAX];
	int rc;

	if (server->seal_key[0] == '\0')
		return 0;
	rc = keys_file_uri(server->seal_key, ".", path);
	if (rc != 0)
		return base_fault_set(l->f, ERR_STATE_CONFIG,
		    "[server] seal_key is not file:PATH");
	rc = keyop_load_slot(
	    l, KEYOP_SLOT_SEAL, KEYOP_KIND_SEAL, KEYOP_RATE_OTHER, "seal");
	if (rc == 0)
		rc = keyop_load_key(
		    l, KEYOP_SLOT_SEAL, path, server->seal_pass_file);
	return rc;
}

int
keyop_load_seal_made(
    struct keyop_loader *l, const struct trustchain_server *server)
{
	char path[KEYS_FILE_PATH_MAX];
	int rc;

	if (server->seal_key[0] == '\0')
		return 0;
	if (keys_file_uri(server->seal_key, ".", path) != 0)
		return base_fault_set(l->f, ERR_STATE_CONFIG,
		    "[server] seal_key is not file:PATH");
	rc = keys_file_pass_ensure(
	    l->disk, server->seal_pass_file, crypto_rng_system(), l->f);
	if (rc == 0)
		rc = keyop_load_slot(l, KEYOP_SLOT_SEAL, KEYOP_KIND_SEAL,
		    KEYOP_RATE_OTHER, "seal");
	return rc == 0
		   ? keyop_load_or_make(l, KEYOP_SLOT_SEAL, CRYPTO_KEY_X25519,
			 &(struct keyop_load_key){
			     path, server->seal_pass_file })
		   : rc;
}

int
keyop_load_dash(const struct trustchain_server *server, struct store_disk *disk,
    struct buf *bundle, struct fault *f)
{
	struct keyop_loader l = { disk, bundle, f };

	return keyop_load_seal(&l, server);
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_KEYOP_LOAD_INTERNAL_H
#define TRUSTCHAIN_KEYOP_LOAD_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

struct buf;
struct keys_bundle_item;
struct ops_config_list;
struct store_disk;
struct trustchain_server;

/* Rate caps that are fixed (identity.md section 3). */
#define KEYOP_RATE_LOG 50000
#define KEYOP_RATE_OTHER 1000
#define KEYOP_RATE_OCSP 10000

/* Longest published file that is handed over: a packed log list. */
#define KEYOP_FILE_MAX ((size_t)4 << 20)

struct keyop_loader {
	struct store_disk *disk;
	struct buf *bundle;
	struct fault *f;
};

/* A key file and that of its passphrase. */
struct keyop_load_key {
	const char *path, *pass_path;
};

/* The audit log of one program. */
struct keyop_load_audit {
	const char *program;  /* "ca", "ct" */
	const char *key_path; /* some other key, in the same folder */
	const char *dir;      /* of the log */
	const char *base_url;
};

/**
 * keyop_load_slot(l, slot, kind, rate, name), keyop_load_item(l, item),
 * keyop_load_data(l, slot, tag, data, len):
 * Append to the bundle.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int keyop_load_slot(struct keyop_loader *l, uint8_t slot,
    uint8_t kind, uint32_t rate, const char *name);
MUST_CHECK int keyop_load_item(
    struct keyop_loader *l, const struct keys_bundle_item *item);
MUST_CHECK int keyop_load_data(struct keyop_loader *l, uint8_t slot,
    uint8_t tag, const void *data, size_t len);

/**
 * keyop_load_pass(l, slot, path), keyop_load_key(l, slot, path, pass_path):
 * Append a passphrase; an encrypted key file with its passphrase.  Errors of
 * keys/file.h.
 */
MUST_CHECK int keyop_load_pass(
    struct keyop_loader *l, uint8_t slot, const char *path);
MUST_CHECK int keyop_load_key(struct keyop_loader *l, uint8_t slot,
    const char *path, const char *pass_path);

/**
 * keyop_load_or_make(l, slot, type, key):
 * Append the key if its file is there, or else have the key process make one
 * of enum crypto_key_type ${type}, which comes back to be stored.
 */
MUST_CHECK int keyop_load_or_make(struct keyop_loader *l, uint8_t slot,
    int type, const struct keyop_load_key *key);

/* A key on a token; paths are those that the token's module needs. */
struct keyop_load_token {
	const char *uri, *module;
	const struct ops_config_list *paths;
	const char *pin_file;
};

/**
 * keyop_load_token(l, slot, t):
 * Append where a slot's key is, and the PIN.  Errors of keys/file.h.
 */
MUST_CHECK int keyop_load_token(
    struct keyop_loader *l, uint8_t slot, const struct keyop_load_token *t);

/**
 * keyop_load_file(l, slot, tag, path),
 * keyop_load_published(l, slot, tag, path):
 * Append a file as data, unparsed.  ERR_STATE_NOT_FOUND without a message; the
 * second takes a missing file for one that was not published yet.
 */
MUST_CHECK int keyop_load_published(
    struct keyop_loader *l, uint8_t slot, uint8_t tag, const char *path);
MUST_CHECK int keyop_load_file(
    struct keyop_loader *l, uint8_t slot, uint8_t tag, const char *path);

/**
 * keyop_load_audit(l, a):
 * Append the slot of the audit log's key.
 */
MUST_CHECK int keyop_load_audit(
    struct keyop_loader *l, const struct keyop_load_audit *a);

/**
 * keyop_load_seal_made(l, server):
 * The same, made by the key process when it is missing.
 */
MUST_CHECK int keyop_load_seal_made(
    struct keyop_loader *l, const struct trustchain_server *server);

/**
 * keyop_load_seal(l, server):
 * Append the key that main's own TLS key is sealed under, if there is one.
 */
MUST_CHECK int keyop_load_seal(
    struct keyop_loader *l, const struct trustchain_server *server);

/**
 * keyop_load_store(disk, path, pem, len, f):
 * Make a new key's file durable.  ERR_STATE_EXISTS.
 */
MUST_CHECK int keyop_load_store(struct store_disk *disk, const char *path,
    const uint8_t *pem, size_t len, struct fault *f);

#endif

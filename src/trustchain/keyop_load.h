/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_KEYOP_LOAD_H
#define TRUSTCHAIN_KEYOP_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/ct_paths.h"

/*
 * The supervisor's side: collect what its key process is loaded with, from
 * the files that the configuration names.  For keys/supervisor.h.
 */
struct buf;
struct ca_config;
struct crypto_pkey;
struct ct_config;
struct ct_config_log;
struct store_disk;
struct wit_config;
struct trustchain_server;

/**
 * keyop_load_ca(config, disk, bundle, f):
 * Append the slots of trustchain-ca to ${bundle}[KEYS_FILES] and, of issuers
 * on tokens, to ${bundle}[KEYS_TOKENS]: each issuer's key, certificate and rate
 * cap, the stored log lists, the audit key (made by the key process when it
 * is missing).  ERR_STATE_CONFIG, ERR_STATE_NOT_FOUND, ERR_SYS_*.
 */
MUST_CHECK int keyop_load_ca(const struct ca_config *config,
    struct store_disk *disk, struct buf *bundle, struct fault *f);

/**
 * keyop_load_status(config, disk, bundle, f):
 * The same for `serve --status-only': the ocsp_key of each issuer, no other.
 */
MUST_CHECK int keyop_load_status(const struct ca_config *config,
    struct store_disk *disk, struct buf *bundle, struct fault *f);

/* Shards in the order of their slots; from ${made} on they are yet to be. */
struct keyop_load_shards {
	struct ct_paths_shards order;
	size_t made;
};

/**
 * keyop_load_ct(config, disk, bundle, ret_shards, f):
 * Append the slots of trustchain-ct: list key and audit key, and for each
 * shard log key, note key and published checkpoint.  Behind the shards that
 * are there come those that ct_plan_missing wants; keys of theirs that are
 * missing the key process makes.  Errors as above.
 */
MUST_CHECK int keyop_load_ct(const struct ct_config *config,
    struct store_disk *disk, struct buf *bundle,
    struct keyop_load_shards *ret_shards, struct fault *f);

/**
 * keyop_load_wit(config, disk, bundle, f):
 * Append the slots of the witness: its keys, made by the key process when
 * they are missing, the heads it stands by, and the audit key.
 */
MUST_CHECK int keyop_load_wit(const struct wit_config *config,
    struct store_disk *disk, struct buf *bundle, struct fault *f);

/**
 * keyop_load_dash(server, disk, bundle, f):
 * Append the one slot of the dashboard, seal, if it is configured.
 */
MUST_CHECK int keyop_load_dash(const struct trustchain_server *server,
    struct store_disk *disk, struct buf *bundle, struct fault *f);

/**
 * keyop_load_token_ensure(c, uri, ret, f):
 * Make the log key ${uri} on the token of ${c} if it is not there; its public
 * half.  Errors of keys_p11_make_ensure.
 */
MUST_CHECK int keyop_load_token_ensure(const struct ct_config_log *c,
    const char *uri, struct crypto_pkey **ret, struct fault *f);

/* A key that the key process made, encrypted. */
struct keyop_new_key {
	uint8_t slot;
	const uint8_t *pem;
	size_t len;
};

/**
 * keyop_load_store_ca(config, disk, key, f),
 * keyop_load_store_ct(config, shards, disk, key, f),
 * keyop_load_store_wit(config, disk, key, f):
 * Make a new key's file durable, for the supervisor's store_key; ${shards} is
 * what the key process was loaded with.
 * ERR_STATE_EXISTS, ERR_STATE_REFUSED for a slot whose keys are not made
 * there, ERR_SYS_*.
 */
MUST_CHECK int keyop_load_store_ca(const struct ca_config *config,
    struct store_disk *disk, const struct keyop_new_key *key, struct fault *f);
MUST_CHECK int keyop_load_store_ct(const struct ct_config *config,
    const struct keyop_load_shards *shards, struct store_disk *disk,
    const struct keyop_new_key *key, struct fault *f);
MUST_CHECK int keyop_load_store_wit(const struct wit_config *config,
    struct store_disk *disk, const struct keyop_new_key *key, struct fault *f);

/**
 * keyop_load_audit_path(key_path, program, out, f):
 * Write the path of the audit key of ${program} ("ca", "ct"): audit-ca.key in
 * the folder of ${key_path}.  ${out} has KEYS_FILE_PATH_MAX bytes.
 */
MUST_CHECK int keyop_load_audit_path(
    const char *key_path, const char *program, char *out);

/**
 * keyop_load_origin(base, program, out, cap):
 * Write the origin of the audit log's checkpoints, "<base>/audit/<program>",
 * where ${base} is a URL or a name; its scheme is left out.  ERR_SYS_LIMIT.
 */
MUST_CHECK int keyop_load_origin(
    const char *base, const char *program, char *out, size_t cap);

#endif

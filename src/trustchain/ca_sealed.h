/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SEALED_H
#define TRUSTCHAIN_CA_SEALED_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The daemon's own TLS certificate and key on disk (identity.md section 2):
 * CERTIFICATE blocks, leaf first, then the key as the key process sealed it
 * (operation SEAL).  It has a folder of its own: main may replace a file only
 * in a folder that it may write, and the state folder holds offline-root.
 */
struct crypto_pkey;
struct keys_client;
struct ops_log;
struct store_disk;

#define CA_SEALED_FOLDER "tls"
#define CA_SEALED_LABEL "TRUSTCHAIN SEALED KEY"

struct ca_sealed {
	struct store_disk *disk;
	struct keys_client *keys;
	struct ops_log *log;
	char path[4096]; /* <state>/tls/tls.sealed */
};

/**
 * ca_sealed_init(s, state_dir):
 * Set the path.  ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_sealed_init(struct ca_sealed *s, const char *state_dir);

/**
 * ca_sealed_load(s, keys_fd, ret_leaf, ret_key):
 * Read the file, append the leaf certificate's DER to ${ret_leaf} and have the
 * key unsealed over the socket ${keys_fd}, on which nothing may be
 * outstanding: before the loop runs.  ERR_STATE_NOT_FOUND without a file,
 * ERR_PEER_* for one that is damaged or sealed under another key, ERR_SYS_*.
 */
MUST_CHECK int ca_sealed_load(const struct ca_sealed *s, int keys_fd,
    struct buf *ret_leaf, struct crypto_pkey **ret_key);

/**
 * ca_sealed_save(s, chain_pem, key):
 * Have ${key} sealed and write it behind ${chain_pem}, some time later.  What
 * fails is logged and leaves the old file.  ERR_SYS_*.
 */
MUST_CHECK int ca_sealed_save(const struct ca_sealed *s, const char *chain_pem,
    const struct crypto_pkey *key);

#endif

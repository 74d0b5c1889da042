/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_WIT_CONFIG_H
#define TRUSTCHAIN_WIT_CONFIG_H

#include "trustchain/trustchain_config.h"

/*
 * witness.toml (identity.md section 13).  Paths are absolute and below the
 * root folder already.
 */
struct wit_config_log {
	char *origin;
	struct ops_config_list vkeys; /* Ed25519 verifier keys, 1 to 4 */
};

struct wit_config_witness {
	char *name;
	char *key, *key44; /* file: URIs; key44 may be "" */
	char *pass_file;
	int64_t rate_per_min, max_logs;
};

struct wit_config {
	struct trustchain_server server;
	struct trustchain_audit audit;
	struct wit_config_witness witness;
	struct ops_config_list logs; /* of struct wit_config_log */
};

/**
 * wit_config_load(path, root, ret, f):
 * Read witness.toml, as ops_config_load.  The rate of [witness] is that of
 * each address: server.rate_per_min is never above it.
 */
MUST_CHECK int wit_config_load(const char *path, const char *root,
    struct wit_config **ret, struct fault *f);

/**
 * wit_config_reload(c, from, ret, f):
 * See ops_config_reload.
 */
MUST_CHECK int wit_config_reload(struct wit_config *c,
    const struct ops_config_source *from, struct ops_config_changes *ret,
    struct fault *f);

/**
 * wit_config_free(c):
 * Free ${c}; NULL is legal.
 */
void wit_config_free(struct wit_config *c);

#endif

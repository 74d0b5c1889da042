/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_CONFIG_H
#define TRUSTCHAIN_CT_CONFIG_H

#include "trustchain/trustchain_config.h"

/*
 * ct.toml (identity.md section 13).  Paths are absolute and below the root
 * folder already.
 */
enum ct_config_period { CT_CONFIG_DAILY, CT_CONFIG_WEEKLY, CT_CONFIG_MONTHLY };

struct ct_config_token {
	char *hash; /* lower hex SHA-256 of the bearer token */
	int64_t rate_per_min;
};

struct ct_config_log {
	char *base;
	int shard_period; /* enum ct_config_period */
	int64_t shard_ahead;
	struct ops_config_list roots; /* paths */
	char *keys; /* folder, or "pkcs11:token=T" for the log keys */
	char *pkcs11_module, *pin_file; /* of the token; "" */
	struct ops_config_list pkcs11_paths;
	char *pass_file, *list_key;
	int64_t chain_max, entry_max, batch_ms, batch_max, queue_max;
	int64_t checkpoint_ms, sth_refresh_s, max_entries, index_commit_s,
	    get_entries_max;
};

struct ct_config_quorum {
	int64_t k; /* cosignatures that a head needs; 0: no witnesses */
	bool strict;
	int64_t timeout_ms;
};

#define CT_CONFIG_WITNESSES_MAX 15

struct ct_config_witness {
	char *name, *url, *vkey;
};

struct ct_config_monitor {
	int64_t interval_s;
};

struct ct_config {
	struct trustchain_server server;
	struct trustchain_audit audit;
	struct ct_config_log log;
	struct ops_config_list tokens; /* of struct ct_config_token */
	struct ct_config_quorum quorum;
	struct ops_config_list witnesses; /* of struct ct_config_witness */
	struct ct_config_monitor monitor;
};

/**
 * ct_config_on_token(c):
 * Return whether the log keys are on a PKCS #11 token.
 * ct_config_token_uri(c, shard, out, cap):
 * Write the URI of a shard's log key there: object <shard>.log.
 * ct_config_key_folder(c, out, cap):
 * Write the folder of the key files: [log] keys or, when that is a token, the
 * folder of list_key.  ERR_SYS_LIMIT.
 */
bool ct_config_on_token(const struct ct_config *c);
MUST_CHECK int ct_config_token_uri(
    const struct ct_config *c, const char *shard, char *out, size_t cap);
MUST_CHECK int ct_config_key_folder(
    const struct ct_config *c, char *out, size_t cap);

/**
 * ct_config_load(path, root, ret, f):
 * Read ct.toml, as ops_config_load.
 */
MUST_CHECK int ct_config_load(const char *path, const char *root,
    struct ct_config **ret, struct fault *f);

/**
 * ct_config_reload(c, from, ret, f):
 * Take over from the file what may change in a running daemon; see
 * ops_config_reload.
 */
MUST_CHECK int ct_config_reload(struct ct_config *c,
    const struct ops_config_source *from, struct ops_config_changes *ret,
    struct fault *f);

/**
 * ct_config_free(c):
 * Free ${c}; NULL is legal.
 */
void ct_config_free(struct ct_config *c);

#endif

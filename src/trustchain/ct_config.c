/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_config.h"

#include <string.h>

#include "base/str.h"
#include "keys/p11_uri.h"
#include "trustchain/ct_quorum.h"
#include "trustchain/trustchain_peer.h"

static const char *
check_hash(const char *v)
{
	return strlen(v) == 64 && strspn(v, "0123456789abcdef") == 64
		   ? NULL
		   : "must be 64 lower-case hex digits";
}

/* For logs and metrics. */
static const char *
check_name(const char *v)
{
	return v[0] != '\0' && strpbrk(v, " \"\\\n\t") == NULL
		   ? NULL
		   : "must be a word";
}

static const char *
check_absolute(const char *v)
{
	return v[0] == '/' ? NULL : "must be an absolute path";
}

#define S ct_config_log
static const struct ops_config_key log_keys[] = {
	OPS_CONFIG_KEY(
	    STRING, S, base, "ct.trust.hypermesh.online", 0, 200, NULL, NULL),
	OPS_CONFIG_KEY(ENUM, S, shard_period, "weekly", 0, 0,
	    "daily|weekly|monthly", NULL),
	OPS_CONFIG_KEY(INT, S, shard_ahead, "4", 1, 60, NULL, NULL),
	OPS_CONFIG_KEY(PATHS, S, roots, NULL, 0, 64, NULL, NULL),
	OPS_CONFIG_KEY(PATH, S, keys, NULL, 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(SYSTEM, S, pkcs11_module, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, pkcs11_paths, "", 0, 16, NULL, check_absolute),
	OPS_CONFIG_KEY(PATH, S, pin_file, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(PATH, S, pass_file, NULL, 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(
	    URI, S, list_key, NULL, 0, 0, NULL, trustchain_config_check_key),
	OPS_CONFIG_KEY(INT, S, chain_max, "6", 1, 10, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, entry_max, "65536", 4096, 262144, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, batch_ms, "2", 0, 50, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, batch_max, "1024", 1, 4096, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, queue_max, "8192", 64, 65536, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, checkpoint_ms, "250", 50, 10000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, sth_refresh_s, "60", 5, 3600, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, max_entries, "100000000", 1, 1099511627775, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, index_commit_s, "5", 1, 60, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, get_entries_max, "256", 1, 1000, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ct_config_token
static const struct ops_config_key token_keys[] = {
	OPS_CONFIG_KEY(STRING, S, hash, NULL, 0, 64, NULL, check_hash),
	OPS_CONFIG_KEY(INT, S, rate_per_min, "60000", 1, 10000000, NULL, NULL),
	{ .name = NULL },
};
#undef S
#define S ct_config_quorum
static const struct ops_config_key quorum_keys[] = {
	OPS_CONFIG_KEY(INT, S, k, "0", 0, CT_CONFIG_WITNESSES_MAX, NULL, NULL),
	OPS_CONFIG_KEY(BOOL, S, strict, "false", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, timeout_ms, "1000", 50, 10000, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ct_config_witness
static const struct ops_config_key witness_keys[] = {
	OPS_CONFIG_KEY(STRING, S, name, NULL, 0, 63, NULL, check_name),
	OPS_CONFIG_KEY(
	    ADDR, S, url, NULL, 0, 0, NULL, trustchain_peer_check_url),
	OPS_CONFIG_KEY(STRING, S, vkey, NULL, 0, 2047, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ct_config_monitor
static const struct ops_config_key monitor_keys[] = {
	OPS_CONFIG_KEY(INT, S, interval_s, "10", 1, 3600, NULL, NULL),
	{ .name = NULL },
};
#undef S

#define AT(member) offsetof(struct ct_config, member)

static const struct ops_config_section sections[] = {
	{ "server", OPS_CONFIG_TABLE, AT(server), 0, 0, 0,
	    trustchain_config_server_ct },
	{ "audit", OPS_CONFIG_TABLE, AT(audit), 0, 0, 0,
	    trustchain_config_audit },
	{ "log", OPS_CONFIG_TABLE, AT(log), 0, 0, 0, log_keys },
	{ "log.tokens", OPS_CONFIG_ARRAY, AT(tokens),
	    sizeof(struct ct_config_token), 64, 0, token_keys },
	{ "quorum", OPS_CONFIG_TABLE, AT(quorum), 0, 0, 0, quorum_keys },
	{ "witness_peer", OPS_CONFIG_ARRAY, AT(witnesses),
	    sizeof(struct ct_config_witness), CT_CONFIG_WITNESSES_MAX, 0,
	    witness_keys },
	{ "monitor", OPS_CONFIG_TABLE, AT(monitor), 0, 0, 0, monitor_keys },
	{ .name = NULL },
};

bool
ct_config_on_token(const struct ct_config *c)
{
	return base_str_starts(c->log.keys, KEYS_P11_SCHEME);
}

int
ct_config_token_uri(
    const struct ct_config *c, const char *shard, char *out, size_t cap)
{
	return base_str_format(
	    out, cap, "%s;object=%s.log", c->log.keys, shard);
}

int
ct_config_key_folder(const struct ct_config *c, char *out, size_t cap)
{
	const char *path = c->log.keys, *slash;

	if (!ct_config_on_token(c))
		return base_str_format(out, cap, "%s", path);
	path = c->log.list_key + strlen("file:");
	slash = strrchr(path, '/');
	return base_str_format(out, cap, "%.*s",
	    slash == NULL ? 1 : (int)(slash - path),
	    slash == NULL ? "." : path);
}

/* The token's name only: its objects are named after the shards. */
static int
check_token(const struct ct_config *c, struct fault *f)
{
	struct keys_p11_uri uri;

	if (!ct_config_on_token(c))
		return 0;
	if (keys_p11_uri_parse(c->log.keys, strlen(c->log.keys), &uri) != 0 ||
	    uri.object[0] != '\0' || uri.id_len > 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[log] keys: \"pkcs11:token=T\" and, if need be, "
		    ";serial=S");
	if (c->log.pkcs11_module[0] == '\0' || c->log.pin_file[0] == '\0')
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[log] keys on a token need pkcs11_module and pin_file");
	return 0;
}

static int
finish(void *target, const char *root, struct fault *f)
{
	struct ct_config *c = target;
	int rc;

	if (c->log.roots.n == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[log] roots must name at least one file");
	if ((rc = check_token(c, f)) != 0 || (rc = ct_quorum_config(c, f)) != 0)
		return rc;
	return trustchain_config_finish(&c->server, &c->audit, root, f);
}

static const struct ops_config_schema schema = { sizeof(struct ct_config),
	"TRUSTCHAIN", sections, finish };

int
ct_config_load(
    const char *path, const char *root, struct ct_config **ret, struct fault *f)
{
	void *out;
	int rc;

	if ((rc = ops_config_load(&schema, path, root, &out, f)) != 0)
		return rc;
	*ret = out;
	return 0;
}

int
ct_config_reload(struct ct_config *c, const struct ops_config_source *from,
    struct ops_config_changes *ret, struct fault *f)
{
	static const char *const changeable[] = { "log.shard_ahead", NULL };
	const struct ops_config_rules rules = { changeable, NULL, NULL };

	return ops_config_reload(&schema, &rules, from, c, ret, f);
}

void
ct_config_free(struct ct_config *c)
{
	ops_config_free(&schema, c);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/wit_config.h"

#include <string.h>

#include "merkle/vkey.h"
#include "merkle/witness.h"

#define LOGS_MAX 10000

static const char *
check_vkey(const char *v)
{
	struct merkle_vkey key;

	if (merkle_vkey_parse(v, strlen(v), &key) != 0)
		return "must be a verifier key: name+hash+base64";
	return key.type == MERKLE_SIG_ED25519
		   ? NULL
		   : "must be the Ed25519 key of a log";
}

static const char *
check_name(const char *v)
{
	return merkle_vkey_name_ok(v, strlen(v)) &&
		       strlen(v) < MERKLE_VKEY_NAME_MAX
		   ? NULL
		   : "must be a key name: no spaces, no +";
}

static const char *
check_origin(const char *v)
{
	return v[0] != '\0' && strlen(v) < MERKLE_WITNESS_ORIGIN_MAX &&
		       strchr(v, '\n') == NULL
		   ? NULL
		   : "must be one line of 1 to 255 bytes";
}

static const char *
check_key_or_none(const char *v)
{
	return v[0] == '\0' ? NULL : trustchain_config_check_key(v);
}

#define S wit_config_witness
static const struct ops_config_key witness_keys[] = {
	OPS_CONFIG_KEY(STRING, S, name, NULL, 0, 255, NULL, check_name),
	OPS_CONFIG_KEY(
	    URI, S, key, NULL, 0, 0, NULL, trustchain_config_check_key),
	OPS_CONFIG_KEY(URI, S, key44, "", 0, 0, NULL, check_key_or_none),
	OPS_CONFIG_KEY(PATH, S, pass_file, NULL, 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, rate_per_min, "600", 1, 60000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, max_logs, "1000", 1, LOGS_MAX, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S wit_config_log
static const struct ops_config_key log_keys[] = {
	OPS_CONFIG_KEY(STRING, S, origin, NULL, 0, 255, NULL, check_origin),
	OPS_CONFIG_KEY(
	    LIST, S, vkeys, NULL, 0, MERKLE_WITNESS_KEYS_MAX, NULL, check_vkey),
	{ .name = NULL },
};
#undef S

#define AT(member) offsetof(struct wit_config, member)

static const struct ops_config_section sections[] = {
	{ "server", OPS_CONFIG_TABLE, AT(server), 0, 0, 0,
	    trustchain_config_server_witness },
	{ "audit", OPS_CONFIG_TABLE, AT(audit), 0, 0, 0,
	    trustchain_config_audit },
	{ "witness", OPS_CONFIG_TABLE, AT(witness), 0, 0, 0, witness_keys },
	{ "witness.log", OPS_CONFIG_ARRAY, AT(logs),
	    sizeof(struct wit_config_log), LOGS_MAX, 0, log_keys },
	{ .name = NULL },
};

static int
finish(void *target, const char *root, struct fault *f)
{
	struct wit_config *c = target;
	const struct wit_config_log *log = c->logs.v;

	if (c->logs.n > (size_t)c->witness.max_logs)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[witness] max_logs is %lld, but there are %zu "
		    "[[witness.log]]",
		    (long long)c->witness.max_logs, c->logs.n);
	for (size_t i = 0; i < c->logs.n; i++)
		if (log[i].vkeys.n == 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[witness.log]] %.100s: vkeys is empty",
			    log[i].origin);
	if (c->server.rate_per_min == 0 ||
	    c->server.rate_per_min > c->witness.rate_per_min)
		c->server.rate_per_min = c->witness.rate_per_min;
	return trustchain_config_finish(&c->server, &c->audit, root, f);
}

static const struct ops_config_schema schema = { sizeof(struct wit_config),
	"TRUSTCHAIN", sections, finish };

int
wit_config_load(const char *path, const char *root, struct wit_config **ret,
    struct fault *f)
{
	void *out;
	int rc;

	if ((rc = ops_config_load(&schema, path, root, &out, f)) != 0)
		return rc;
	*ret = out;
	return 0;
}

int
wit_config_reload(struct wit_config *c, const struct ops_config_source *from,
    struct ops_config_changes *ret, struct fault *f)
{
	static const char *const changeable[] = { NULL };
	const struct ops_config_rules rules = { changeable, NULL, NULL };

	return ops_config_reload(&schema, &rules, from, c, ret, f);
}

void
wit_config_free(struct wit_config *c)
{
	ops_config_free(&schema, c);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_config.h"

#define S dash_config_dashboard
static const struct ops_config_key dashboard_keys[] = {
	OPS_CONFIG_KEY(LIST, S, targets, "", 0, 64, NULL,
	    trustchain_config_check_url),
	OPS_CONFIG_KEY(INT, S, scrape_s, "5", 1, 300, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, history_h, "24", 1, 168, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, alert_max_active, "1000", 10, 10000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, alert_history_h, "72", 1, 720, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, log_lines, "5000", 100, 100000, NULL, NULL),
	{ .name = NULL },
};
#undef S

static const struct ops_config_section sections[] = {
	{ "server", OPS_CONFIG_TABLE, offsetof(struct dash_config, server), 0,
	    0, 0, trustchain_config_server_dashboard },
	{ "dashboard", OPS_CONFIG_TABLE,
	    offsetof(struct dash_config, dashboard), 0, 0, 0, dashboard_keys },
	{ .name = NULL },
};

static int
finish(void *target, const char *root, struct fault *f)
{
	struct dash_config *c = target;

	return trustchain_config_finish(&c->server, NULL, root, f);
}

static const struct ops_config_schema schema = { sizeof(struct dash_config),
	"TRUSTCHAIN", sections, finish };

int
dash_config_load(const char *path, const char *root, struct dash_config **ret,
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
dash_config_reload(struct dash_config *c, const struct ops_config_source *from,
    struct ops_config_changes *ret, struct fault *f)
{
	static const char *const changeable[] = { NULL };
	const struct ops_config_rules rules = { changeable, NULL, NULL };

	return ops_config_reload(&schema, &rules, from, c, ret, f);
}

void
dash_config_free(struct dash_config *c)
{
	ops_config_free(&schema, c);
}

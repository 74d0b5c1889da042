/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_CONFIG_H
#define TRUSTCHAIN_DASH_CONFIG_H

#include "trustchain/trustchain_config.h"

/* dashboard.toml: the sections [server] and [dashboard]. */
#define DASH_TARGETS_MAX 64

struct dash_config_dashboard {
	struct ops_config_list targets; /* URLs, /metrics is added */
	int64_t scrape_s, history_h, alert_max_active, alert_history_h,
	    log_lines;
};

struct dash_config {
	struct trustchain_server server;
	struct dash_config_dashboard dashboard;
};

/**
 * dash_config_load(path, root, ret, f):
 * Read dashboard.toml, as ops_config_load.
 */
MUST_CHECK int dash_config_load(const char *path, const char *root,
    struct dash_config **ret, struct fault *f);

/**
 * dash_config_reload(c, from, ret, f):
 * See ops_config_reload.
 */
MUST_CHECK int dash_config_reload(struct dash_config *c,
    const struct ops_config_source *from, struct ops_config_changes *ret,
    struct fault *f);

/**
 * dash_config_free(c):
 * NULL is legal.
 */
void dash_config_free(struct dash_config *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_CONFIG_INTERNAL_H
#define OPS_CONFIG_INTERNAL_H

#include <stddef.h>

#include "base/fault.h"
#include "ops/config.h"
#include "ops/toml.h"

/* What a conversion needs to know about where it happens. */
struct ops_config_place {
	const char *file; /* of the configuration, for relative paths */
	const char *root;
	const char *at; /* "file:line" or the environment variable */
	const char *section;
	struct fault *fault;
};

/**
 * ops_config_value_text(key, text, base, place):
 * Store ${text} (environment or default) at the target in struct ${base}.
 */
MUST_CHECK int ops_config_value_text(const struct ops_config_key *key,
    const char *text, void *base, const struct ops_config_place *place);

/**
 * ops_config_value_toml(key, node, base, place):
 * Store the TOML value ${node} at the target in struct ${base}.
 */
MUST_CHECK int ops_config_value_toml(const struct ops_config_key *key,
    const struct ops_toml *node, void *base,
    const struct ops_config_place *place);

/**
 * ops_config_value_free(key, base):
 * Free what the target of ${key} in struct ${base} owns.
 */
void ops_config_value_free(const struct ops_config_key *key, void *base);

#endif

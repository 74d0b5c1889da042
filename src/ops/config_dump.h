/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_CONFIG_DUMP_H
#define OPS_CONFIG_DUMP_H

#include "ops/config.h"
#include "wire/json.h"

/**
 * ops_config_dump(schema, target):
 * Return a configuration in effect as JSON, sections by name, secrets as
 * "redacted"; NULL when out of memory.
 */
json_t *ops_config_dump(
    const struct ops_config_schema *schema, const void *target);

#endif

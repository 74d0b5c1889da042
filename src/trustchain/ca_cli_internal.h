/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLI_INTERNAL_H
#define TRUSTCHAIN_CA_CLI_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ops/cli.h"
#include "wire/json.h"

/* What the commands that ask a running daemon share. */

/**
 * ca_cli_ask(cli, req, ret):
 * Send ${req}, which is consumed, to the daemon of the configuration; on
 * failure say why and return the exit code.  On 0 the caller owns ${ret}.
 */
int ca_cli_ask(const struct ops_cli *cli, json_t *req, json_t **ret);

/** ca_cli_print_json(o): print a reply for --json; changes ${o}. */
void ca_cli_print_json(json_t *o);

/** ca_cli_text(o, key): return the string member ${key}, or "". */
const char *ca_cli_text(const json_t *o, const char *key);

/** ca_cli_strings(v): return a new array of the values of an option. */
json_t *ca_cli_strings(const struct ops_cli_values *v);

/** ca_cli_duration_s(text): "90s", "24h" in seconds; -1 when it is none. */
int64_t ca_cli_duration_s(const char *text);

/** ca_cli_usage(what): say ${what} is wrong and return exit code 2. */
int ca_cli_usage(const char *what);

/**
 * ca_cli_set_number(o, key, text):
 * Set the integer member ${key} from option ${text}, if there is any.  Return
 * whether it was a number.
 */
bool ca_cli_set_number(json_t *o, const char *key, const char *text);

/** ca_cli_set_text(o, key, text): the same for a string. */
void ca_cli_set_text(json_t *o, const char *key, const char *text);

#endif

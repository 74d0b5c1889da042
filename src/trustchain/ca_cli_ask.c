/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ops/control.h"
#include "trustchain/ca_config.h"

#define CALL_TIMEOUT_MS 60000

int
ca_cli_ask(const struct ops_cli *cli, json_t *req, json_t **ret)
{
	struct ca_config *conf;
	struct fault f = { 0 };
	int rc;

	if (req == NULL) {
		ops_cli_error("out of memory");
		return OPS_EXIT_FAILED;
	}
	if ((rc = ca_config_load(cli->config, cli->root, &conf, &f)) == 0) {
		rc = ops_control_request(
		    conf->server.control, req, CALL_TIMEOUT_MS, ret, &f);
		ca_config_free(conf);
	} else if (rc == ERR_STATE_NOT_FOUND) {
		rc = ERR_STATE_CONFIG;
	}
	json_decref(req);
	if (rc != 0)
		ops_cli_error("%s", f.msg);
	return ops_cli_exit_of(rc);
}

void
ca_cli_print_json(json_t *o)
{
	char *text;

	(void)json_object_del(o, "ok");
	if ((text = wire_json_dump(o, NULL)) != NULL)
		(void)printf("%s\n", text);
	free(text);
}

const char *
ca_cli_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

json_t *
ca_cli_strings(const struct ops_cli_values *v)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		(void)json_array_append_new(a, json_string(v->v[i]));
	return a;
}

int64_t
ca_cli_duration_s(const char *text)
{
	static const struct {
		char unit;
		int64_t s;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t n = text == NULL ? 0 : strlen(text), i;
	uint64_t v;

	for (i = 0; n > 1 && i < 4; i++)
		if (text[n - 1] == units[i].unit &&
		    base_str_u64(text, n - 1, &v) == 0 && v >= 1 &&
		    v <= 1000000000)
			return (int64_t)v * units[i].s;
	return -1;
}

int
ca_cli_usage(const char *what)
{
	ops_cli_error("%s", what);
	return OPS_EXIT_USAGE;
}

bool
ca_cli_set_number(json_t *o, const char *key, const char *text)
{
	uint64_t v;

	if (text == NULL)
		return true;
	if (base_str_u64(text, strlen(text), &v) != 0 || v > INT32_MAX)
		return false;
	return json_object_set_new(o, key, json_integer((json_int_t)v)) == 0;
}

void
ca_cli_set_text(json_t *o, const char *key, const char *text)
{
	if (text != NULL)
		(void)json_object_set_new(o, key, json_string(text));
}

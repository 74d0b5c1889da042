/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli_rotate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "ops/control.h"
#include "trustchain/ca_cli_internal.h"
#include "trustchain/ca_config.h"

#define ROTATE_TIMEOUT_MS 60000
#define THRESHOLD_S_MAX 86400

const struct ops_cli_option ca_cli_rotate_options[] = {
	{ "immediate", OPS_CLI_FLAG, offsetof(struct ca_cli_rotate, immediate),
	    NULL, "also when it is not due" },
	{ .name = NULL },
};

const struct ops_cli_option ca_cli_cleanup_options[] = {
	{ "remove-expired", OPS_CLI_FLAG,
	    offsetof(struct ca_cli_cleanup, remove_expired), NULL,
	    "drop what [store] does not retain any more" },
	{ "archive-revoked", OPS_CLI_FLAG,
	    offsetof(struct ca_cli_cleanup, archive_revoked), NULL,
	    "write revoked ones to the archive first" },
	{ .name = NULL },
};

const struct ops_cli_option ca_cli_rotates_options[] = {
	{ "check-expiry", OPS_CLI_FLAG,
	    offsetof(struct ca_cli_rotates, check_expiry), NULL,
	    "rotate what is due; without this, everything" },
	{ "rotate-threshold", OPS_CLI_VALUE,
	    offsetof(struct ca_cli_rotates, rotate_threshold), "TIME",
	    "due when no more is left, as 6h; the configured one otherwise" },
	{ "zero-downtime", OPS_CLI_FLAG,
	    offsetof(struct ca_cli_rotates, zero_downtime), NULL,
	    "accepted and always so: no connection is dropped" },
	{ .name = NULL },
};

/* The daemons of the plane that have a certificate of their own. */
static const char *const programs[] = { "trustchain-ct", "trustchain-witness",
	"trustchain-dashboard" };

static void
print(const struct ops_cli *cli, const char *program, json_t *reply)
{
	const char *name = program != NULL ? program : "trustchain-ca";

	if (cli->json) {
		(void)json_object_set_new(reply, "program", json_string(name));
		ca_cli_print_json(reply);
	} else if (json_is_true(json_object_get(reply, "rotated"))) {
		ops_cli_success("rotated serial=%s not_before=%s not_after=%s",
		    ca_cli_text(reply, "serial"),
		    ca_cli_text(reply, "not_before"),
		    ca_cli_text(reply, "not_after"));
	} else {
		ops_cli_info("not due remaining=%lld",
		    (long long)json_integer_value(
			json_object_get(reply, "remaining_s")));
	}
}

static json_t *
request(bool immediate, int64_t threshold_s)
{
	json_t *o = json_pack(
	    "{s:s, s:b}", "op", "rotate", "immediate", immediate ? 1 : 0);

	if (threshold_s >= 0)
		(void)json_object_set_new(
		    o, "threshold_s", json_integer(threshold_s));
	return o;
}

int
ca_cli_rotate(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_rotate *t = opts;
	json_t *reply;
	int code;

	(void)args;
	(void)n;
	code = ca_cli_ask(cli, request(t->immediate, -1), &reply);
	if (code != 0)
		return code;
	print(cli, NULL, reply);
	json_decref(reply);
	return OPS_EXIT_OK;
}

/* Ask the daemon behind another socket of the folder of ${control}. */
static int
ask_other(const struct ops_cli *cli, const char *control, const char *program,
    const json_t *req)
{
	const char *slash = strrchr(control, '/');
	struct fault f = { 0 };
	char path[4096];
	json_t *reply;
	int rc;

	if (slash == NULL ||
	    base_str_format(path, sizeof(path), "%.*s/%s.ctl",
		(int)(slash - control), control, program) != 0 ||
	    access(path, F_OK) != 0)
		return OPS_EXIT_OK;
	rc = ops_control_request(path, req, ROTATE_TIMEOUT_MS, &reply, &f);
	if (rc == ERR_SYS_UNAVAILABLE || rc == ERR_STATE_USAGE) {
		ops_cli_info("%s: %s", program, f.msg);
		return OPS_EXIT_OK;
	}
	if (rc != 0) {
		ops_cli_error("%s: %s", program, f.msg);
		return ops_cli_exit_of(rc);
	}
	print(cli, program, reply);
	json_decref(reply);
	return OPS_EXIT_OK;
}

static int
ask_others(const struct ops_cli *cli, const json_t *req)
{
	struct ca_config *conf;
	struct fault f = { 0 };
	int code = OPS_EXIT_OK, one;
	size_t i;

	if (ca_config_load(cli->config, cli->root, &conf, &f) != 0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_USAGE;
	}
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		one = ask_other(cli, conf->server.control, programs[i], req);
		if (code == OPS_EXIT_OK)
			code = one;
	}
	ca_config_free(conf);
	return code;
}

int
ca_cli_rotates(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_rotates *t = opts;
	int64_t threshold_s = -1;
	json_t *req, *reply;
	int code, other;

	(void)args;
	(void)n;
	if (t->rotate_threshold != NULL) {
		threshold_s = ca_cli_duration_s(t->rotate_threshold);
		if (threshold_s < 0 || threshold_s > THRESHOLD_S_MAX)
			return ca_cli_usage(
			    "--rotate-threshold is a time of up to 24h");
	}
	if ((req = request(!t->check_expiry, threshold_s)) == NULL)
		return OPS_EXIT_FAILED;
	code = ca_cli_ask(cli, json_incref(req), &reply);
	if (code == 0) {
		print(cli, NULL, reply);
		json_decref(reply);
	}
	other = ask_others(cli, req);
	json_decref(req);
	return code != OPS_EXIT_OK ? code : other;
}

int
ca_cli_cleanup(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_cleanup *t = opts;
	json_t *reply;
	int code;

	(void)args;
	(void)n;
	if (!t->remove_expired)
		return ca_cli_usage("--remove-expired is needed: it says what "
				    "is removed");
	code = ca_cli_ask(cli,
	    json_pack("{s:s, s:b}", "op", "cleanup", "archive_revoked",
		t->archive_revoked ? 1 : 0),
	    &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		ops_cli_success(
		    "der_dropped=%lld rows_removed=%lld archived=%lld",
		    (long long)json_integer_value(
			json_object_get(reply, "der_dropped")),
		    (long long)json_integer_value(
			json_object_get(reply, "rows_removed")),
		    (long long)json_integer_value(
			json_object_get(reply, "archived")));
	json_decref(reply);
	return OPS_EXIT_OK;
}

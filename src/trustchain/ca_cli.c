/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ops/control.h"
#include "store/file.h"
#include "trustchain/ca_config.h"

#define CALL_TIMEOUT_MS 60000
#define CSR_MAX 65536

const struct ops_cli_option ca_cli_token_options[] = {
	{ "role", OPS_CLI_VALUES, offsetof(struct ca_cli_token, role), "ROLE",
	    "issuer, revoker, operator or auditor; may be repeated" },
	{ "name-scope", OPS_CLI_VALUES,
	    offsetof(struct ca_cli_token, name_scope), "SCOPE",
	    "DNS name with all below it, address prefix or URI prefix" },
	{ "profile", OPS_CLI_VALUES, offsetof(struct ca_cli_token, profile),
	    "PROFILE", "profile it may ask for; without this, any" },
	{ "ttl", OPS_CLI_VALUE, offsetof(struct ca_cli_token, ttl), "TIME",
	    "life time: 90s, 15m, 24h or 30d" },
	{ "rate", OPS_CLI_VALUE, offsetof(struct ca_cli_token, rate), "N",
	    "requests a minute (60000)" },
	{ .name = NULL },
};

const struct ops_cli_option ca_cli_issue_options[] = {
	{ "csr", OPS_CLI_VALUE, offsetof(struct ca_cli_issue, csr), "FILE",
	    "certificate request, PEM" },
	{ "profile", OPS_CLI_VALUE, offsetof(struct ca_cli_issue, profile),
	    "PROFILE", "instead of server" },
	{ "issuer", OPS_CLI_VALUE, offsetof(struct ca_cli_issue, issuer), "ID",
	    "instead of the profile's" },
	{ "san", OPS_CLI_VALUES, offsetof(struct ca_cli_issue, san), "NAME",
	    "further name; may be repeated" },
	{ "hours", OPS_CLI_VALUE, offsetof(struct ca_cli_issue, hours), "N",
	    "1 to 24; never longer than the profile" },
	{ .name = NULL },
};

const struct ops_cli_option ca_cli_list_options[] = {
	{ "status", OPS_CLI_VALUE, offsetof(struct ca_cli_list, status),
	    "STATUS", "Valid, Expired, Revoked or Abandoned" },
	{ "limit", OPS_CLI_VALUE, offsetof(struct ca_cli_list, limit), "N",
	    "at most this many, 1 to 500 (100)" },
	{ "cursor", OPS_CLI_VALUE, offsetof(struct ca_cli_list, cursor), "N",
	    "go on after the `next' of an earlier list" },
	{ .name = NULL },
};

/*
 * Send ${req}, which is consumed, to the daemon of the configuration; on
 * failure say why and return the exit code.
 */
static int
ask(const struct ops_cli *cli, json_t *req, json_t **ret)
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

static void
print_json(json_t *o)
{
	char *text;

	(void)json_object_del(o, "ok");
	if ((text = wire_json_dump(o, NULL)) != NULL)
		(void)printf("%s\n", text);
	free(text);
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static json_t *
strings(const struct ops_cli_values *v)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		(void)json_array_append_new(a, json_string(v->v[i]));
	return a;
}

/* "24h" and so on, in seconds; -1 when it is none. */
static int64_t
duration_s(const char *text)
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

static int
usage(const char *what)
{
	ops_cli_error("%s", what);
	return OPS_EXIT_USAGE;
}

/* Set integer member ${key} from option text, if there is any. */
static bool
set_number(json_t *o, const char *key, const char *text)
{
	uint64_t v;

	if (text == NULL)
		return true;
	if (base_str_u64(text, strlen(text), &v) != 0 || v > INT32_MAX)
		return false;
	return json_object_set_new(o, key, json_integer((json_int_t)v)) == 0;
}

static void
set_text(json_t *o, const char *key, const char *text)
{
	if (text != NULL)
		(void)json_object_set_new(o, key, json_string(text));
}

int
ca_cli_token_create(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_token *t = opts;
	int64_t ttl = duration_s(t->ttl);
	json_t *req, *reply;
	int code;

	(void)args;
	(void)n;
	if (t->role.n == 0)
		return usage("--role is needed: issuer, revoker, operator or "
			     "auditor");
	if (ttl < 0)
		return usage("--ttl is needed: 90s, 15m, 24h or 30d");
	req = json_pack("{s:s, s:o, s:o, s:o, s:I}", "op", "token.create",
	    "role", strings(&t->role), "name_scope", strings(&t->name_scope),
	    "profile", strings(&t->profile), "ttl_s", (json_int_t)ttl);
	if (!set_number(req, "rate", t->rate)) {
		json_decref(req);
		return usage("--rate must be a number");
	}
	if ((code = ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json)
		print_json(reply);
	else
		(void)printf("token=%s\n", text_of(reply, "token"));
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_token_list(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply, *t;
	size_t i;
	int code;

	(void)opts;
	(void)args;
	(void)n;
	code = ask(cli, json_pack("{s:s}", "op", "token.list"), &reply);
	if (code != 0)
		return code;
	if (cli->json) {
		print_json(reply);
	} else {
		(void)printf("%-16s  %-8s  %-20s  %-24s  %s\n", "ID", "STATUS",
		    "EXPIRES", "ROLES", "PROFILES");
		json_array_foreach(json_object_get(reply, "tokens"), i, t)(
		    void) printf("%-16s  %-8s  %-20s  %-24s  %s\n",
		    text_of(t, "id"), text_of(t, "status"),
		    text_of(t, "expires"), text_of(t, "roles"),
		    text_of(t, "profiles")[0] != '\0' ? text_of(t, "profiles")
						      : "any");
	}
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_token_revoke(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply;
	int code;

	(void)opts;
	(void)n;
	code = ask(cli,
	    json_pack("{s:s, s:s}", "op", "token.revoke", "id", args[0]),
	    &reply);
	if (code != 0)
		return code;
	if (cli->json)
		print_json(reply);
	else
		ops_cli_success("token %s revoked", args[0]);
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_issue(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_issue *t = opts;
	uint8_t *csr = NULL;
	json_t *req, *reply, *pem;
	size_t len, i;
	int code, rc;

	(void)args;
	(void)n;
	if (t->csr == NULL)
		return usage("--csr FILE is needed");
	if ((rc = store_file_load(t->csr, CSR_MAX, &csr, &len)) != 0) {
		ops_cli_error("%s: %s", t->csr, base_err_text(rc));
		return OPS_EXIT_USAGE;
	}
	req = json_pack("{s:s, s:s, s:o}", "op", "issue", "csr",
	    (const char *)csr, "san", strings(&t->san));
	free(csr);
	if (req == NULL)
		return usage("the request is not PEM text");
	set_text(req, "profile", t->profile);
	set_text(req, "issuer", t->issuer);
	if (!set_number(req, "hours", t->hours)) {
		json_decref(req);
		return usage("--hours must be 1 to 24");
	}
	if ((code = ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json) {
		print_json(reply);
	} else {
		(void)fputs(text_of(reply, "certificate"), stdout);
		json_array_foreach(json_object_get(reply, "chain"), i, pem)(
		    void) fputs(json_string_value(pem), stdout);
	}
	json_decref(reply);
	return OPS_EXIT_OK;
}

static void
print_record(const json_t *o)
{
	static const char *const keys[] = { "serial", "status", "issuer",
		"profile", "not_before", "not_after", "fingerprint_sha256",
		"revoked_at" };
	const json_t *s;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (text_of(o, keys[i])[0] != '\0')
			(void)printf(
			    "%-18s  %s\n", keys[i], text_of(o, keys[i]));
	json_array_foreach(json_object_get(o, "scts"), i, s)(void) printf(
	    "%-18s  %s index %lld\n", "logged in", text_of(s, "shard"),
	    (long long)json_integer_value(json_object_get(s, "leaf_index")));
	(void)fputs(text_of(o, "certificate"), stdout);
}

int
ca_cli_show(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply;
	int code;

	(void)opts;
	(void)n;
	code = ask(cli,
	    json_pack("{s:s, s:s}", "op", "show", "serial", args[0]), &reply);
	if (code != 0)
		return code;
	if (cli->json)
		print_json(reply);
	else
		print_record(reply);
	json_decref(reply);
	return OPS_EXIT_OK;
}

static void
print_row(const json_t *row)
{
	const json_t *names = json_object_get(row, "names");
	const char *first = json_string_value(json_array_get(names, 0));
	size_t n = json_array_size(names);

	(void)printf("%-32s  %-9s  %-20s  %-12s  %s", text_of(row, "serial"),
	    text_of(row, "status"), text_of(row, "not_after"),
	    text_of(row, "profile"), first != NULL ? first : "");
	if (n > 1)
		(void)printf(" +%zu", n - 1);
	(void)printf("\n");
}

int
ca_cli_list(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_list *t = opts;
	json_t *req = json_pack("{s:s}", "op", "list"), *reply, *row;
	size_t i;
	int code;

	(void)args;
	(void)n;
	set_text(req, "status", t->status);
	if (!set_number(req, "limit", t->limit) ||
	    !set_number(req, "cursor", t->cursor)) {
		json_decref(req);
		return usage("--limit and --cursor are numbers");
	}
	if ((code = ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json) {
		print_json(reply);
		json_decref(reply);
		return OPS_EXIT_OK;
	}
	(void)printf("%-32s  %-9s  %-20s  %-12s  %s\n", "SERIAL", "STATUS",
	    "NOT AFTER", "PROFILE", "NAMES");
	json_array_foreach(json_object_get(reply, "certificates"), i, row)
	    print_row(row);
	if (json_object_get(reply, "next") != NULL)
		ops_cli_info("more with --cursor %lld",
		    (long long)json_integer_value(
			json_object_get(reply, "next")));
	json_decref(reply);
	return OPS_EXIT_OK;
}

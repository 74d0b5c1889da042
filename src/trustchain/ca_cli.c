/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "trustchain/ca_cli_internal.h"

#define CSR_MAX 65536

const struct ops_cli_option ca_cli_token_options[] = {
	{ "role", OPS_CLI_VALUES, offsetof(struct ca_cli_token, role), "ROLE",
	    "issuer, issuer-keygen, revoker, operator, auditor or registrar; "
	    "may "
	    "be repeated" },
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

int
ca_cli_token_create(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_token *t = opts;
	int64_t ttl = ca_cli_duration_s(t->ttl);
	json_t *req, *reply;
	int code;

	(void)args;
	(void)n;
	if (t->role.n == 0)
		return ca_cli_usage(
		    "--role is needed: issuer, issuer-keygen, revoker, "
		    "operator, auditor or registrar");
	if (ttl < 0)
		return ca_cli_usage("--ttl is needed: 90s, 15m, 24h or 30d");
	req = json_pack("{s:s, s:o, s:o, s:o, s:I}", "op", "token.create",
	    "role", ca_cli_strings(&t->role), "name_scope",
	    ca_cli_strings(&t->name_scope), "profile",
	    ca_cli_strings(&t->profile), "ttl_s", (json_int_t)ttl);
	if (!ca_cli_set_number(req, "rate", t->rate)) {
		json_decref(req);
		return ca_cli_usage("--rate must be a number");
	}
	if ((code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		(void)printf("token=%s\n", ca_cli_text(reply, "token"));
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
	code = ca_cli_ask(cli, json_pack("{s:s}", "op", "token.list"), &reply);
	if (code != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
	} else {
		(void)printf("%-16s  %-8s  %-20s  %-24s  %s\n", "ID", "STATUS",
		    "EXPIRES", "ROLES", "PROFILES");
		json_array_foreach(json_object_get(reply, "tokens"), i, t)(void)
		    printf("%-16s  %-8s  %-20s  %-24s  %s\n",
			ca_cli_text(t, "id"), ca_cli_text(t, "status"),
			ca_cli_text(t, "expires"), ca_cli_text(t, "roles"),
			ca_cli_text(t, "profiles")[0] != '\0'
			    ? ca_cli_text(t, "profiles")
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
	code = ca_cli_ask(cli,
	    json_pack("{s:s, s:s}", "op", "token.revoke", "id", args[0]),
	    &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
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
		return ca_cli_usage("--csr FILE is needed");
	if ((rc = store_file_load(t->csr, CSR_MAX, &csr, &len)) != 0) {
		ops_cli_error("%s: %s", t->csr, base_err_text(rc));
		return OPS_EXIT_USAGE;
	}
	req = json_pack("{s:s, s:s, s:o}", "op", "issue", "csr",
	    (const char *)csr, "san", ca_cli_strings(&t->san));
	free(csr);
	if (req == NULL)
		return ca_cli_usage("the request is not PEM text");
	ca_cli_set_text(req, "profile", t->profile);
	ca_cli_set_text(req, "issuer", t->issuer);
	if (!ca_cli_set_number(req, "hours", t->hours)) {
		json_decref(req);
		return ca_cli_usage("--hours must be 1 to 24");
	}
	if ((code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
	} else {
		(void)fputs(ca_cli_text(reply, "certificate"), stdout);
		json_array_foreach(json_object_get(reply, "chain"), i, pem)(
		    void) fputs(json_string_value(pem), stdout);
	}
	json_decref(reply);
	return OPS_EXIT_OK;
}

/* A foreign log has neither shards nor indexes: there is its id. */
static void
print_sct(const json_t *s)
{
	const json_t *index = json_object_get(s, "leaf_index");

	if (json_is_integer(index))
		(void)printf("%-18s  %s index %lld\n", "logged in",
		    ca_cli_text(s, "shard"),
		    (long long)json_integer_value(index));
	else
		(void)printf("%-18s  foreign log %s\n", "logged in",
		    ca_cli_text(s, "log_id"));
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
		if (ca_cli_text(o, keys[i])[0] != '\0')
			(void)printf(
			    "%-18s  %s\n", keys[i], ca_cli_text(o, keys[i]));
	json_array_foreach(json_object_get(o, "scts"), i, s) print_sct(s);
	(void)fputs(ca_cli_text(o, "certificate"), stdout);
}

int
ca_cli_show(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply;
	int code;

	(void)opts;
	(void)n;
	code = ca_cli_ask(cli,
	    json_pack("{s:s, s:s}", "op", "show", "serial", args[0]), &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
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

	(void)printf("%-32s  %-9s  %-20s  %-12s  %s",
	    ca_cli_text(row, "serial"), ca_cli_text(row, "status"),
	    ca_cli_text(row, "not_after"), ca_cli_text(row, "profile"),
	    first != NULL ? first : "");
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
	ca_cli_set_text(req, "status", t->status);
	if (!ca_cli_set_number(req, "limit", t->limit) ||
	    !ca_cli_set_number(req, "cursor", t->cursor)) {
		json_decref(req);
		return ca_cli_usage("--limit and --cursor are numbers");
	}
	if ((code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
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

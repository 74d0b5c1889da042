/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli_emergency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "trustchain/ca_cli_internal.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_emergency_note.h"

const struct ops_cli_option ca_cli_revoke_all_options[] = {
	{ "dry-run", OPS_CLI_FLAG, offsetof(struct ca_cli_revoke_all, dry_run),
	    NULL, "change nothing: count what would be revoked" },
	{ "scope", OPS_CLI_VALUE, offsetof(struct ca_cli_revoke_all, scope),
	    "SCOPE", "with --dry-run: all or issuer:ID (all)" },
	{ .name = NULL },
};

static void
print_operation(const json_t *o)
{
	static const char *const keys[] = { "operation_id", "action", "state",
		"issuance", "scope", "not_after", "armed_at", "started_at",
		"crl_published_at" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (ca_cli_text(o, keys[i])[0] != '\0')
			(void)printf(
			    "%-16s  %s\n", keys[i], ca_cli_text(o, keys[i]));
	(void)printf("%-16s  %lld\n", "reason",
	    (long long)json_integer_value(json_object_get(o, "reason")));
	if (json_object_get(o, "revoked") != NULL)
		(void)printf("%-16s  %lld\n", "revoked",
		    (long long)json_integer_value(
			json_object_get(o, "revoked")));
}

static json_t *
note_json(const struct ca_emergency_note *n,
    const struct ca_emergency_signers *signers)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < signers->n; i++)
		(void)json_array_append_new(a, json_string(signers->name[i]));
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o}", "operation_id",
	    n->operation_id, "action",
	    n->action == CA_EMERGENCY_RESUME ? "resume" : "revoke-all", "scope",
	    n->scope, "reason", (json_int_t)n->reason, "not_after_s",
	    (json_int_t)n->not_after_s, "signers", a);
}

static int
show_file(const struct ops_cli *cli, const char *path)
{
	struct ca_emergency_signers signers;
	struct ca_emergency_note n;
	struct ca_config *conf;
	struct fault f = { 0 };
	uint8_t *data;
	json_t *o;
	size_t len, i;
	int rc;

	rc = store_file_load(path, CA_EMERGENCY_NOTE_MAX, &data, &len);
	if (rc != 0) {
		ops_cli_error("%s: %s", path, base_err_text(rc));
		return OPS_EXIT_USAGE;
	}
	if (ca_config_load(cli->config, cli->root, &conf, &f) != 0) {
		free(data);
		return ca_cli_usage(f.msg);
	}
	rc = ca_emergency_note_open(
	    (const char *)data, len, &conf->auth.operators, &n, &signers);
	free(data);
	if (rc != 0) {
		ops_cli_error("%s: no signed emergency statement: %s", path,
		    base_err_text(rc));
		ca_config_free(conf);
		return OPS_EXIT_FAILED;
	}
	o = note_json(&n, &signers);
	if (cli->json) {
		ca_cli_print_json(o);
	} else {
		print_operation(o);
		for (i = 0; i < signers.n; i++)
			(void)printf(
			    "%-16s  %s\n", "signed by", signers.name[i]);
	}
	json_decref(o);
	ca_config_free(conf);
	return OPS_EXIT_OK;
}

int
ca_cli_emergency_show(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply, *row;
	size_t i;
	int code;

	(void)opts;
	if (n > 0)
		return show_file(cli, args[0]);
	code =
	    ca_cli_ask(cli, json_pack("{s:s}", "op", "emergency.show"), &reply);
	if (code != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
	} else {
		(void)printf("%-32s  %-8s  %-16s  %-6s  %-9s  %s\n",
		    "OPERATION", "STATE", "SCOPE", "REASON", "REVOKED",
		    "STARTED");
		json_array_foreach(
		    json_object_get(reply, "operations"), i, row)(void)
		    printf("%-32s  %-8s  %-16s  %-6lld  %-9lld  %s\n",
			ca_cli_text(row, "operation_id"),
			ca_cli_text(row, "state"), ca_cli_text(row, "scope"),
			(long long)json_integer_value(
			    json_object_get(row, "reason")),
			(long long)json_integer_value(
			    json_object_get(row, "revoked")),
			ca_cli_text(row, "started_at"));
	}
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_revoke_all(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_revoke_all *t = opts;
	const char *token = getenv("EMERGENCY_TOKEN");
	json_t *req, *reply;
	int code;

	(void)args;
	(void)n;
	if (t->scope != NULL && !t->dry_run)
		return ca_cli_usage("--scope goes with --dry-run; otherwise "
				    "the scope is that of the token");
	if (token == NULL && !t->dry_run) {
		ops_cli_error("EMERGENCY_TOKEN is not set; fix: have two "
			      "operators make one: emergency arm, emergency "
			      "approve");
		return OPS_EXIT_REFUSED;
	}
	req = json_pack(
	    "{s:s, s:b}", "op", "revoke-all", "dry_run", t->dry_run ? 1 : 0);
	ca_cli_set_text(req, "scope", t->scope);
	if (!t->dry_run)
		ca_cli_set_text(req, "token", token);
	if ((code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else if (t->dry_run)
		ops_cli_success("op=none would_revoke=%lld",
		    (long long)json_integer_value(
			json_object_get(reply, "would_revoke")));
	else
		ops_cli_success("op=%s revoked=%lld",
		    ca_cli_text(reply, "operation_id"),
		    (long long)json_integer_value(
			json_object_get(reply, "revoked")));
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_halt(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply;
	int code;

	(void)opts;
	(void)args;
	(void)n;
	code = ca_cli_ask(cli, json_pack("{s:s}", "op", "halt"), &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		ops_cli_success("issuance halted");
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_resume(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *req = json_pack("{s:s}", "op", "resume"), *reply, *id;
	size_t i;
	int code;

	(void)opts;
	ca_cli_set_text(req, "operation_id", n > 0 ? args[0] : NULL);
	if ((code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
		json_decref(reply);
		return OPS_EXIT_OK;
	}
	json_array_foreach(json_object_get(reply, "halted"), i, id)
	    ops_cli_warn("issuer %s stays halted: it was swept with reason 1, "
			 "or another operation is in force; fix: configure a "
			 "new issuer",
		json_string_value(id));
	if (strcmp(ca_cli_text(reply, "issuance"), "open") == 0)
		ops_cli_success("issuance open");
	else
		ops_cli_warn("issuance is halted still");
	json_decref(reply);
	return OPS_EXIT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli_revoke.h"

#include <stdio.h>
#include <string.h>

#include "trustchain/ca_cli_internal.h"

const struct ops_cli_option ca_cli_revoke_options[] = {
	{ "fingerprint", OPS_CLI_VALUE,
	    offsetof(struct ca_cli_revoke, fingerprint), "SHA256",
	    "instead of a serial: SHA-256 of the certificate, in hex" },
	{ "name", OPS_CLI_VALUE, offsetof(struct ca_cli_revoke, name), "NAME",
	    "instead of a serial: every certificate with that name" },
	{ "eab-kid", OPS_CLI_VALUE, offsetof(struct ca_cli_revoke, eab_kid),
	    "KID", "instead of a serial: all of that key's ACME account" },
	{ "reason", OPS_CLI_VALUE, offsetof(struct ca_cli_revoke, reason), "N",
	    "0 unspecified, 1 key compromise, 3 affiliation changed, "
	    "4 superseded, 5 cessation, 9 privilege withdrawn (0)" },
	{ "block", OPS_CLI_FLAG, offsetof(struct ca_cli_revoke, block), NULL,
	    "also refuse that key, name or EAB key from now on" },
	{ .name = NULL },
};

/* The request, or NULL unless there is exactly one selector. */
static json_t *
request(const struct ca_cli_revoke *t, const char *serial)
{
	json_t *req =
	    json_pack("{s:s, s:b}", "op", "revoke", "block", t->block ? 1 : 0);

	ca_cli_set_text(req, "serial", serial);
	ca_cli_set_text(req, "fingerprint", t->fingerprint);
	ca_cli_set_text(req, "name", t->name);
	ca_cli_set_text(req, "eab_kid", t->eab_kid);
	if (json_object_size(req) == 3 &&
	    ca_cli_set_number(req, "reason", t->reason))
		return req;
	json_decref(req);
	return NULL;
}

int
ca_cli_revoke(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *req = request(opts, n > 0 ? args[0] : NULL), *reply, *serial;
	size_t i;
	int code;

	if (req == NULL)
		return ca_cli_usage("revoke takes a SERIAL or one of "
				    "--fingerprint, --name, --eab-kid, and a "
				    "number as --reason");
	if ((code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
	} else {
		json_array_foreach(json_object_get(reply, "serials"), i, serial)
		    ops_cli_success(
			"revoked serial=%s", json_string_value(serial));
		if (i == 0)
			ops_cli_info("no unexpired certificate matches");
	}
	json_decref(reply);
	return OPS_EXIT_OK;
}

static int
change(const struct ops_cli *cli, const char *op, char *arg, const char *done)
{
	char *value = strchr(arg, '=');
	json_t *reply;
	int code;

	if (value == NULL)
		return ca_cli_usage("a block is written name=, spki= or eab=, "
				    "and what to refuse");
	*value++ = '\0';
	code = ca_cli_ask(cli,
	    json_pack("{s:s, s:s, s:s}", "op", op, "kind", arg, "value", value),
	    &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		ops_cli_success(
		    "block %s=%s %s", arg, ca_cli_text(reply, "value"), done);
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_block_add(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)n;
	return change(cli, "block.add", args[0], "added");
}

int
ca_cli_block_remove(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)n;
	return change(cli, "block.remove", args[0], "removed");
}

int
ca_cli_block_list(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply, *row;
	size_t i;
	int code;

	(void)opts;
	(void)args;
	(void)n;
	code = ca_cli_ask(cli, json_pack("{s:s}", "op", "block.list"), &reply);
	if (code != 0)
		return code;
	if (cli->json) {
		ca_cli_print_json(reply);
	} else {
		(void)printf(
		    "%-4s  %-64s  %-20s  %s\n", "KIND", "VALUE", "SINCE", "BY");
		json_array_foreach(json_object_get(reply, "blocks"), i, row)(
		    void) printf("%-4s  %-64s  %-20s  %s\n",
		    ca_cli_text(row, "kind"), ca_cli_text(row, "value"),
		    ca_cli_text(row, "at"), ca_cli_text(row, "by"));
	}
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_crl_publish(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *reply, *row;
	size_t i;
	int code;

	(void)opts;
	(void)args;
	(void)n;
	code = ca_cli_ask(cli, json_pack("{s:s}", "op", "crl.publish"), &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		json_array_foreach(json_object_get(reply, "issuers"), i, row)
		    ops_cli_success("crl issuer=%s entries=%lld",
			ca_cli_text(row, "issuer"),
			(long long)json_integer_value(
			    json_object_get(row, "entries")));
	json_decref(reply);
	return OPS_EXIT_OK;
}

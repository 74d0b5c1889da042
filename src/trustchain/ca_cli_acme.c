/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cli_acme.h"

#include <stdio.h>

#include "trustchain/ca_cli_internal.h"

const struct ops_cli_option ca_cli_eab_options[] = {
	{ "name-scope", OPS_CLI_VALUES, offsetof(struct ca_cli_eab, name_scope),
	    "SCOPE",
	    "DNS name with all below it, or address prefix; may be repeated" },
	{ "profile", OPS_CLI_VALUES, offsetof(struct ca_cli_eab, profile),
	    "PROFILE", "profile it may ask for; without this, any" },
	{ "ttl", OPS_CLI_VALUE, offsetof(struct ca_cli_eab, ttl), "TIME",
	    "until when it can be bound: 90s, 15m, 24h or 30d" },
	{ "preauthorized", OPS_CLI_FLAG,
	    offsetof(struct ca_cli_eab, preauthorized), NULL,
	    "names in scope need no challenge" },
	{ .name = NULL },
};

int
ca_cli_eab_create(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_eab *t = opts;
	int64_t ttl = ca_cli_duration_s(t->ttl);
	json_t *reply;
	int code;

	(void)args;
	(void)n;
	if (t->name_scope.n == 0)
		return ca_cli_usage("--name-scope is needed: a key without "
				    "names is of no use");
	if (ttl < 0)
		return ca_cli_usage("--ttl is needed: 90s, 15m, 24h or 30d");
	code = ca_cli_ask(cli,
	    json_pack("{s:s, s:o, s:o, s:I, s:b}", "op", "eab.create",
		"name_scope", ca_cli_strings(&t->name_scope), "profile",
		ca_cli_strings(&t->profile), "ttl_s", (json_int_t)ttl,
		"preauthorized", t->preauthorized ? 1 : 0),
	    &reply);
	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		(void)printf("kid=%s hmac_key=%s\n", ca_cli_text(reply, "kid"),
		    ca_cli_text(reply, "hmac_key"));
	json_decref(reply);
	return OPS_EXIT_OK;
}

static void
add_all(json_t *to, const json_t *from)
{
	json_t *row;
	size_t i;

	json_array_foreach(from, i, row)(void) json_array_append(to, row);
}

/* All pages of a list as one array; NULL with the exit code in ${code}. */
static json_t *
all(const struct ops_cli *cli, const char *op, const char *name, int *code)
{
	json_t *list = json_array(), *req, *reply;
	char cursor[64] = "";

	do {
		req = json_pack("{s:s}", "op", op);
		if (cursor[0] != '\0')
			ca_cli_set_text(req, "cursor", cursor);
		*code = ca_cli_ask(cli, req, &reply);
		if (*code != 0) {
			json_decref(list);
			return NULL;
		}
		add_all(list, json_object_get(reply, name));
		(void)snprintf(
		    cursor, sizeof(cursor), "%s", ca_cli_text(reply, "next"));
		json_decref(reply);
	} while (cursor[0] != '\0');
	return list;
}

/* Print the list itself for --json, or else its rows by ${print}. */
static int
show(const struct ops_cli *cli, const char *name, json_t *list,
    void (*print)(const json_t *row))
{
	json_t *row, *o;
	size_t i;

	if (cli->json) {
		o = json_pack("{s:O}", name, list);
		ca_cli_print_json(o);
		json_decref(o);
	} else {
		json_array_foreach(list, i, row) print(row);
	}
	json_decref(list);
	return OPS_EXIT_OK;
}

static void
print_eab(const json_t *row)
{
	const json_t *scopes = json_object_get(row, "name_scopes");
	size_t n = json_array_size(scopes);
	const char *first = json_string_value(json_array_get(scopes, 0));

	(void)printf("%-32s  %-8s  %-20s  %-4s  %-22s  %s",
	    ca_cli_text(row, "kid"), ca_cli_text(row, "status"),
	    ca_cli_text(row, "expires"),
	    json_is_true(json_object_get(row, "preauthorized")) ? "yes" : "no",
	    ca_cli_text(row, "account"), first != NULL ? first : "");
	if (n > 1)
		(void)printf(" +%zu", n - 1);
	(void)printf("\n");
}

int
ca_cli_eab_list(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *list;
	int code;

	(void)opts;
	(void)args;
	(void)n;
	if ((list = all(cli, "eab.list", "eabs", &code)) == NULL)
		return code;
	if (!cli->json)
		(void)printf("%-32s  %-8s  %-20s  %-4s  %-22s  %s\n", "KID",
		    "STATUS", "BIND BEFORE", "PRE", "ACCOUNT", "NAMES");
	return show(cli, "eabs", list, print_eab);
}

static void
print_account(const json_t *row)
{
	const json_t *contact = json_object_get(row, "contact");
	const char *first = json_string_value(json_array_get(contact, 0));

	(void)printf("%-22s  %-11s  %-20s  %-32s  %s\n",
	    ca_cli_text(row, "account"), ca_cli_text(row, "status"),
	    ca_cli_text(row, "created"), ca_cli_text(row, "eab_kid"),
	    first != NULL ? first : "");
}

int
ca_cli_account_list(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	json_t *list;
	int code;

	(void)opts;
	(void)args;
	(void)n;
	if ((list = all(cli, "account.list", "accounts", &code)) == NULL)
		return code;
	if (!cli->json)
		(void)printf("%-22s  %-11s  %-20s  %-32s  %s\n", "ID", "STATUS",
		    "CREATED", "EAB KID", "CONTACT");
	return show(cli, "accounts", list, print_account);
}

static int
end(const struct ops_cli *cli, json_t *req, const char *id, const char *done)
{
	json_t *reply;
	int code = ca_cli_ask(cli, req, &reply);

	if (code != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		ops_cli_success(done, id);
	json_decref(reply);
	return OPS_EXIT_OK;
}

int
ca_cli_eab_revoke(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)n;
	return end(cli,
	    json_pack("{s:s, s:s}", "op", "eab.revoke", "kid", args[0]),
	    args[0], "eab %s revoked");
}

int
ca_cli_account_deactivate(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)n;
	return end(cli,
	    json_pack(
		"{s:s, s:s}", "op", "account.deactivate", "account", args[0]),
	    args[0], "account %s deactivated");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_shard_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ops/cli.h"
#include "ops/control.h"
#include "store/disk.h"
#include "store/file.h"
#include "store/lock.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_init.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_shard_rule.h"

enum { TIMEOUT_MS = 30000, STATE_MAX = 64 };

static int
ask(const struct ct_config *c, json_t *request, json_t **ret, struct fault *f)
{
	int rc = request == NULL
		     ? base_fault_set(f, ERR_SYS_NOMEM, "out of memory")
		     : ops_control_request(
			   c->server.control, request, TIMEOUT_MS, ret, f);

	json_decref(request);
	return rc;
}

/* What a stopped daemon's files say: a state that was written, else the time.
 */
static json_t *
shards_on_disk(const struct ct_config *c)
{
	struct ct_paths_shards *found = calloc(1, sizeof(*found));
	char dir[CT_PATHS_MAX], path[CT_PATHS_MAX + 8], start[32], end[32];
	json_t *list = json_array();
	uint8_t *state;
	size_t len;

	if (found == NULL || ct_paths_shards(c->server.state_dir, found) != 0) {
		free(found);
		return list;
	}
	for (size_t i = 0; i < found->n; i++) {
		const struct ct_period *p = &found->shard[i];

		state = NULL;
		if (ct_paths_make(CT_PATHS_SHARD, c->server.state_dir, p->name,
			dir) == 0) {
			(void)snprintf(path, sizeof(path), "%s/state", dir);
			if (store_file_load(path, STATE_MAX, &state, &len) != 0)
				state = NULL;
		}
		ct_params_time(p->start_ms, start);
		ct_params_time(p->end_ms, end);
		(void)json_array_append_new(
		    list, json_pack("{s:s, s:s%, s:s, s:s}", "name", p->name,
			      "state", state == NULL ? "open" : (char *)state,
			      state == NULL ? (size_t)4
					    : strcspn((char *)state, "\n"),
			      "start", start, "end", end));
		free(state);
	}
	free(found);
	return list;
}

static void
print(const struct ops_cli *cli, const json_t *list)
{
	char *text;
	const json_t *v;
	size_t i;

	if (cli->json) {
		text = json_dumps(list, JSON_INDENT(2));
		(void)printf("%s\n", text == NULL ? "[]" : text);
		free(text);
		return;
	}
	(void)printf("%-10s %-9s %-21s %-21s %s\n", "SHARD", "STATE", "START",
	    "END", "SIZE");
	json_array_foreach(list, i, v)
	{
		const json_t *size = json_object_get(v, "tree_size");

		(void)printf("%-10s %-9s %-21s %-21s ",
		    json_string_value(json_object_get(v, "name")),
		    json_string_value(json_object_get(v, "state")),
		    json_string_value(json_object_get(v, "start")),
		    json_string_value(json_object_get(v, "end")));
		if (size == NULL)
			(void)printf("-\n");
		else
			(void)printf(
			    "%lld\n", (long long)json_integer_value(size));
	}
}

static int
list(const struct ct_config *c, const struct ops_cli *cli, struct fault *f)
{
	json_t *reply = NULL, *shards = NULL;
	int rc;

	rc = ask(c, json_pack("{s:s}", "op", "shard.list"), &reply, f);
	if (rc == ERR_SYS_UNAVAILABLE) {
		if ((shards = shards_on_disk(c)) != NULL)
			print(cli, shards);
		json_decref(shards);
		return 0;
	}
	if (rc == 0)
		print(cli, json_object_get(reply, "shards"));
	json_decref(reply);
	return rc;
}

/* Nobody else works on the files. */
static int
lock(const struct ct_config *c, struct store_lock **ret, struct fault *f)
{
	int rc = store_lock_take(c->server.state_dir, ret);

	if (rc == ERR_STATE_CONFLICT)
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "the daemon is running; it makes the shards ahead by "
		    "itself, one in between needs it stopped");
	return rc == 0 ? 0
		       : base_fault_set(f, rc, "%.200s: %s",
			     c->server.state_dir, base_err_text(rc));
}

static int
create(const struct ct_config *c, const char *name, struct fault *f)
{
	struct store_lock *l = NULL;
	struct ct_period period;
	int rc;

	if (ct_period_parse(name, &period) != 0)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "%.60s is not the name of a shard: 2026w48, 2026m11, "
		    "2026d325, and b to z behind it for one that takes over",
		    name);
	if ((rc = lock(c, &l, f)) != 0)
		return rc;
	rc = ct_init_shard(c, &period, f);
	store_lock_drop(l);
	return rc;
}

static int
retire_files(const struct ct_config *c, const char *name, struct fault *f)
{
	struct store_disk *disk = NULL;
	struct store_lock *l = NULL;
	struct ct_period period;
	char dir[CT_PATHS_MAX], path[CT_PATHS_MAX + 16];
	uint8_t *json;
	size_t len;
	int rc;

	if (ct_period_parse(name, &period) != 0 ||
	    ct_paths_make(CT_PATHS_SHARD, c->server.state_dir, name, dir) != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "%.60s is no shard's name", name);
	(void)snprintf(path, sizeof(path), "%s/log.json", dir);
	if ((rc = store_file_load(path, CT_PARAMS_FILE_MAX, &json, &len)) != 0)
		return base_fault_set(
		    f, rc, "%.200s: %s", path, base_err_text(rc));
	free(json);
	if ((rc = lock(c, &l, f)) != 0)
		return rc;
	rc = store_disk_new(&disk);
	if (rc == 0)
		rc = ct_shard_rule_retire_dir(disk, dir);
	if (rc != 0)
		(void)base_fault_set(
		    f, rc, "%.200s: %s", dir, base_err_text(rc));
	store_disk_free(disk);
	store_lock_drop(l);
	return rc;
}

static int
retire(const struct ct_config *c, const char *name, struct fault *f)
{
	json_t *reply = NULL;
	int rc;

	rc = ask(c, json_pack("{s:s, s:s}", "op", "shard.retire", "name", name),
	    &reply, f);
	json_decref(reply);
	return rc == ERR_SYS_UNAVAILABLE ? retire_files(c, name, f) : rc;
}

static int
finish(struct ct_config *c, int rc, const struct fault *f)
{
	ct_config_free(c);
	if (rc != 0)
		ops_cli_error(
		    "%s", f->msg[0] != '\0' ? f->msg : base_err_text(rc));
	return ops_cli_exit_of(rc);
}

int
ct_shard_cli_list(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ct_config *c = NULL;
	struct fault f = { 0 };
	int rc;

	(void)opts;
	(void)args;
	(void)n;
	rc = ct_config_load(cli->config, cli->root, &c, &f);
	if (rc == 0)
		rc = list(c, cli, &f);
	return finish(c, rc, &f);
}

int
ct_shard_cli_create(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ct_config *c = NULL;
	struct fault f = { 0 };
	int rc;

	(void)opts;
	(void)n;
	rc = ct_config_load(cli->config, cli->root, &c, &f);
	if (rc == 0 && (rc = create(c, args[0], &f)) == 0)
		ops_cli_success("shard %s open", args[0]);
	return finish(c, rc, &f);
}

int
ct_shard_cli_retire(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ct_config *c = NULL;
	struct fault f = { 0 };
	int rc;

	(void)opts;
	(void)n;
	rc = ct_config_load(cli->config, cli->root, &c, &f);
	if (rc == 0 && (rc = retire(c, args[0], &f)) == 0)
		ops_cli_success("shard %s retired", args[0]);
	return finish(c, rc, &f);
}

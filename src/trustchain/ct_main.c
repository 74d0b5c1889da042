/* SPDX-License-Identifier: Apache-2.0 */
/* trustchain-ct: the Certificate Transparency log of the identity plane. */
#include <stdio.h>
#include <stdlib.h>

#include "keys/role.h"
#include "ops/cli.h"
#include "store/file.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_init.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_monitor.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_proof.h"
#include "trustchain/ct_serve.h"
#include "trustchain/ct_shard_cli.h"
#include "trustchain/trustchain_audit_cli.h"
#include "trustchain/wit_serve.h"
#include "wire/cursor.h"

int main(int, char **);

/* What main() learnt before the command line is parsed; ops_cli_command has
 * no way to pass it on. */
static struct {
	enum keys_role role;
	char **argv;
} process;

static int
serve(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)args;
	(void)n;
	return ct_serve_run(cli, process.role, process.argv);
}

static int
witness(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)args;
	(void)n;
	return wit_serve_run(cli, process.role, process.argv);
}

static int
check_config(const struct ops_cli *cli)
{
	struct ct_config *conf;
	struct fault f = { 0 };
	int rc;

	if (cli->command != NULL && cli->command->run == witness)
		return wit_serve_check(cli);
	if ((rc = ct_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	ct_config_free(conf);
	return OPS_EXIT_OK;
}

/* Print the list that was published last. */
static int
log_list(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct cursor c, note;
	char path[CT_PATHS_MAX];
	struct ct_config *conf;
	struct fault f = { 0 };
	uint8_t *data;
	size_t len;
	int rc;

	(void)opts;
	(void)args;
	(void)n;
	if ((rc = ct_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	rc = ct_paths_make(
	    CT_PATHS_OWN_LIST, conf->server.state_dir, NULL, path);
	if (rc == 0)
		rc = store_file_load(
		    path, CT_LIST_JSON_MAX + CT_LIST_NOTE_MAX + 4, &data, &len);
	ct_config_free(conf);
	if (rc != 0) {
		ops_cli_error("%s: %s", path,
		    rc == ERR_STATE_NOT_FOUND
			? "no list was published yet; start the daemon"
			: base_err_text(rc));
		return OPS_EXIT_FAILED;
	}
	wire_cursor_init(&c, data, len);
	note = wire_cursor_vec(&c, 4, 1, CT_LIST_NOTE_MAX);
	(void)note;
	if (c.rc == 0)
		printf(
		    "%.*s\n", (int)wire_cursor_left(&c), (const char *)c.pos);
	free(data);
	return c.rc == 0 ? OPS_EXIT_OK : OPS_EXIT_INTEGRITY;
}

static int
audit_verify(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ct_config *conf;
	struct fault f = { 0 };
	int rc;

	(void)args;
	(void)n;
	if ((rc = ct_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(rc);
	}
	rc = trustchain_audit_cli_verify(opts, conf->audit.dir);
	ct_config_free(conf);
	return rc;
}

static const struct ops_cli_command commands[] = {
	{ "serve", "", "run the log until SIGTERM", 0, 0, NULL, 0, serve },
	{ "witness", "", "cosign the heads of other logs until SIGTERM", 0, 0,
	    NULL, 0, witness },
	{ "init-log", "", "make the list key and the first shards", 0, 0,
	    ct_init_options, sizeof(struct ct_init_opts), ct_init_run },
	{ "log-list", "", "print the published list of shards", 0, 0, NULL, 0,
	    log_list },
	{ "shard list", "", "print the shards and their states", 0, 0, NULL, 0,
	    ct_shard_cli_list },
	{ "shard create", "NAME", "make one that belongs between others", 1, 1,
	    NULL, 0, ct_shard_cli_create },
	{ "shard retire", "NAME", "let one sign nothing any more, for ever", 1,
	    1, NULL, 0, ct_shard_cli_retire },
	{ "ct-monitor", "", "watch logs, prove what they do wrong", 0, 0,
	    ct_monitor_options, sizeof(struct ct_monitor_opts),
	    ct_monitor_run },
	{ "evidence verify", "FILE", "judge evidence against a log offline", 1,
	    1, ct_evidence_options, sizeof(struct ct_evidence_opts),
	    ct_evidence_command },
	{ "proof verify", "FILE", "judge an inclusion proof offline", 1, 1,
	    ct_proof_options, sizeof(struct ct_proof_opts), ct_proof_verify },
	{ "audit verify", "", "judge the audit log from its files", 0, 0,
	    trustchain_audit_cli_options, sizeof(struct trustchain_audit_cli),
	    audit_verify },
	{ .name = NULL },
};

static const struct ops_cli_config configs[] = {
	{ "witness", "/etc/trustchain/witness.toml" },
	{ NULL, NULL },
};

int
main(int argc, char **argv)
{
	static const struct ops_cli_program program = {
		.name = "trustchain-ct",
		.config = "/etc/trustchain/ct.toml",
		.root_env = "TRUSTCHAIN_ROOT",
		.protocols = "RFC 6962\nc2sp.org/static-ct-api\n"
			     "c2sp.org/tlog-tiles\nc2sp.org/tlog-checkpoint\n"
			     "c2sp.org/signed-note\nc2sp.org/tlog-proof@v1\n"
			     "c2sp.org/tlog-witness\n"
			     "c2sp.org/tlog-cosignature\n"
			     "trustchain/log-list/v1\n",
		.commands = commands,
		.check_config = check_config,
		.configs = configs,
	};

	process.role = keys_role_parse(&argc, argv);
	process.argv = argv;
	return ops_cli_main(&program, argc, argv);
}

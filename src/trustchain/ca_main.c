/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trustchain-ca: the certificate authority.  One program, three processes
 * (keys/role.h); the supervisor is also the command line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "crypto/rng.h"
#include "keys/job.h"
#include "keys/role.h"
#include "ops/cli.h"
#include "store/disk.h"
#include "trustchain/ca_ceremony.h"
#include "trustchain/bak_cli.h"
#include "trustchain/bak_name.h"
#include "trustchain/bak_restore.h"
#include "trustchain/ca_cli.h"
#include "trustchain/ca_cli_acme.h"
#include "trustchain/ca_cli_emergency.h"
#include "trustchain/ca_cli_revoke.h"
#include "trustchain/ca_cli_rotate.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_files.h"
#include "trustchain/ca_csr.h"
#include "trustchain/ca_doctor.h"
#include "trustchain/ca_init.h"
#include "trustchain/ca_key_cli.h"
#include "trustchain/ca_lint.h"
#include "trustchain/ca_serve.h"
#include "trustchain/dash_serve.h"
#include "trustchain/keyop_load.h"
#include "trustchain/trustchain_audit_cli.h"
#include "trustchain/trustchain_clock.h"
#include "trustchain/trustchain_mode.h"
#include "trustchain/trustchain_roles.h"

/* What main() found and serve needs; set once. */
static struct {
	enum keys_role role;
	char **argv;
} process;

/* The supervisor's own. */
struct supervised {
	struct ca_config *conf;
	struct store_disk *disk;
	const struct ops_cli *cli;
	bool status_only;
	struct ca_config *loaded; /* what the key process has; or NULL */
};

struct serve_opts {
	bool status_only;
};

static const struct ops_cli_option serve_options[] = {
	{ "status-only", OPS_CLI_FLAG, offsetof(struct serve_opts, status_only),
	    NULL, "OCSP and CRLs of another daemon's state, no issuing" },
	{ .name = NULL },
};

/* Each key process is loaded from the configuration of its moment. */
static int
load_bundle(void *ctx, struct buf *bundle, struct fault *f)
{
	struct supervised *s = ctx;
	struct ca_config *fresh;
	int rc;

	rc = ca_config_load(s->cli->config, s->cli->root, &fresh, f);
	if (rc != 0)
		return rc;
	/* Main would ask for another slot's signature. */
	if (s->loaded != NULL && !ca_config_keeps(s->loaded, fresh))
		rc = base_fault_set(f, ERR_STATE_CONFIG,
		    "an [[issuer]] is not where it was: new ones come behind, "
		    "removing one needs a restart");
	if (rc == 0)
		rc = s->status_only
			 ? keyop_load_status(fresh, s->disk, bundle, f)
			 : keyop_load_ca(fresh, s->disk, bundle, f);
	if (rc != 0) {
		ca_config_free(fresh);
		return rc;
	}
	ca_config_free(s->loaded);
	s->loaded = fresh;
	return 0;
}

static int
store_key(
    void *ctx, uint8_t slot, const uint8_t *pem, size_t len, struct fault *f)
{
	const struct keyop_new_key key = { slot, pem, len };
	struct supervised *s = ctx;

	return keyop_load_store_ca(s->conf, s->disk, &key, f);
}

/* Main gets what ca.toml names, too: it may not open that either. */
static int
open_config(void *ctx)
{
	struct supervised *s = ctx;

	return ca_files_pack(s->cli->config, s->cli->root);
}

/* When the next backup is due, by those that are there; the configuration may
 * have changed since the start. */
static int64_t
backup_wait_ms(void *ctx)
{
	struct supervised *s = ctx;
	int64_t newest = 0, wait_ms = INT64_MAX, hours;
	struct ca_config *fresh;
	struct fault f;

	if (ca_config_load(s->cli->config, s->cli->root, &fresh, &f) != 0)
		return wait_ms;
	hours = fresh->backup.interval_h;
	if (hours > 0 && fresh->backup.recipients.n > 0)
		wait_ms =
		    bak_name_newest(fresh->backup.dir, &newest) != 0
			? 0
			: newest + hours * 3600000 -
			      base_clock_now_ms(trustchain_clock_system());
	ca_config_free(fresh);
	return wait_ms;
}

static int
supervise(const struct ops_cli *cli, struct ca_config *conf, bool status_only)
{
	struct supervised s = {
		.conf = conf, .cli = cli, .status_only = status_only
	};
	const char *backup[] = { process.argv[0], "backup", "--config",
		cli->config, "--root", cli->root, "--full-backup", "--encrypt",
		NULL };
	const struct keys_job job = { "backup", (char **)(uintptr_t)backup,
		backup_wait_ms, &s };
	const struct trustchain_roles_opts o = {
		.cli = cli,
		.argv = process.argv,
		.server = &conf->server,
		.audit = &conf->audit,
		.load = load_bundle,
		.store_key = store_key,
		.open_config = status_only ? NULL : open_config,
		.job = status_only ? NULL : &job,
		.ctx = &s,
		.status_only = status_only,
	};
	int code;

	if (conf->backup.interval_h > 0 && conf->backup.recipients.n == 0)
		ops_cli_warn("no backups are made: [backup] recipients is "
			     "empty");
	if (store_disk_new(&s.disk) != 0)
		return OPS_EXIT_FAILED;
	code = trustchain_roles_supervise(&o);
	store_disk_free(s.disk);
	ca_config_free(s.loaded);
	return code;
}

static int
load(const struct ops_cli *cli, bool status_only, struct ca_config **ret)
{
	struct fault f = { 0 };
	int rc;

	if ((rc = ca_config_load(cli->config, cli->root, ret, &f)) == 0) {
		rc = status_only ? ca_config_check_status(*ret, &f)
				 : ca_config_check_serve(*ret, &f);
		if (rc != 0)
			ca_config_free(*ret);
	}
	if (rc == 0)
		return OPS_EXIT_OK;
	ops_cli_error("%s", f.msg);
	return OPS_EXIT_USAGE;
}

static int
serve(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct serve_opts *o = opts;
	struct ca_config *conf;
	int code;

	(void)args;
	(void)n;
	if ((code = load(cli, o->status_only, &conf)) != 0)
		return code;
	if (process.role != KEYS_ROLE_MAIN)
		code = supervise(cli, conf, o->status_only);
	else if (o->status_only)
		code = ca_serve_status_main(cli, conf);
	else
		code = ca_serve_main(cli, conf);
	ca_config_free(conf);
	return code;
}

static int
dashboard(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	(void)opts;
	(void)args;
	(void)n;
	return dash_serve_run(cli, process.role, process.argv);
}

static int
check_config(const struct ops_cli *cli)
{
	const struct serve_opts *o = NULL;
	struct ca_config *conf;
	int code;

	if (cli->command != NULL && cli->command->run == dashboard)
		return dash_serve_check(cli);
	if (cli->command != NULL && cli->command->run == serve)
		o = cli->opts;
	if ((code = load(cli, o != NULL && o->status_only, &conf)) != 0)
		return code;
	ca_config_free(conf);
	ops_cli_success("%s is usable", cli->config);
	return OPS_EXIT_OK;
}

static int
audit_verify(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ca_config *conf;
	struct fault f = { 0 };
	int code;

	(void)args;
	(void)n;
	if (ca_config_load(cli->config, cli->root, &conf, &f) != 0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_USAGE;
	}
	code = trustchain_audit_cli_verify(opts, conf->audit.dir);
	ca_config_free(conf);
	return code;
}

static const struct ops_cli_command commands[] = {
	{ "serve", "", "run the daemon until SIGTERM", 0, 0, serve_options,
	    sizeof(struct serve_opts), serve },
	{ "dashboard", "", "show metrics and alerts of all until SIGTERM", 0, 0,
	    NULL, 0, dashboard },
	{ "init-ca", "", "make and check the laboratory's root and issuers", 0,
	    0, ca_init_options, sizeof(struct ca_init_opts), ca_init_run },
	{ "ceremony root", "", "make the root, offline", 0, 0,
	    ca_ceremony_root_options, sizeof(struct ca_ceremony_opts),
	    ca_ceremony_root },
	{ "ceremony sign", "", "sign an intermediate's request, offline", 0, 0,
	    ca_ceremony_sign_options, sizeof(struct ca_ceremony_opts),
	    ca_ceremony_sign },
	{ "ceremony crl", "", "sign the root's revocation list, offline", 0, 0,
	    ca_ceremony_crl_options, sizeof(struct ca_ceremony_opts),
	    ca_ceremony_crl },
	{ "ceremony verify", "TRANSCRIPT", "verify a ceremony's transcript", 1,
	    1, NULL, 0, ca_ceremony_verify },
	{ "csr", "", "make an intermediate's request for the ceremony", 0, 0,
	    ca_csr_options, sizeof(struct ca_csr_opts), ca_csr_run },
	{ "doctor", "", "find what is wrong, and say how to put it right", 0, 0,
	    NULL, 0, ca_doctor_run },
	{ "key show", "", "print the keys of the configuration", 0, 0, NULL, 0,
	    ca_key_cli_show },
	{ "key passwd", "URI", "encrypt a key file anew", 1, 1,
	    ca_key_cli_passwd_options, sizeof(struct ca_key_cli),
	    ca_key_cli_passwd },
	{ "lint", "FILE", "lint the certificates of a file", 1, 1,
	    ca_lint_options, sizeof(struct ca_lint_opts), ca_lint_run },
	{ "root", "", "print the root and how clients trust it", 0, 0, NULL, 0,
	    ca_cli_root },
	{ "token create", "", "make a bearer token, printed once", 0, 0,
	    ca_cli_token_options, sizeof(struct ca_cli_token),
	    ca_cli_token_create },
	{ "token list", "", "list the tokens", 0, 0, NULL, 0,
	    ca_cli_token_list },
	{ "token revoke", "ID", "revoke a token", 1, 1, NULL, 0,
	    ca_cli_token_revoke },
	{ "issue", "", "issue a certificate for a request", 0, 0,
	    ca_cli_issue_options, sizeof(struct ca_cli_issue), ca_cli_issue },
	{ "show", "SERIAL", "print what is known about a certificate", 1, 1,
	    NULL, 0, ca_cli_show },
	{ "list", "", "list certificates", 0, 0, ca_cli_list_options,
	    sizeof(struct ca_cli_list), ca_cli_list },
	{ "revoke", "[SERIAL]", "revoke certificates", 0, 1,
	    ca_cli_revoke_options, sizeof(struct ca_cli_revoke),
	    ca_cli_revoke },
	{ "halt", "", "stop issuing", 0, 0, NULL, 0, ca_cli_halt },
	{ "resume", "[OPERATION]", "issue again", 0, 1, NULL, 0,
	    ca_cli_resume },
	{ "emergency arm", "", "sign a statement to revoke all, or to resume",
	    0, 0, ca_cli_arm_options, sizeof(struct ca_cli_emergency),
	    ca_cli_arm },
	{ "emergency approve", "FILE", "sign it as the second operator", 1, 1,
	    ca_cli_approve_options, sizeof(struct ca_cli_emergency),
	    ca_cli_approve },
	{ "emergency show", "[FILE]", "show a statement, or the operations", 0,
	    1, NULL, 0, ca_cli_emergency_show },
	{ "revoke-all", "", "perform the operation of $EMERGENCY_TOKEN", 0, 0,
	    ca_cli_revoke_all_options, sizeof(struct ca_cli_revoke_all),
	    ca_cli_revoke_all },
	{ "crl publish", "", "sign and publish the CRLs now", 0, 0, NULL, 0,
	    ca_cli_crl_publish },
	{ "block add", "KIND=VALUE", "refuse a name, spki or eab", 1, 1, NULL,
	    0, ca_cli_block_add },
	{ "block list", "", "list what is refused", 0, 0, NULL, 0,
	    ca_cli_block_list },
	{ "block remove", "KIND=VALUE", "refuse it no more", 1, 1, NULL, 0,
	    ca_cli_block_remove },
	{ "rotate-cert", "", "replace the CA's own TLS certificate when due", 0,
	    0, ca_cli_rotate_options, sizeof(struct ca_cli_rotate),
	    ca_cli_rotate },
	{ "rotate-certs", "", "the same for every daemon on this machine", 0, 0,
	    ca_cli_rotates_options, sizeof(struct ca_cli_rotates),
	    ca_cli_rotates },
	{ "eab create", "", "make a key that binds one ACME account", 0, 0,
	    ca_cli_eab_options, sizeof(struct ca_cli_eab), ca_cli_eab_create },
	{ "eab list", "", "list the binding keys", 0, 0, NULL, 0,
	    ca_cli_eab_list },
	{ "eab revoke", "KID", "end a binding key and its account", 1, 1, NULL,
	    0, ca_cli_eab_revoke },
	{ "acme account list", "", "list the ACME accounts", 0, 0, NULL, 0,
	    ca_cli_account_list },
	{ "acme account deactivate", "ID", "end an ACME account", 1, 1, NULL, 0,
	    ca_cli_account_deactivate },
	{ "cleanup-certs", "", "forget what expired long ago", 0, 0,
	    ca_cli_cleanup_options, sizeof(struct ca_cli_cleanup),
	    ca_cli_cleanup },
	{ "backup", "", "make an encrypted backup of CA, log and witness", 0, 0,
	    bak_cli_options, sizeof(struct bak_cli), bak_cli_run },
	{ "restore", "ID", "put a backup back into empty state", 1, 1,
	    bak_restore_options, sizeof(struct bak_restore), bak_restore_run },
	{ "audit verify", "", "judge the audit log from its files", 0, 0,
	    trustchain_audit_cli_options, sizeof(struct trustchain_audit_cli),
	    audit_verify },
	{ .name = NULL },
};

static const struct ops_cli_config configs[] = {
	{ "dashboard", DASH_SERVE_CONFIG },
	{ NULL, NULL },
};

static const struct ops_cli_program program = {
	.name = "trustchain-ca",
	.config = "/etc/trustchain/ca.toml",
	.root_env = "TRUSTCHAIN_ROOT",
	.protocols = "acme RFC 8555, profiles draft-ietf-acme-profiles\n"
		     "ct RFC 6962 v1, C2SP static-ct-api leaf_index\n"
		     "rest trustchain/api/v1\n"
		     "log-list trustchain/log-list/v1\n",
	.commands = commands,
	.configs = configs,
	.check_config = check_config,
};

int
main(int argc, char **argv)
{
	process.role = keys_role_parse(&argc, argv);
	process.argv = argv;
	if (trustchain_mode_wanted(argv[0]))
		return trustchain_mode_exec(argc, argv);
	if (process.role == KEYS_ROLE_KEYS)
		return trustchain_roles_keys();
	return ops_cli_main(&program, argc, argv);
}

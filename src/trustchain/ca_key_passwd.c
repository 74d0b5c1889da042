/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ct.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "store/disk.h"
#include "trustchain/ca_ask.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_key.h"
#include "trustchain/ca_key_cli.h"

#define O ca_key_cli
const struct ops_cli_option ca_key_cli_passwd_options[] = {
	{ "new-pass-file", OPS_CLI_VALUE, offsetof(struct O, new_pass), "FILE",
	    "holds the new passphrase; without it the terminal is asked" },
	{ "pass-file", OPS_CLI_VALUE, offsetof(struct O, pass), "FILE",
	    "holds the present one, for a key that is not in ca.toml" },
	{ .name = NULL },
};

/* A passphrase typed twice without echo. */
static int
ask(struct buf *out, struct fault *f)
{
	char a[KEYS_FILE_PASS_MAX + 1], b[KEYS_FILE_PASS_MAX + 1];
	struct termios old;
	ssize_t n, m;
	bool hidden;
	int rc;

	if (!isatty(STDIN_FILENO))
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--new-pass-file FILE is needed without a terminal");
	hidden = ca_ask_hide(STDIN_FILENO, &old);
	(void)fprintf(stderr, "New passphrase: ");
	n = ca_ask_line(STDIN_FILENO, a, sizeof(a));
	(void)fprintf(stderr, "\nThe same again: ");
	m = ca_ask_line(STDIN_FILENO, b, sizeof(b));
	(void)fputc('\n', stderr);
	if (hidden)
		ca_ask_show(STDIN_FILENO, &old);
	if (n <= 0 || n > KEYS_FILE_PASS_MAX)
		rc = base_fault_set(f, ERR_STATE_USAGE,
		    "a passphrase has 1 to %d characters", KEYS_FILE_PASS_MAX);
	else if (n != m || !base_ct_equal(a, b, (size_t)n))
		rc = base_fault_set(
		    f, ERR_STATE_USAGE, "the two are not the same");
	else
		rc = base_buf_append(out, a, (size_t)n);
	base_wipe(a, sizeof(a));
	base_wipe(b, sizeof(b));
	return rc;
}

/* The key of that URI; its passphrase's file is the configuration's. */
static int
find(const struct ops_cli *cli, const struct ca_key_cli *o, const char *uri,
    struct ca_key *ret, struct fault *f)
{
	struct ca_key_list l = { 0 };
	struct ca_config *conf;
	size_t i;
	int rc;

	ret->module = "";
	if ((rc = base_str_copy(ret->uri, sizeof(ret->uri), uri)) != 0)
		return rc;
	if (o->pass != NULL)
		return base_str_copy(ret->pass, sizeof(ret->pass), o->pass);
	rc = ca_config_load(cli->config, cli->root, &conf, f);
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_STATE_CONFIG : rc;
	if ((rc = ca_key_list(conf, &l)) == 0)
		rc = base_fault_set(f, ERR_STATE_USAGE,
		    "%.150s is no key of %.60s; fix: give its --pass-file", uri,
		    cli->config);
	for (i = 0; i < l.n; i++)
		if (strcmp(l.key[i].uri, uri) == 0)
			rc = base_str_copy(
			    ret->pass, sizeof(ret->pass), l.key[i].pass);
	ca_key_list_free(&l);
	ca_config_free(conf);
	return rc;
}

static int
encrypt(const struct ca_key_cli *o, const struct ca_key *k, struct fault *f)
{
	struct store_disk *disk = NULL;
	struct buf pass;
	int rc;

	base_buf_init(&pass, KEYS_FILE_PASS_MAX + 1);
	rc = o->new_pass != NULL ? keys_file_pass_load(o->new_pass, &pass, f)
				 : ask(&pass, f);
	if (rc == 0)
		rc = store_disk_new(&disk);
	if (rc == 0) {
		const struct keys_file_new n = { disk, crypto_rng_system(),
			ca_key_path(k), k->pass };

		rc = ca_key_repass(&n, pass.data, pass.len, f);
	}
	store_disk_free(disk);
	base_buf_free(&pass);
	return rc;
}

int
ca_key_cli_passwd(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_key_cli *o = opts;
	struct ca_key k = { 0 };
	struct fault f = { 0 };
	int rc;

	(void)n;
	if (!base_str_starts(args[0], "file:/")) {
		ops_cli_error("the key is file:/PATH; of a token only its own "
			      "tools change the PIN");
		return OPS_EXIT_USAGE;
	}
	if ((rc = find(cli, o, args[0], &k, &f)) != 0 ||
	    (rc = encrypt(o, &k, &f)) != 0) {
		ops_cli_error(
		    "%s", f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		return ops_cli_exit_of(rc);
	}
	if (cli->json)
		(void)printf("{\"reencrypted\":true}\n");
	else
		ops_cli_success("key %s re-encrypted", args[0]);
	if (o->new_pass == NULL || strcmp(o->new_pass, k.pass) != 0)
		ops_cli_warn("%s does not open it any more; fix: let the "
			     "configuration name %s, then SIGHUP",
		    k.pass,
		    o->new_pass != NULL ? o->new_pass
					: "a file with the new one");
	return OPS_EXIT_OK;
}

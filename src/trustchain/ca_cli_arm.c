/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "merkle/notekey.h"
#include "merkle/vkey.h"
#include "store/file.h"
#include "trustchain/ca_cli_emergency.h"
#include "trustchain/ca_cli_internal.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_emergency_note.h"
#include "trustchain/trustchain_clock.h"
#include "wire/hex.h"
#include "wire/pem.h"

/* emergency arm and approve: two operators sign a statement. */

#define O ca_cli_emergency
#define KEY_FILE_MAX 65536
#define TTL_DEFAULT_S (30 * 86400)

#define AS_AND_KEY                                                             \
	{ "as", OPS_CLI_VALUE, offsetof(struct O, as), "NAME",                 \
		"the operator's name, as in [auth] operators" },               \
	    { "key", OPS_CLI_VALUE, offsetof(struct O, key), "FILE",           \
		    "the operator's Ed25519 key, PKCS #8 PEM" },               \
	{                                                                      \
		"pass-file", OPS_CLI_VALUE, offsetof(struct O, pass_file),     \
		    "FILE", "its passphrase, if it is encrypted"               \
	}

const struct ops_cli_option ca_cli_arm_options[] = {
	AS_AND_KEY,
	{ "action", OPS_CLI_VALUE, offsetof(struct O, action), "ACTION",
	    "revoke-all or resume (revoke-all)" },
	{ "scope", OPS_CLI_VALUE, offsetof(struct O, scope), "SCOPE",
	    "all or issuer:ID (all)" },
	{ "reason", OPS_CLI_VALUE, offsetof(struct O, reason), "N",
	    "0, 1 key compromise, 3, 4, 5 or 9 (0)" },
	{ "ttl", OPS_CLI_VALUE, offsetof(struct O, ttl), "TIME",
	    "good for 90s, 15m, 24h or 30d; at most 90d (30d)" },
	{ "operation", OPS_CLI_VALUE, offsetof(struct O, operation), "ID",
	    "with --action resume: the operation that ends" },
	{ "out", OPS_CLI_VALUE, offsetof(struct O, out), "FILE",
	    "where to write it (emergency-ID.note)" },
	{ .name = NULL },
};

const struct ops_cli_option ca_cli_approve_options[] = {
	AS_AND_KEY,
	{ .name = NULL },
};

/* An encrypted key file, or plain PKCS #8. */
static int
load_key(
    const struct ca_cli_emergency *t, struct crypto_pkey **ret, struct fault *f)
{
	struct buf text, der;
	size_t pos = 0;
	int rc;

	if (t->pass_file != NULL)
		return keys_file_open(t->key, t->pass_file, ret, f);
	base_buf_init(&text, KEY_FILE_MAX);
	base_buf_init(&der, KEY_FILE_MAX);
	if ((rc = keys_file_load(t->key, &text, f)) == 0) {
		rc = wire_pem_next((const char *)text.data, text.len, &pos,
		    "PRIVATE KEY", &der);
		if (rc == 0)
			rc = crypto_pkcs8_parse(der.data, der.len, ret);
		if (rc != 0)
			(void)base_fault_set(f, ERR_STATE_CONFIG,
			    "%s: no PKCS #8 key in PEM; fix: if it is "
			    "encrypted, name its passphrase with --pass-file",
			    t->key);
	}
	base_buf_free(&text);
	base_buf_free(&der);
	return rc == 0 ? 0 : ERR_STATE_CONFIG;
}

/* The verifier key that belongs to name and key. */
static int
vkey_of(const struct crypto_pkey *key, const char *name,
    struct merkle_vkey *ret, struct fault *f)
{
	uint8_t public[64];
	size_t len;

	if (crypto_pkey_type(key) != CRYPTO_KEY_ED25519 ||
	    crypto_pkey_raw_public(key, public, sizeof(public), &len) != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "the key is not an Ed25519 key");
	if (merkle_vkey_init(ret, name, MERKLE_SIG_ED25519, public) != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "--as: no name for a key");
	return 0;
}

/* Only those of the configuration may sign; others learn what to add. */
static int
check_operator(
    const struct ops_cli *cli, const struct merkle_vkey *vkey, struct fault *f)
{
	char text[MERKLE_VKEY_TEXT_MAX];
	struct ca_config *conf;
	size_t i;
	int rc;

	if ((rc = merkle_vkey_encode(vkey, text)) != 0 ||
	    (rc = ca_config_load(cli->config, cli->root, &conf, f)) != 0)
		return rc;
	rc = ERR_STATE_REFUSED;
	for (i = 0; i < conf->auth.operators.n; i++)
		if (strcmp(ops_config_string(&conf->auth.operators, i), text) ==
		    0)
			rc = 0;
	ca_config_free(conf);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc,
			 "%s is no operator of %s; fix: add \"%s\" to [auth] "
			 "operators",
			 vkey->name, cli->config, text);
}

/* Sign as the operator of the options: a line with its newline. */
static int
sign(const struct ops_cli *cli, const struct ca_cli_emergency *t,
    const char *text, char line[MERKLE_NOTEKEY_LINE_MAX], struct fault *f)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct crypto_pkey *key = NULL;
	struct merkle_vkey vkey;
	size_t len;
	int rc;

	if ((rc = load_key(t, &key, f)) != 0)
		return rc;
	if ((rc = vkey_of(key, t->as, &vkey, f)) == 0 &&
	    (rc = check_operator(cli, &vkey, f)) == 0) {
		rc = crypto_pkey_sign(key, text, strlen(text), sig, &len);
		if (rc == 0)
			rc = merkle_notekey_line(
			    vkey.name, vkey.id, sig, len, line);
		if (rc != 0)
			(void)base_fault_set(
			    f, rc, "signing: %s", base_err_text(rc));
	}
	crypto_pkey_free(key);
	return rc;
}

/* NULL, or what is wrong with the options. */
static const char *
describe(const struct ca_cli_emergency *t, struct ca_emergency_note *n)
{
	bool resume = t->action != NULL && strcmp(t->action, "resume") == 0;
	char text[CA_EMERGENCY_TEXT_MAX];
	int64_t ttl = TTL_DEFAULT_S;
	uint8_t id[CA_EMERGENCY_ID_LEN / 2];
	uint64_t reason = 0;

	if (t->as == NULL || t->key == NULL)
		return "--as NAME and --key FILE are needed";
	if (t->action != NULL && !resume &&
	    strcmp(t->action, "revoke-all") != 0)
		return "--action is revoke-all or resume";
	if (resume != (t->operation != NULL))
		return "--operation ID goes with --action resume";
	if (t->ttl != NULL && (ttl = ca_cli_duration_s(t->ttl)) < 0)
		return "--ttl is written 90s, 15m, 24h or 30d";
	if (ttl > CA_EMERGENCY_TTL_S_MAX)
		return "--ttl is at most 90d";
	if (t->reason != NULL &&
	    base_str_u64(t->reason, strlen(t->reason), &reason) != 0)
		return "--reason must be a number";
	n->action = resume ? CA_EMERGENCY_RESUME : CA_EMERGENCY_REVOKE_ALL;
	n->reason = (int64_t)reason;
	n->not_after_s =
	    base_clock_now_ms(trustchain_clock_system()) / 1000 + ttl;
	if (base_str_copy(n->scope, sizeof(n->scope),
		t->scope != NULL ? t->scope : "all") != 0)
		return "--scope is all or issuer:ID";
	if (base_rng_fill(crypto_rng_system(), id, sizeof(id)) != 0)
		return "no random numbers";
	wire_hex_encode(id, sizeof(id), n->operation_id);
	if (resume && base_str_copy(n->operation_id, sizeof(n->operation_id),
			  t->operation) != 0)
		return "--operation is the 32 hex digits of revoke-all";
	ca_emergency_note_encode(n, text);
	return ca_emergency_note_parse(text, strlen(text), n) == 0
		   ? NULL
		   : "--scope is all or issuer:ID, --reason 0, 1, 3, 4, 5 or "
		     "9, --operation 32 hex digits";
}

/* A new file; an armed statement is never replaced. */
static int
write_note(const char *path, const char *text, const char *line)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	bool ok;

	if (fd == -1) {
		ops_cli_error(
		    "%s cannot be written, or is there already", path);
		return OPS_EXIT_FAILED;
	}
	ok = dprintf(fd, "%s\n%s", text, line) > 0 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok)
		ops_cli_error("%s cannot be written", path);
	return ok ? OPS_EXIT_OK : OPS_EXIT_FAILED;
}

int
ca_cli_arm(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_emergency *t = opts;
	char text[CA_EMERGENCY_TEXT_MAX], line[MERKLE_NOTEKEY_LINE_MAX];
	struct ca_emergency_note note = { .reason = 0 };
	struct fault f = { 0 };
	const char *wrong;
	char path[64];
	int code;

	(void)args;
	(void)n;
	if ((wrong = describe(t, &note)) != NULL)
		return ca_cli_usage(wrong);
	ca_emergency_note_encode(&note, text);
	if (sign(cli, t, text, line, &f) != 0) {
		ops_cli_error("%s", f.msg);
		return ops_cli_exit_of(f.rc);
	}
	(void)snprintf(
	    path, sizeof(path), "emergency-%s.note", note.operation_id);
	code = write_note(t->out != NULL ? t->out : path, text, line);
	if (code != OPS_EXIT_OK)
		return code;
	(void)printf("operation=%s\n", note.operation_id);
	ops_cli_info("signed by one; now another operator: emergency approve "
		     "%s",
	    t->out != NULL ? t->out : path);
	return OPS_EXIT_OK;
}

/* Read the statement, show it, add our signature: {note}. */
static int
cosign(const struct ops_cli *cli, const struct ca_cli_emergency *t,
    const char *path, json_t **ret)
{
	char line[MERKLE_NOTEKEY_LINE_MAX], *end, *text = NULL;
	struct fault f = { 0 };
	uint8_t *data;
	size_t len;
	int rc;

	rc = store_file_load(path, CA_EMERGENCY_NOTE_MAX, &data, &len);
	if (rc != 0) {
		ops_cli_error("%s: %s", path, base_err_text(rc));
		return OPS_EXIT_USAGE;
	}
	/* What is signed is the text before the empty line. */
	end = strstr((char *)data, "\n\n");
	if (strlen((char *)data) != len || end == NULL) {
		free(data);
		return ca_cli_usage("that is no statement of emergency arm");
	}
	text = strndup((char *)data, (size_t)(end - (char *)data) + 1);
	rc = text == NULL ? base_fault_set(&f, ERR_SYS_NOMEM, "out of memory")
			  : sign(cli, t, text, line, &f);
	free(text);
	if (rc == 0)
		*ret = json_pack("{s:s, s:s+}", "op", "emergency.approve",
		    "note", (const char *)data, line);
	free(data);
	if (rc == 0)
		return OPS_EXIT_OK;
	ops_cli_error("%s", f.msg);
	return ops_cli_exit_of(f.rc);
}

static void
print_approved(const json_t *reply)
{
	const char *token = ca_cli_text(reply, "token");
	const char *id = ca_cli_text(reply, "operation_id");

	ops_cli_info("action %s, scope %s, reason %lld, until %s",
	    ca_cli_text(reply, "action"), ca_cli_text(reply, "scope"),
	    (long long)json_integer_value(json_object_get(reply, "reason")),
	    ca_cli_text(reply, "not_after"));
	(void)printf("operation=%s\n", id);
	if (token[0] != '\0')
		(void)printf("EMERGENCY_TOKEN=%s\n", token);
	else
		ops_cli_success("operation %s may resume: trustchain-ca resume "
				"%s",
		    id, id);
}

int
ca_cli_approve(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ca_cli_emergency *t = opts;
	json_t *req = NULL, *reply;
	int code;

	(void)n;
	if (t->as == NULL || t->key == NULL)
		return ca_cli_usage("--as NAME and --key FILE are needed");
	if ((code = cosign(cli, t, args[0], &req)) != 0 ||
	    (code = ca_cli_ask(cli, req, &reply)) != 0)
		return code;
	if (cli->json)
		ca_cli_print_json(reply);
	else
		print_approved(reply);
	json_decref(reply);
	return OPS_EXIT_OK;
}

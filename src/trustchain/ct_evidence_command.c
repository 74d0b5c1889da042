/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "merkle/evidence_file.h"
#include "store/file.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_params.h"

#define KEYS_MAX (OPS_CLI_VALUES_MAX + 1)

const struct ops_cli_option ct_evidence_options[] = {
	{ "vkey", OPS_CLI_VALUES, offsetof(struct ct_evidence_opts, vkeys),
	    "KEY", "verifier key of the log, or of the witness" },
	{ "log", OPS_CLI_VALUE, offsetof(struct ct_evidence_opts, log), "FILE",
	    "the log's log.json: both of its keys" },
	{ .name = NULL },
};

/* All that is trusted. */
struct trust {
	struct merkle_vkey vkey[KEYS_MAX];
	struct ct_params log;
	struct ct_evidence_keys keys;
};

static int
load_log(struct trust *t, const char *path, struct fault *f)
{
	uint8_t *data;
	size_t len;
	int rc;

	rc = store_file_load(path, CT_PARAMS_FILE_MAX, &data, &len);
	if (rc == 0) {
		rc = ct_params_parse((const char *)data, len, &t->log);
		free(data);
	}
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_USAGE, "--log %.200s: %s",
		    path, base_err_text(rc));
	t->vkey[t->keys.vkeys++] = t->log.note;
	t->keys.spki = t->log.spki;
	t->keys.spki_len = t->log.spki_len;
	return 0;
}

static int
load_trust(struct trust *t, const struct ct_evidence_opts *o, struct fault *f)
{
	int rc;

	t->keys.vkey = t->vkey;
	for (size_t i = 0; i < o->vkeys.n; i++)
		if (merkle_vkey_parse(o->vkeys.v[i], strlen(o->vkeys.v[i]),
			&t->vkey[t->keys.vkeys++]) != 0)
			return base_fault_set(f, ERR_STATE_USAGE,
			    "--vkey %.100s: no verifier key", o->vkeys.v[i]);
	if (o->log != NULL && (rc = load_log(t, o->log, f)) != 0)
		return rc;
	if (t->keys.vkeys == 0)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--vkey or --log is needed: whose word is it?");
	return 0;
}

int
ct_evidence_command(
    const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct trust *t = calloc(1, sizeof(*t));
	char type[CT_EVIDENCE_TYPE_MAX] = "";
	struct fault f = { 0 };
	uint8_t *data = NULL;
	size_t len;
	int rc;

	(void)cli;
	(void)n;
	rc = t == NULL ? base_fault_set(&f, ERR_SYS_NOMEM, "out of memory")
		       : load_trust(t, opts, &f);
	if (rc == 0 && (rc = store_file_load(args[0], MERKLE_EVIDENCE_FILE_MAX,
			    &data, &len)) != 0)
		rc = base_fault_set(&f, ERR_STATE_USAGE, "%.200s: %s", args[0],
		    base_err_text(rc));
	if (rc == 0) {
		rc =
		    ct_evidence_verify((const char *)data, len, &t->keys, type);
		if (rc == ERR_STATE_PENDING)
			rc = base_fault_set(&f, ERR_STATE_INTEGRITY,
			    "the certificate is in the log; that its CA did "
			    "not issue it is the CA's statement: see detail");
		else if (rc != 0)
			rc = base_fault_set(&f, ERR_STATE_INTEGRITY,
			    "proves nothing%s%s: %s",
			    type[0] != '\0' ? ", not " : "", type,
			    base_err_text(rc));
	}
	if (rc == 0)
		ops_cli_success("proves %s", type);
	else
		ops_cli_error("%s", f.msg);
	free(data);
	free(t);
	return ops_cli_exit_of(rc);
}

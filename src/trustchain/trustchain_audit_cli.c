/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_audit_cli.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify.h"
#include "base/fault.h"
#include "base/str.h"
#include "merkle/vkey.h"
#include "store/file.h"

const struct ops_cli_option trustchain_audit_cli_options[] = {
	{ "dir", OPS_CLI_VALUE, offsetof(struct trustchain_audit_cli, dir),
	    "DIR", "folder of the log; default: the configured one" },
	{ "vkey", OPS_CLI_VALUE, offsetof(struct trustchain_audit_cli, vkey),
	    "KEY", "verifier key to judge by; default: DIR/vkey" },
	{ "event-id", OPS_CLI_VALUE,
	    offsetof(struct trustchain_audit_cli, event), "ID",
	    "also prove that this event is in it" },
	{ .name = NULL },
};

/* The key that the daemon wrote beside its log. */
static int
load_vkey(const char *dir, char text[MERKLE_VKEY_TEXT_MAX])
{
	char path[PATH_MAX];
	uint8_t *data;
	size_t len;
	int rc;

	if ((rc = base_str_format(path, sizeof(path), "%s/vkey", dir)) != 0)
		return rc;
	rc = store_file_load(path, MERKLE_VKEY_TEXT_MAX - 1, &data, &len);
	if (rc != 0) {
		ops_cli_error("%s: %s", path, base_err_text(rc));
		return rc;
	}
	memcpy(text, data, len);
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	free(data);
	ops_cli_warn("judged by the key in the log's own folder, which whoever "
		     "can write there can replace; --vkey names another");
	return 0;
}

static int
find_vkey(const struct trustchain_audit_cli *o, const char *dir,
    struct merkle_vkey *ret)
{
	char text[MERKLE_VKEY_TEXT_MAX];
	const char *key = o->vkey;
	int rc;

	if (key == NULL) {
		if ((rc = load_vkey(dir, text)) != 0)
			return OPS_EXIT_FAILED;
		key = text;
	}
	if (merkle_vkey_parse(key, strlen(key), ret) == 0)
		return 0;
	ops_cli_error("not a verifier key: %.80s", key);
	return o->vkey != NULL ? OPS_EXIT_USAGE : OPS_EXIT_INTEGRITY;
}

int
trustchain_audit_cli_verify(
    const struct trustchain_audit_cli *opts, const char *dir)
{
	struct audit_verify_opts o = { .event_id = opts->event };
	struct audit_verify_result r;
	struct fault f = { 0, "" };
	struct merkle_vkey key;
	char path[PATH_MAX];
	int code, rc;

	if (opts->dir != NULL)
		dir = opts->dir;
	if (base_str_format(path, sizeof(path), "%s/audit.log", dir) != 0) {
		ops_cli_error("%s: path too long", dir);
		return OPS_EXIT_USAGE;
	}
	if ((code = find_vkey(opts, dir, &key)) != 0)
		return code;
	o.log = path;
	o.tiles = dir;
	o.vkey = &key;
	if ((rc = audit_verify_log(&o, &f, &r)) != 0) {
		ops_cli_error("%s", f.msg);
		return rc == ERR_STATE_INTEGRITY ? OPS_EXIT_INTEGRITY
						 : OPS_EXIT_FAILED;
	}
	if (opts->event != NULL)
		ops_cli_success("event included index=%" PRIu64, r.index);
	ops_cli_success("audit log ok size=%" PRIu64 " unpublished=%" PRIu64,
	    r.head.size, r.lines - r.head.size);
	return OPS_EXIT_OK;
}

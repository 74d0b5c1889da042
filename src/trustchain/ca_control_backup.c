/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ops/control.h"
#include "trustchain/bak_name.h"
#include "trustchain/ca_backups.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_store.h"

/* The command that made it says so; only root and our own user can. */
void
ca_control_backup(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	int64_t now = base_clock_now_ms(c->o.clock), bytes, at;
	const char *id, *sha256;
	struct ca_batch *b;
	char fields[256];
	size_t len;

	if (wire_json_string(req, "id", BAK_NAME_ID_MAX, &id, &len) != 0 ||
	    !bak_name_parse(id, &at) ||
	    wire_json_int(req, "bytes", 1, INT64_MAX, &bytes) != 0 ||
	    wire_json_string(req, "sha256", 64, &sha256, &len) != 0 ||
	    strspn(sha256, "0123456789abcdef") != 64) {
		ops_control_error(
		    call, ERR_STATE_USAGE, "id, bytes and sha256 are needed");
		return;
	}
	if (c->o.backups != NULL)
		ca_backups_done(c->o.backups, at);
	if ((b = ca_batch_new()) == NULL) {
		ops_control_error(call, ERR_SYS_NOMEM, "out of memory");
		return;
	}
	(void)snprintf(fields, sizeof(fields),
	    "{\"id\":\"%s\",\"bytes\":%lld,\"sha256\":\"%s\"}", id,
	    (long long)bytes, sha256);
	ca_batch_outbox(b, now, "backup.done", fields);
	ca_control_commit(
	    c, call, b, json_pack("{s:b, s:s}", "ok", 1, "id", id));
}

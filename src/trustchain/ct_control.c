/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_control.h"

#include <string.h>

#include "trustchain/ct_log.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_shard.h"
#include "trustchain/ct_shard_rule.h"

static const char *
state_name(const struct ct_shard *s)
{
	static const char *const names[] = {
		[CT_SHARD_OPEN] = "open",
		[CT_SHARD_FROZEN] = "frozen",
		[CT_SHARD_ARCHIVED] = "archived",
		[CT_SHARD_RETIRED] = "retired",
	};

	return names[ct_shard_state(s)];
}

json_t *
ct_control_shards(const struct ct_log *l)
{
	const struct ct_shard_head *head;
	const struct ct_params *p;
	char start[32], end[32];
	json_t *list = json_array();
	struct ct_shard *s;
	size_t i;

	for (i = 0; i < ct_log_count(l); i++) {
		s = ct_log_shard(l, i);
		p = ct_shard_params(s);
		head = ct_shard_head(s);
		ct_params_time(p->period.start_ms, start);
		ct_params_time(p->period.end_ms, end);
		(void)json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:I}", "name",
			p->period.name, "state", state_name(s), "start", start,
			"end", end, "tree_size",
			(json_int_t)(head == NULL ? 0 : head->tree.size)));
	}
	return list;
}

static void
retire(struct ct_log *l, struct ops_control_call *call, const json_t *request)
{
	struct ct_shard *s;
	const char *name;
	size_t len;
	int rc;

	if (wire_json_string(request, "name", 16, &name, &len) != 0) {
		ops_control_error(call, ERR_STATE_USAGE, "name is missing");
		return;
	}
	s = ct_log_by_name(l, name, len);
	if (s == NULL) {
		ops_control_error(
		    call, ERR_STATE_NOT_FOUND, "no shard is called %s", name);
		return;
	}
	if ((rc = ct_shard_rule_retire(s)) != 0)
		ops_control_error(call, rc, "%s: %s", name, base_err_text(rc));
	else
		ops_control_reply(
		    call, json_pack("{s:b, s:s, s:s}", "ok", 1, "name", name,
			      "state", state_name(s)));
}

void
ct_control_handle(
    void *ctx, struct ops_control_call *call, const json_t *request)
{
	const char *op = json_string_value(json_object_get(request, "op"));

	if (op != NULL && strcmp(op, "shard.list") == 0)
		ops_control_reply(call, json_pack("{s:b, s:o}", "ok", 1,
					    "shards", ct_control_shards(ctx)));
	else if (op != NULL && strcmp(op, "shard.retire") == 0)
		retire(ctx, call, request);
	else
		ops_control_error(call, ERR_STATE_USAGE, "unknown operation");
}

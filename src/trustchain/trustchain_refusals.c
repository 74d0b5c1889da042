/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_refusals.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "audit/log.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/rng.h"
#include "base/str.h"
#include "keys/supervisor.h"
#include "wire/json.h"

struct trustchain_refusals {
	struct trustchain_refusals_opts o;
	char dir[PATH_MAX - 64];
	struct audit_log *log;
	int64_t second; /* the one that count is about */
	unsigned int count;
	uint64_t left_out;
};

int
trustchain_refusals_open(const struct trustchain_refusals_opts *opts,
    struct fault *f, struct trustchain_refusals **ret)
{
	struct trustchain_refusals *r = calloc(1, sizeof(*r));
	struct audit_log_opts log;
	int rc;

	if (r == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	r->o = *opts;
	rc = base_str_format(
	    r->dir, sizeof(r->dir), "%s.refused", opts->state_dir);
	if (rc != 0)
		base_fault_set(f, rc, "%s: path too long", opts->state_dir);
	log = (struct audit_log_opts){ .disk = opts->disk, .dir = r->dir };
	if (rc == 0)
		rc = audit_log_open(&log, f, &r->log);
	if (rc != 0) {
		free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

/* The target of the event; the texts are the key process's own. */
static int
words(struct trustchain_refusals *r, const struct keys_report *report,
    char *out, size_t cap)
{
	char *text = NULL;
	json_t *o;
	int rc;

	o = json_pack("{s:i, s:i, s:s, s:s}", "op", report->op, "slot",
	    report->slot, "key", report->name, "reason", report->text);
	if (o != NULL && r->left_out > 0)
		json_object_set_new(
		    o, "left_out", json_integer((json_int_t)r->left_out));
	if (o != NULL)
		text = wire_json_dump(o, NULL);
	json_decref(o);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	rc = audit_event_words(text, strlen(text), out, cap);
	free(text);
	return rc;
}

/* Whether this one is to be written, by the second. */
static bool
admit(struct trustchain_refusals *r, int64_t now_ms)
{
	if (now_ms / 1000 != r->second) {
		r->second = now_ms / 1000;
		r->count = 0;
	}
	if (r->count >= TRUSTCHAIN_REFUSALS_PER_S) {
		r->left_out++;
		return false;
	}
	r->count++;
	return true;
}

int
trustchain_refusals_add(
    struct trustchain_refusals *r, const struct keys_report *report)
{
	char line[AUDIT_LINE_MAX + 1], target[AUDIT_LINE_MAX / 2];
	struct audit_event ev = { .action = report->kind == KEYS_REPORT_DOWN
						? "key.unavailable"
						: "key.refused",
		.operator_id = r->o.operator_id,
		.target = target,
		.at_ms = base_clock_now_ms(r->o.clock) };
	uint8_t random[AUDIT_UUID_LEN];
	size_t len;
	int rc;

	if (!admit(r, ev.at_ms))
		return 0;
	rc = words(r, report, target, sizeof(target));
	if (rc != 0)
		ev.target = "unreadable=1";
	if ((rc = base_rng_fill(r->o.rng, random, sizeof(random))) != 0 ||
	    (rc = audit_event_encode(&ev, random, line, &len)) != 0)
		return rc;
	line[len++] = '\n';
	if ((rc = audit_log_append(r->log, line, len)) == 0)
		r->left_out = 0;
	return rc;
}

void
trustchain_refusals_close(struct trustchain_refusals *r)
{
	if (r == NULL)
		return;
	audit_log_close(r->log);
	free(r);
}

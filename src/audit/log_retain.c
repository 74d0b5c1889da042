/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/retain.h"

#include <limits.h>
#include <string.h>

#include "audit/dir_segment.h"
#include "audit/line.h"
#include "audit/log_internal.h"
#include "audit/source.h"

enum { TAIL = 8192 };

int
audit_log_source_open(const struct audit_log *log, struct audit_source **ret)
{
	char path[PATH_MAX];
	int rc = audit_dir_log_path(log->opts.dir, path);

	return rc == 0 ? audit_source_dir(path, log->opts.dir, ret) : rc;
}

/* The time of the last line of a segment, -1 if that is not to be had. */
static int64_t
last_time(const struct audit_part *part)
{
	char tail[TAIL], *at;
	size_t len;

	if (audit_part_read(part, tail, sizeof(tail),
		part->len > TAIL ? part->len - TAIL : 0, &len) != 0 ||
	    len < 2 || tail[len - 1] != '\n')
		return -1;
	at = memrchr(tail, '\n', len - 1);
	at = at == NULL ? tail : at + 1;
	return audit_line_time(at, (size_t)(tail + len - at));
}

uint64_t
audit_log_prunable(struct audit_log *log, int64_t before_ms)
{
	struct audit_source *s;
	struct audit_part part;
	uint64_t through = 0, first, next;
	int64_t at_ms;
	size_t i, n;

	if (log->opts.vkey == NULL || audit_log_source_open(log, &s) != 0)
		return 0;
	n = audit_source_segments(s) - 1;
	for (i = 0; i + 1 < n; i++) {
		if (audit_source_segment(s, i + 1, &part, &next) != 0)
			break;
		audit_part_close(&part);
		if (audit_source_segment(s, i, &part, &first) != 0)
			break;
		at_ms = last_time(&part);
		audit_part_close(&part);
		if (at_ms < 0 || at_ms >= before_ms ||
		    next > log->published.size ||
		    (log->source > 0 && next > log->source_index))
			break;
		through = next;
	}
	audit_source_free(s);
	return through;
}

int
audit_log_prune(struct audit_log *log, uint64_t through)
{
	struct audit_source *s;
	struct audit_part part;
	uint64_t first;
	size_t i, n;
	int rc;

	if ((rc = audit_log_source_open(log, &s)) != 0)
		return rc;
	n = audit_source_segments(s) - 1;
	for (i = 0; rc == 0 && i < n; i++) {
		if ((rc = audit_source_segment(s, i, &part, &first)) != 0)
			break;
		audit_part_close(&part);
		if (first >= through)
			break;
		rc = audit_dir_drop(log->dir, first);
	}
	audit_source_free(s);
	return rc;
}

int
audit_log_roll(struct audit_log *log, int64_t now_ms)
{
	const struct audit_log_opts *o = &log->opts;
	uint64_t bytes;
	int rc;

	if (log->broken != 0)
		return log->broken;
	bytes = audit_dir_bytes(log->dir);
	if (log->published.size <= log->first ||
	    !((o->segment_bytes > 0 && bytes >= o->segment_bytes) ||
		(o->segment_ms > 0 &&
		    now_ms - log->first_ms >= (int64_t)o->segment_ms)))
		return 0;
	rc = audit_dir_roll(log->dir, log->first);
	if (rc == ERR_SYS_NOSPACE)
		return rc;
	log->first = audit_log_size(log);
	log->first_ms = 0;
	log->broken = rc;
	return rc;
}

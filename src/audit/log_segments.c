/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "audit/line.h"
#include "audit/lines.h"
#include "audit/log_internal.h"
#include "base/fault.h"

static int
get_tile(void *ctx, const char *path, uint8_t *ret, size_t len)
{
	size_t got;
	int rc = audit_source_load(ctx, path, ret, len, &got);

	return rc == 0 && got != len ? ERR_PEER_TRUNCATED : rc;
}

/* Give the lines of segment ${i} to ${fn}; its end must be a line's. */
static int
each_line(const struct audit_source *s, size_t i,
    int (*fn)(void *ctx, const char *line, size_t len, int64_t source),
    void *ctx)
{
	struct audit_lines *l = malloc(sizeof(*l));
	struct audit_part part;
	const char *line;
	uint64_t first;
	size_t len;
	int rc;

	if (l == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = audit_source_segment(s, i, &part, &first)) == 0) {
		audit_lines_init(l, &part);
		while ((rc = audit_lines_next(l, &line, &len)) == 0) {
			if (!audit_line_ok(line, len))
				rc = ERR_STATE_INTEGRITY;
			else
				rc = fn(ctx, line, len,
				    audit_line_source(line, len));
			if (rc != 0)
				break;
		}
		if (rc == ERR_STATE_NOT_FOUND)
			rc = 0;
		else if (base_err_class(rc) == ERR_CLASS_PEER)
			rc = ERR_STATE_INTEGRITY;
		audit_part_close(&part);
	}
	free(l);
	return rc;
}

/* Only look for outbox numbers. */
static int
see_source(void *ctx, const char *line, size_t len, int64_t source)
{
	struct audit_log *log = ctx;

	(void)line;
	(void)len;
	if (source > log->source)
		log->source = source;
	return 0;
}

/* The highest outbox number may be in an older segment; seldom is. */
static int
find_source(struct audit_log *log, const struct audit_source *s, size_t i)
{
	struct audit_part part;
	uint64_t first = 0;
	int rc = 0;

	while (rc == 0 && log->source == 0 && i-- > 0) {
		rc = each_line(s, i, see_source, log);
		if (rc == 0 && log->source > 0 &&
		    (rc = audit_source_segment(s, i, &part, &first)) == 0) {
			log->source_index = first;
			audit_part_close(&part);
		}
	}
	return rc;
}

/* Begin at the first line of segment ${i}. */
static int
read_segment(struct audit_log *log, struct audit_source *s, size_t i)
{
	struct audit_part part;
	uint64_t first;
	int rc;

	if ((rc = audit_source_segment(s, i, &part, &first)) != 0)
		return rc;
	audit_part_close(&part);
	if (first > log->published.size)
		return ERR_STATE_INTEGRITY;
	rc = audit_log_restore(log, first, get_tile, s);
	/* A tile that is not there was there once. */
	if (rc == ERR_STATE_NOT_FOUND || base_err_class(rc) == ERR_CLASS_PEER)
		return ERR_STATE_INTEGRITY;
	return rc == 0 ? each_line(s, i, audit_log_take_old, log) : rc;
}

int
audit_log_read_segments(struct audit_log *log, struct fault *fault)
{
	struct audit_source *s;
	size_t n;
	int rc;

	if ((rc = audit_log_source_open(log, &s)) != 0)
		return rc;
	n = audit_source_segments(s) - 1; /* audit.log is read elsewhere */
	if (n > 0)
		rc = read_segment(log, s, n - 1);
	if (rc == 0 && n > 1)
		rc = find_source(log, s, n - 1);
	audit_source_free(s);
	if (rc == ERR_STATE_INTEGRITY)
		base_fault_set(fault, rc,
		    "audit log differs from its checkpoint or is damaged in its"
		    " newest closed segment, line %" PRIu64,
		    audit_log_size(log));
	return rc;
}

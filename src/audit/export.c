/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/check_internal.h"
#include "audit/export_internal.h"
#include "audit/lines.h"
#include "base/fault.h"

enum { CHECKPOINT_MAX = 65536 };

struct export
{
	const struct audit_export_opts *o;
	struct audit_lines lines;
	uint64_t from, to; /* which */
	uint64_t at;	   /* number of the next line */
	uint64_t bytes;	   /* of the lines, with their newlines */
	uint64_t count;
	int fd; /* -1: only count */
};

static int
take_segment(struct export *e)
{
	const char *line;
	size_t len;
	int rc = 0;

	while (rc == 0 && e->at < e->to) {
		if ((rc = audit_lines_next(&e->lines, &line, &len)) != 0)
			break;
		if (e->at++ < e->from)
			continue;
		e->bytes += len + 1;
		e->count++;
		/* The newline follows the line in the buffer. */
		if (e->fd >= 0)
			rc = audit_export_bytes(e->fd, line, len + 1);
	}
	return rc == ERR_STATE_NOT_FOUND ? 0 : rc;
}

/* Go through the lines of the range. */
static int
take_lines(struct export *e)
{
	const struct audit_source *s = e->o->source;
	size_t i, n = audit_source_segments(s);
	struct audit_part part;
	uint64_t first;
	int rc = 0;

	e->at = e->bytes = e->count = 0;
	for (i = 0; rc == 0 && i < n; i++) {
		rc = audit_source_segment(s, i, &part, &first);
		if (rc != 0)
			return rc;
		if (first != AUDIT_SOURCE_UNNUMBERED)
			e->at = first;
		audit_lines_init(&e->lines, &part);
		rc = take_segment(e);
		audit_part_close(&part);
	}
	if (rc == 0 && e->count != e->to - e->from)
		rc = ERR_STATE_NOT_FOUND;
	return rc;
}

static int
write_lines(struct export *e)
{
	char name[64];
	int rc;

	(void)snprintf(name, sizeof(name), "audit.log.%" PRIu64, e->from);
	e->fd = -1;
	if ((rc = take_lines(e)) != 0)
		return rc;
	if ((rc = audit_export_member(e->o->fd, name, e->bytes)) != 0)
		return rc;
	e->fd = e->o->fd;
	if ((rc = take_lines(e)) != 0)
		return rc;
	return audit_export_pad(e->o->fd, e->bytes);
}

static int
write_all(struct export *e, const void *note, size_t len, uint64_t size)
{
	static const uint8_t end[1024];
	char range[64];
	int n, rc;

	rc = audit_export_small(e->o->fd, "checkpoint", note, len);
	if (rc == 0 && (e->from > 0 || e->to < size)) {
		n = snprintf(range, sizeof(range), "%" PRIu64 " %" PRIu64 "\n",
		    e->from, e->to);
		rc = audit_export_small(e->o->fd, "range", range, (size_t)n);
	}
	if (rc == 0)
		rc = audit_export_tiles(
		    e->o->source, e->o->fd, size, e->from, e->to);
	if (rc == 0)
		rc = write_lines(e);
	return rc == 0 ? audit_export_bytes(e->o->fd, end, sizeof(end)) : rc;
}

int
audit_export(const struct audit_export_opts *opts, struct fault *fault,
    uint64_t *ret_count)
{
	struct audit_check_opts check = { opts->source, opts->vkey, NULL };
	struct export *e = calloc(1, sizeof(*e));
	char *note = malloc(CHECKPOINT_MAX);
	struct merkle_head head;
	size_t len;
	int rc = ERR_SYS_NOMEM;

	if (e != NULL && note != NULL)
		rc = audit_source_load(
		    opts->source, "checkpoint", note, CHECKPOINT_MAX, &len);
	if (rc == 0 && (rc = audit_check_head(&check, fault, &head)) == 0) {
		e->o = opts;
		e->from = opts->from;
		e->to = opts->to == 0 ? head.size : opts->to;
		rc = e->from < e->to && e->to <= head.size
			 ? write_all(e, note, len, head.size)
			 : ERR_STATE_USAGE;
		if (rc == 0)
			*ret_count = e->count;
		else
			base_fault_set(
			    fault, rc, "export: %s", base_err_text(rc));
	} else if (rc != 0) {
		base_fault_set(fault, rc, "export: %s", base_err_text(rc));
	}
	free(note);
	free(e);
	return rc;
}

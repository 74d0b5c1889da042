/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/check_internal.h"
#include "audit/check_tiles.h"
#include "audit/lines.h"
#include "base/fault.h"

struct check {
	const struct audit_check_opts *opts;
	struct fault *fault;
	struct audit_check_result *r;
	struct audit_check_tiles *tiles;
	struct audit_lines lines;
	uint64_t pruned; /* records below this were deleted, a record says */
	char id[80];	 /* how the wanted line begins, or "" */
	bool found;
};

/* The hash of the line after this one; zeroes if there is none. */
static void
next_leaf(struct check *c, struct merkle_hash *ret)
{
	const char *line;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (audit_lines_peek(&c->lines, &line, &len) == 0)
		audit_check_leaf_hash(line, len, ret);
}

static bool
same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->b, b->b, MERKLE_HASH_LEN) == 0;
}

/* Look for a record among those that belong close to ${index}. */
static bool
search(struct check *c, uint64_t index, const struct merkle_hash *leaf,
    uint64_t *ret)
{
	enum { NEAR = 512 };
	uint64_t i = index > NEAR ? index - NEAR : 0, end = c->r->head.size;
	struct merkle_hash want;
	struct fault ignored;

	if (end - index > NEAR)
		end = index + NEAR;
	for (; i < end; i++)
		if (audit_check_tiles_leaf(c->tiles, i, &ignored, &want) == 0 &&
		    same(&want, leaf)) {
			*ret = i;
			return true;
		}
	return false;
}

/* A line that is not record ${index}: say what happened there. */
static int
name_it(struct check *c, uint64_t index, const struct merkle_hash *leaf,
    const struct merkle_hash *want)
{
	struct merkle_hash next;
	uint64_t at;

	next_leaf(c, &next);
	if (!search(c, index, leaf, &at))
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    same(&next, want) ? "record %" PRIu64
					": a record was inserted before it"
				      : "record %" PRIu64 " was changed",
		    index);
	if (at < index)
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 ": record %" PRIu64
		    " is there a second time",
		    index, at);
	if (same(&next, want))
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 ": out of order, record %" PRIu64
		    " stands before it",
		    index, at);
	if (at == index + 1)
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 " is missing", index);
	return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
	    "records %" PRIu64 " to %" PRIu64 " are missing", index, at - 1);
}

static int
take_line(struct check *c, const char *line, size_t len)
{
	uint64_t index = c->r->end;
	size_t id_len = strlen(c->id);
	struct merkle_hash leaf, want;
	int rc;

	if (index < c->r->head.size) {
		rc = audit_check_tiles_leaf(c->tiles, index, c->fault, &want);
		if (rc != 0)
			return rc;
		audit_check_leaf_hash(line, len, &leaf);
		if (!same(&leaf, &want))
			return name_it(c, index, &leaf, &want);
		audit_check_pruned(line, len, &c->pruned);
	} else if (c->r->partial)
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 ": inserted after the bundle's last",
		    index);
	if (!audit_check_line_ok(line, len))
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 " is malformed", index);
	if (id_len > 0 && len > id_len && memcmp(line, c->id, id_len) == 0) {
		c->found = true;
		c->r->index = index;
	}
	c->r->end++;
	return 0;
}

static int
take_lines(struct check *c, bool last)
{
	const char *line;
	size_t len;
	int rc;

	while ((rc = audit_lines_next(&c->lines, &line, &len)) == 0)
		if ((rc = take_line(c, line, len)) != 0)
			return rc;
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	/* The daemon may be writing its last line just now. */
	if (rc == ERR_PEER_TRUNCATED && last && c->r->end >= c->r->head.size)
		return 0;
	if (base_err_class(rc) == ERR_CLASS_SYS)
		return base_fault_set(c->fault, rc, "%s", base_err_text(rc));
	return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
	    "record %" PRIu64 " is cut or too long", c->r->end);
}

/* Does segment ${i} begin where the one before ended? */
static int
join(struct check *c, size_t i, uint64_t first)
{
	uint64_t at = c->r->end;

	if (first == AUDIT_SOURCE_UNNUMBERED || (i > 0 && first == at))
		return 0;
	if (i == 0) {
		c->r->first = c->r->end = first;
		return 0;
	}
	if (first > at)
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "records %" PRIu64 " to %" PRIu64 " are missing", at,
		    first - 1);
	return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
	    "record %" PRIu64 ": segment audit.log.%" PRIu64
	    " begins again before it",
	    at, first);
}

static int
take_segments(struct check *c)
{
	size_t i, n = audit_source_segments(c->opts->source);
	struct audit_part part;
	uint64_t first;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		rc = audit_source_segment(c->opts->source, i, &part, &first);
		if (rc != 0)
			return base_fault_set(c->fault, rc, "segment %zu: %s",
			    i, base_err_text(rc));
		if ((rc = join(c, i, first)) == 0) {
			audit_lines_init(&c->lines, &part);
			rc = take_lines(c, i + 1 == n);
		}
		audit_part_close(&part);
	}
	return rc;
}

/* Are all records there that have to be? */
static int
check_extent(const struct check *c, uint64_t range_first, uint64_t range_end)
{
	const struct audit_check_result *r = c->r;

	if (r->end < range_end)
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 " and what follows are missing: the log"
		    " has %" PRIu64 " lines, its checkpoint covers %" PRIu64
		    ": truncated or rolled back",
		    r->end, r->end - r->first, range_end);
	if (r->first > range_first && (r->partial || r->first > c->pruned))
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "records %" PRIu64 " to %" PRIu64
		    " are missing and no record says that they were pruned",
		    range_first, r->first - 1);
	if (r->partial && (r->first < range_first || r->end > range_end))
		return base_fault_set(c->fault, ERR_STATE_INTEGRITY,
		    "record %" PRIu64 " is outside the bundle's range",
		    r->first < range_first ? r->first : range_end);
	return 0;
}

static int
check_event(const struct check *c)
{
	if (c->id[0] == '\0')
		return 0;
	if (!c->found)
		return base_fault_set(c->fault, ERR_STATE_NOT_FOUND,
		    "no event %s", c->opts->event_id);
	if (c->r->index >= c->r->head.size)
		return base_fault_set(c->fault, ERR_STATE_PENDING,
		    "event %s is not under a checkpoint yet",
		    c->opts->event_id);
	return 0;
}

int
audit_check(const struct audit_check_opts *opts, struct fault *fault,
    struct audit_check_result *ret)
{
	struct check c = { .opts = opts, .fault = fault, .r = ret };
	uint64_t first = 0, end;
	int n = 0, rc;

	memset(ret, 0, sizeof(*ret));
	if (opts->event_id != NULL)
		n = snprintf(c.id, sizeof(c.id), "{\"event_id\":\"%s\",",
		    opts->event_id);
	if (n < 0 || (size_t)n >= sizeof(c.id))
		return base_fault_set(
		    fault, ERR_STATE_NOT_FOUND, "no such event id");
	rc = audit_check_head(opts, fault, &ret->head);
	end = ret->head.size;
	if (rc == 0)
		rc = audit_check_range(opts, fault, &first, &end);
	if (rc == 0)
		rc = audit_check_tiles_new(
		    opts->source, &ret->head, fault, &c.tiles);
	ret->partial = first > 0 || end < ret->head.size;
	if (rc == 0)
		rc = take_segments(&c);
	if (rc == 0)
		rc = check_extent(&c, first, end);
	if (rc == 0)
		rc = check_event(&c);
	audit_check_tiles_free(c.tiles);
	return rc;
}

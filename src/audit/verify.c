/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/verify.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "audit/head.h"
#include "audit/prove.h"
#include "audit/tiles.h"
#include "base/fault.h"
#include "store/file.h"

/* Tiles are compared each time this many leaves were added. */
enum { COMPARE_EVERY = 1 << 16 };

struct verify {
	const struct audit_verify_opts *opts;
	struct fault *fault;
	struct audit_verify_result *result;
	struct audit_tiles *tiles;
	char id[80];		 /* how the wanted line begins, or "" */
	struct merkle_hash leaf; /* of the wanted line */
	bool found;
};

static int
compare_tile(void *ctx, const char *name, const uint8_t *data, size_t len)
{
	char path[PATH_MAX];
	struct verify *v = ctx;
	uint8_t *stored;
	size_t stored_len;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", v->opts->tiles, name);
	if ((rc = store_file_load(path, len, &stored, &stored_len)) != 0)
		return base_fault_set(v->fault, ERR_STATE_INTEGRITY, "%s: %s",
		    name, base_err_text(rc));
	if (stored_len != len || memcmp(stored, data, len) != 0)
		rc = base_fault_set(v->fault, ERR_STATE_INTEGRITY,
		    "%s differs from the log", name);
	free(stored);
	return rc;
}

static int
compare_full_tile(void *ctx, const char *name, const uint8_t *data, size_t len)
{
	/* The others are compared once the checkpoint's size is reached. */
	return len < AUDIT_TILES_FULL ? 0 : compare_tile(ctx, name, data, len);
}

/* Compare what the lines so far give with what is published. */
static int
compare(struct verify *v, uint64_t size)
{
	int rc;

	if (size != v->result->head.size) {
		if (size % COMPARE_EVERY != 0)
			return 0;
		rc = audit_tiles_each(v->tiles, compare_full_tile, v);
		audit_tiles_drop(v->tiles);
		return rc;
	}
	if (!audit_tiles_is(v->tiles, &v->result->head))
		return base_fault_set(v->fault, ERR_STATE_INTEGRITY,
		    "Merkle root mismatch at size %" PRIu64, size);
	return audit_tiles_each(v->tiles, compare_tile, v);
}

static int
take_line(struct verify *v, const char *line, size_t len)
{
	uint64_t index = v->result->lines++;
	size_t id_len = strlen(v->id);
	bool wanted;
	int rc;

	if (!audit_event_line_ok(line, len))
		return base_fault_set(v->fault, ERR_STATE_INTEGRITY,
		    "line %" PRIu64 " is malformed", index);
	wanted = id_len > 0 && len > id_len && memcmp(line, v->id, id_len) == 0;
	if (wanted) {
		v->found = true;
		v->result->index = index;
	}
	if (index >= v->result->head.size)
		return 0;
	rc = audit_tiles_add(v->tiles, line, len, wanted ? &v->leaf : NULL);
	return rc != 0 ? rc : compare(v, index + 1);
}

static int
take_file(struct verify *v)
{
	char line[AUDIT_LINE_MAX + 2];
	size_t len;
	FILE *f;
	int rc = 0;

	if ((f = fopen(v->opts->log, "re")) == NULL)
		return base_fault_set(v->fault, ERR_STATE_NOT_FOUND,
		    "%s: cannot open", v->opts->log);
	while (rc == 0 && fgets(line, sizeof(line), f) != NULL) {
		len = strlen(line);
		if (len > 0 && line[len - 1] == '\n')
			rc = take_line(v, line, len - 1);
		else if (!feof(f))
			rc = base_fault_set(v->fault, ERR_STATE_INTEGRITY,
			    "line %" PRIu64 " is malformed", v->result->lines);
		/* Else a line that the daemon is writing just now. */
	}
	if (rc == 0 && ferror(f))
		rc = base_fault_set(
		    v->fault, ERR_SYS_IO, "%s: read error", v->opts->log);
	fclose(f);
	if (rc == 0 && v->result->lines < v->result->head.size)
		rc = base_fault_set(v->fault, ERR_STATE_INTEGRITY,
		    "log has %" PRIu64 " lines, its checkpoint covers %" PRIu64
		    ": truncated or rolled back",
		    v->result->lines, v->result->head.size);
	return rc;
}

/* Prove the wanted line from the tiles alone. */
static int
prove_event(struct verify *v)
{
	int rc;

	if (v->id[0] == '\0')
		return 0;
	if (!v->found)
		return base_fault_set(v->fault, ERR_STATE_NOT_FOUND,
		    "no event %s", v->opts->event_id);
	if (v->result->index >= v->result->head.size)
		return base_fault_set(v->fault, ERR_STATE_PENDING,
		    "event %s is not under a checkpoint yet",
		    v->opts->event_id);
	rc = audit_prove_leaf(
	    v->opts->tiles, &v->result->head, v->result->index, &v->leaf);
	return rc == 0 ? 0
		       : base_fault_set(v->fault, ERR_STATE_INTEGRITY,
			     "Merkle proof invalid: %s", base_err_text(rc));
}

static int
load_head(struct verify *v)
{
	int rc;

	rc = audit_head_load(v->opts->tiles, v->opts->vkey, &v->result->head);
	if (base_err_class(rc) == ERR_CLASS_PEER)
		return base_fault_set(v->fault, ERR_STATE_INTEGRITY,
		    "checkpoint: %s", base_err_text(rc));
	return rc == 0 ? 0
		       : base_fault_set(
			     v->fault, rc, "checkpoint: %s", base_err_text(rc));
}

int
audit_verify_log(const struct audit_verify_opts *opts, struct fault *fault,
    struct audit_verify_result *ret)
{
	struct verify v = { .opts = opts, .fault = fault, .result = ret };
	int n = 0, rc;

	memset(ret, 0, sizeof(*ret));
	if (opts->event_id != NULL)
		n = snprintf(v.id, sizeof(v.id), "{\"event_id\":\"%s\",",
		    opts->event_id);
	if (n < 0 || (size_t)n >= sizeof(v.id))
		return base_fault_set(
		    fault, ERR_STATE_NOT_FOUND, "no such event id");
	if ((v.tiles = audit_tiles_new()) == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	rc = load_head(&v);
	if (rc == 0)
		rc = take_file(&v);
	if (rc == 0)
		rc = prove_event(&v);
	audit_tiles_free(v.tiles);
	return rc;
}

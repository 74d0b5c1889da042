/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "audit/scan.h"
#include "audit/tiles.h"
#include "base/fault.h"
#include "merkle/types.h"

struct audit_log {
	struct audit_dir dir;
	const struct merkle_vkey *vkey;
	struct audit_tiles *tiles;
	struct merkle_head published, prepared;
	char text[AUDIT_HEAD_TEXT_MAX]; /* of prepared; "" if there is none */
	int64_t source;
	const _Atomic bool *cancel;
	int broken; /* the error after which nothing is written any more */
};

static uint64_t
size_of(const struct audit_log *log)
{
	struct merkle_head head;

	audit_tiles_head(log->tiles, &head);
	return head.size;
}

/* Take one durable line into the tree. */
static int
take_line(void *ctx, const char *line, size_t len, int64_t source)
{
	struct audit_log *log = ctx;
	int rc;

	if ((rc = audit_tiles_add(log->tiles, line, len, NULL)) != 0)
		return rc;
	if (source > log->source)
		log->source = source;
	if (log->vkey == NULL)
		audit_tiles_drop(log->tiles); /* nobody will write them */
	return 0;
}

/* As take_line at open; at the checkpoint's size the roots must agree. */
static int
take_old_line(void *ctx, const char *line, size_t len, int64_t source)
{
	struct audit_log *log = ctx;
	int rc;

	if (log->cancel != NULL && *log->cancel)
		return ERR_SYS_CANCELLED;
	if ((rc = take_line(ctx, line, len, source)) != 0 ||
	    size_of(log) != log->published.size)
		return rc;
	/* What the checkpoint covers is on disk as tiles already. */
	audit_tiles_drop(log->tiles);
	return audit_tiles_is(log->tiles, &log->published)
		   ? 0
		   : ERR_STATE_INTEGRITY;
}

/* Read the lines; move a torn tail out of the way. */
static int
read_lines(struct audit_log *log, struct fault *fault)
{
	struct audit_scan_tail tail;
	int rc;

	rc = audit_scan_file(log->dir.log, take_old_line, log, &tail);
	if (rc == ERR_STATE_INTEGRITY)
		base_fault_set(fault, rc,
		    "audit log differs from its checkpoint or is damaged, "
		    "line %" PRIu64 " offset %" PRIu64,
		    size_of(log), tail.offset);
	else if (rc == 0 && size_of(log) < log->published.size)
		rc = base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "audit log has %" PRIu64 " lines, its checkpoint covers "
		    "%" PRIu64 ": truncated or rolled back",
		    size_of(log), log->published.size);
	if (rc == 0 && tail.len > 0)
		rc = audit_dir_cut(&log->dir, tail.offset, tail.data, tail.len);
	free(tail.data);
	return rc;
}

static int
read_checkpoint(struct audit_log *log, struct fault *fault)
{
	int rc;

	if (log->vkey == NULL)
		return 0;
	rc = audit_head_load(log->dir.path, log->vkey, &log->published);
	if (rc == 0 || rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (base_err_class(rc) == ERR_CLASS_PEER)
		return base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "audit checkpoint: %s", base_err_text(rc));
	return rc;
}

int
audit_log_open(const struct audit_log_opts *opts, struct fault *fault,
    struct audit_log **ret_log)
{
	struct audit_log *log = calloc(1, sizeof(*log));
	struct fault why = { 0, "" };
	int rc = ERR_SYS_NOMEM;

	if (log != NULL) {
		log->dir.disk = opts->disk;
		log->dir.path = opts->dir;
		log->vkey = opts->vkey;
		log->cancel = opts->cancel;
		log->tiles = audit_tiles_new();
	}
	if (log != NULL && log->tiles != NULL)
		rc = read_checkpoint(log, &why);
	if (rc == 0)
		rc = audit_dir_open(&log->dir);
	if (rc == 0)
		rc = read_lines(log, &why);
	if (rc != 0) {
		audit_log_close(log);
		return base_fault_set(fault, rc, "%s: %s", opts->dir,
		    why.msg[0] != '\0' ? why.msg : base_err_text(rc));
	}
	*ret_log = log;
	return 0;
}

void
audit_log_close(struct audit_log *log)
{
	if (log == NULL)
		return;
	audit_dir_close(&log->dir);
	audit_tiles_free(log->tiles);
	free(log);
}

void
audit_log_head(const struct audit_log *log, struct merkle_head *ret)
{
	audit_tiles_head(log->tiles, ret);
}

uint64_t
audit_log_size(const struct audit_log *log)
{
	return size_of(log);
}

uint64_t
audit_log_published(const struct audit_log *log)
{
	return log->published.size;
}

int64_t
audit_log_source(const struct audit_log *log)
{
	return log->source;
}

int
audit_log_append(struct audit_log *log, const char *lines, size_t len)
{
	const char *at = lines, *end;
	int rc;

	if (log->broken != 0)
		return log->broken;
	rc = audit_dir_append(&log->dir, lines, len);
	if (rc == ERR_SYS_NOSPACE)
		return rc;
	while (rc == 0 && at < lines + len) {
		end = memchr(at, '\n', (size_t)(lines + len - at));
		rc = take_line(log, at, (size_t)(end - at), 0);
		at = end + 1;
	}
	/* A line on disk that the tree lacks: only a new start helps. */
	log->broken = rc;
	return rc;
}

static int
write_tile(void *ctx, const char *path, const uint8_t *data, size_t len)
{
	struct audit_log *log = ctx;

	return audit_dir_tile(&log->dir, path, data, len);
}

int
audit_log_prepare(struct audit_log *log, char text[AUDIT_HEAD_TEXT_MAX])
{
	int rc;

	if (log->vkey == NULL)
		return ERR_STATE_CLOSED;
	if (log->broken != 0)
		return log->broken;
	if ((rc = audit_tiles_each(log->tiles, write_tile, log)) != 0)
		return rc;
	if ((rc = audit_dir_tiles_sync(&log->dir)) != 0)
		return rc;
	audit_tiles_drop(log->tiles);
	audit_tiles_head(log->tiles, &log->prepared);
	rc = audit_head_text(log->vkey, &log->prepared, log->text);
	if (rc == 0)
		memcpy(text, log->text, AUDIT_HEAD_TEXT_MAX);
	return rc;
}

int
audit_log_publish(
    struct audit_log *log, const char *text, const uint8_t *sig, size_t sig_len)
{
	char note[AUDIT_HEAD_NOTE_MAX], stale[AUDIT_TILES_PATH_MAX];
	unsigned int level;
	int rc;

	if (text[0] == '\0' || strcmp(text, log->text) != 0)
		return ERR_STATE_CONFLICT;
	rc = audit_head_note(log->vkey, text, sig, sig_len, note);
	if (rc == 0)
		rc = audit_dir_checkpoint(&log->dir, note);
	if (rc != 0)
		return rc;
	for (level = 0; level < AUDIT_TILES_LEVELS; level++)
		if (audit_tiles_stale(
			level, log->published.size, log->prepared.size, stale))
			audit_dir_clear(&log->dir, stale);
	log->published = log->prepared;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/line.h"
#include "audit/log_internal.h"
#include "audit/tiles.h"

int
audit_log_take(
    struct audit_log *log, const char *line, size_t len, int64_t source)
{
	int rc;

	if ((rc = audit_tiles_add(log->tiles, line, len, NULL)) != 0)
		return rc;
	if (source > log->source) {
		log->source = source;
		log->source_index = audit_log_size(log) - 1;
	}
	if (log->first_ms == 0)
		log->first_ms = audit_line_time(line, len);
	if (log->opts.vkey == NULL)
		audit_tiles_drop(log->tiles); /* nobody will write them */
	return 0;
}

int
audit_log_take_old(void *ctx, const char *line, size_t len, int64_t source)
{
	struct audit_log *log = ctx;
	int rc;

	if (log->opts.cancel != NULL && *log->opts.cancel)
		return ERR_SYS_CANCELLED;
	if ((rc = audit_log_take(ctx, line, len, source)) != 0 ||
	    audit_log_size(log) != log->published.size)
		return rc;
	/* What the checkpoint covers is on disk as tiles already. */
	audit_tiles_drop(log->tiles);
	return audit_tiles_is(log->tiles, &log->published)
		   ? 0
		   : ERR_STATE_INTEGRITY;
}

int
audit_log_restore(struct audit_log *log, uint64_t size,
    int (*get)(void *ctx, const char *path, uint8_t *ret, size_t len),
    void *ctx)
{
	return audit_tiles_restore(
	    log->tiles, size, log->published.size, get, ctx);
}

void
audit_log_head(const struct audit_log *log, struct merkle_head *ret)
{
	audit_tiles_head(log->tiles, ret);
}

uint64_t
audit_log_size(const struct audit_log *log)
{
	struct merkle_head head;

	audit_tiles_head(log->tiles, &head);
	return head.size;
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

struct audit_tiles *
audit_log_tiles_new(void)
{
	return audit_tiles_new();
}

void
audit_log_tiles_free(struct audit_log *log)
{
	audit_tiles_free(log->tiles);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "audit/log_internal.h"
#include "audit/tiles.h"
#include "merkle/types.h"

int
audit_log_append(struct audit_log *log, const char *lines, size_t len)
{
	const char *at = lines, *end;
	int rc;

	if (log->broken != 0)
		return log->broken;
	rc = audit_dir_append(log->dir, lines, len);
	if (rc == ERR_SYS_NOSPACE)
		return rc;
	while (rc == 0 && at < lines + len) {
		end = memchr(at, '\n', (size_t)(lines + len - at));
		rc = audit_log_take(log, at, (size_t)(end - at), 0);
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

	return audit_dir_tile(log->dir, path, data, len);
}

int
audit_log_prepare(struct audit_log *log, char text[AUDIT_LOG_TEXT_MAX])
{
	int rc;

	if (log->opts.vkey == NULL)
		return ERR_STATE_CLOSED;
	if (log->broken != 0)
		return log->broken;
	if ((rc = audit_tiles_each(log->tiles, write_tile, log)) != 0)
		return rc;
	if ((rc = audit_dir_tiles_sync(log->dir)) != 0)
		return rc;
	audit_tiles_drop(log->tiles);
	audit_tiles_head(log->tiles, &log->prepared);
	rc = audit_log_text(log);
	if (rc == 0)
		memcpy(text, log->text, AUDIT_LOG_TEXT_MAX);
	return rc;
}

int
audit_log_publish(
    struct audit_log *log, const char *text, const uint8_t *sig, size_t sig_len)
{
	char note[AUDIT_LOG_NOTE_MAX], stale[AUDIT_TILES_PATH_MAX];
	unsigned int level;
	int rc;

	if (text[0] == '\0' || strcmp(text, log->text) != 0)
		return ERR_STATE_CONFLICT;
	rc = audit_log_note(log, sig, sig_len, note);
	if (rc == 0)
		rc = audit_dir_checkpoint(log->dir, note);
	if (rc != 0)
		return rc;
	for (level = 0; level < AUDIT_TILES_LEVELS; level++)
		if (audit_tiles_stale(
			level, log->published.size, log->prepared.size, stale))
			audit_dir_clear(log->dir, stale);
	log->published = log->prepared;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_LOG_INTERNAL_H
#define AUDIT_LOG_INTERNAL_H

#include "audit/log.h"
#include "merkle/types.h"

struct audit_dir;
struct audit_source;
struct audit_tiles;

enum { AUDIT_LOG_NOTE_MAX = 2048 };

struct audit_log {
	struct audit_log_opts opts;
	struct audit_dir *dir;
	struct audit_tiles *tiles;
	struct merkle_head published, prepared;
	char text[AUDIT_LOG_TEXT_MAX]; /* of prepared; "" if there is none */
	int64_t source;
	uint64_t source_index; /* the line that has it */
	uint64_t first;	       /* number of the first line of audit.log */
	int64_t first_ms;      /* its time; 0 while there is none */
	int broken; /* the error after which nothing is written any more */
};

/** audit_log_take(log, ...): Take one durable line into the tree. */
MUST_CHECK int audit_log_take(
    struct audit_log *log, const char *line, size_t len, int64_t source);

/** audit_log_take_old(log, ...): At open; checks the checkpoint's root. */
MUST_CHECK int audit_log_take_old(
    void *log, const char *line, size_t len, int64_t source);

/** audit_log_restore(log, size, get, ctx): See audit_tiles_restore. */
MUST_CHECK int audit_log_restore(struct audit_log *log, uint64_t size,
    int (*get)(void *ctx, const char *path, uint8_t *ret, size_t len),
    void *ctx);

/**
 * audit_log_read_segments(log, fault):
 * Take the lines of the newest closed segment, from the tiles at its first.
 */
MUST_CHECK int audit_log_read_segments(
    struct audit_log *log, struct fault *fault);

/** audit_log_read_newest(log, fault): Then those of audit.log. */
MUST_CHECK int audit_log_read_newest(
    struct audit_log *log, struct fault *fault);

/** audit_log_read_checkpoint(log, fault): Get log->published. */
MUST_CHECK int audit_log_read_checkpoint(
    struct audit_log *log, struct fault *fault);

/** audit_log_text(log): Write the text of log->prepared to log->text. */
MUST_CHECK int audit_log_text(struct audit_log *log);

/** audit_log_note(log, ...): The text with a signature, if that is right. */
MUST_CHECK int audit_log_note(const struct audit_log *log, const uint8_t *sig,
    size_t sig_len, char note[AUDIT_LOG_NOTE_MAX]);

/** audit_log_tiles_new(): audit_tiles_new(). */
struct audit_tiles *audit_log_tiles_new(void);

/** audit_log_tiles_free(log): audit_tiles_free() of its. */
void audit_log_tiles_free(struct audit_log *log);

/** audit_log_source_open(log, ret): Its segments; the last is audit.log. */
MUST_CHECK int audit_log_source_open(
    const struct audit_log *log, struct audit_source **ret);

#endif

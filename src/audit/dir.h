/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_DIR_H
#define AUDIT_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { AUDIT_DIR_PARTS = 16, AUDIT_DIR_PART_MAX = 64 };

/* The directory of an audit log; names are relative to it. */
struct audit_dir {
	struct store_disk *disk;
	const char *path;
	struct store_file *log;
	/* Directories of tiles that are known to exist durably. */
	struct {
		char name[AUDIT_DIR_PART_MAX];
		bool unsynced; /* it has names that are not durable */
	} parts[AUDIT_DIR_PARTS];
	size_t n_parts;
};

struct store_file;

/** audit_dir_open(d): Make it and open or create audit.log. */
MUST_CHECK int audit_dir_open(struct audit_dir *d);

/** audit_dir_close(d): Close audit.log. */
void audit_dir_close(struct audit_dir *d);

/**
 * audit_dir_append(d, data, len):
 * Append to audit.log and sync; ERR_SYS_NOSPACE leaves it as it was.
 */
MUST_CHECK int audit_dir_append(
    struct audit_dir *d, const char *data, size_t len);

/**
 * audit_dir_cut(d, offset, data, len):
 * Keep ${data} in audit.log.torn-<offset> and end audit.log there.
 */
MUST_CHECK int audit_dir_cut(
    struct audit_dir *d, uint64_t offset, const char *data, size_t len);

/**
 * audit_dir_tile(d, name, data, len):
 * Write a tile; its name is durable after audit_dir_tiles_sync().
 */
MUST_CHECK int audit_dir_tile(
    struct audit_dir *d, const char *name, const uint8_t *data, size_t len);

/** audit_dir_tiles_sync(d): Make the names of all tiles written durable. */
MUST_CHECK int audit_dir_tiles_sync(struct audit_dir *d);

/**
 * audit_dir_clear(d, name):
 * Remove the files of directory ${name} and itself, as far as that works.
 */
void audit_dir_clear(struct audit_dir *d, const char *name);

/** audit_dir_checkpoint(d, note): Replace the checkpoint durably. */
MUST_CHECK int audit_dir_checkpoint(
    const struct audit_dir *d, const char *note);

#endif

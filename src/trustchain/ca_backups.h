/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_BACKUPS_H
#define TRUSTCHAIN_CA_BACKUPS_H

#include <stdint.h>

#include "base/err.h"

/*
 * When the last backup was made, for the gauge of its age.  Main may not look
 * into the folder of the backups: it is told of each, and notes the time in
 * <state>/measure/backup.  Before the first one the age counts from when
 * this CA was first started.
 */
#define CA_BACKUPS_PATH_MAX 4096

struct ca_backups {
	char path[CA_BACKUPS_PATH_MAX];
	int64_t last_ms;
};

/**
 * ca_backups_init(b, state_dir, now_ms):
 * Read the note, or write the first one; the folder is there.  ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_backups_init(
    struct ca_backups *b, const char *state_dir, int64_t now_ms);

/**
 * ca_backups_done(b, at_ms):
 * A backup was made.
 */
void ca_backups_done(struct ca_backups *b, int64_t at_ms);

#endif

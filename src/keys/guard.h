/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_GUARD_H
#define KEYS_GUARD_H

#include <stdint.h>

#include "base/err.h"

/*
 * A counter that only rises, kept apart from what it guards: when a file says
 * generation 7 and the counter 9, an old copy was put back.  It is as strong as
 * the place where it is: a file beside the guarded one notices a restore that
 * forgot it, one on another disk that disk's restore, a TPM's counter all.
 */
struct keys_guard {
	/* ERR_STATE_NOT_FOUND when there is no counter yet. */
	int (*read)(void *ctx, uint64_t *ret);
	/* Make ${to} durable; called with rising values only. */
	int (*advance)(void *ctx, uint64_t to);
	void *ctx;
};

struct store_disk;

/* A counter in a file. */
struct keys_guard_file {
	struct store_disk *disk;
	const char *path;
};

/**
 * keys_guard_file_hook(g):
 * Return the hook for ${g}, which must outlive it.  A damaged file is
 * ERR_SYS_CORRUPT; other errors as store/disk.h.  The file is 24 bytes: 0/8
 * "TKGUARD1", 8/8 counter, 16/8 first bytes of the SHA-256 of all before.
 */
struct keys_guard keys_guard_file_hook(struct keys_guard_file *g);

#endif

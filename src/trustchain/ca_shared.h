/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SHARED_H
#define TRUSTCHAIN_CA_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"

/*
 * Files that are sent to many at once: each version of one is in memory once,
 * for as long as somebody is being sent it, so that slow readers cost no more
 * than the files are long.  Loop thread only.
 */
struct ca_shared;

struct ca_shared_file {
	struct list node;
	char *path;
	uint8_t *data;
	size_t len;
	struct buf pem; /* the same as PEM, once ca_shared_pem was called */
	int64_t modified_ms;
	char version[64]; /* differs for each version of the file */
	unsigned users;
};

/**
 * ca_shared_new(len_max, ret):
 * Files are at most ${len_max} bytes long.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_shared_new(size_t len_max, struct ca_shared **ret);

/**
 * ca_shared_free(s):
 * When everything was released.  NULL is legal.
 */
void ca_shared_free(struct ca_shared *s);

/**
 * ca_shared_open(s, path, ret):
 * Store the file as it is now, replaced by rename only.  Every success is
 * ended with ca_shared_release.  ERR_STATE_NOT_FOUND, ERR_SYS_LIMIT,
 * ERR_SYS_NOMEM, ERR_SYS_IO.
 */
MUST_CHECK int ca_shared_open(
    struct ca_shared *s, const char *path, struct ca_shared_file **ret);

/**
 * ca_shared_release(ctx):
 * Give up one use of the struct ca_shared_file ${ctx}.
 */
void ca_shared_release(void *ctx);

/**
 * ca_shared_pem(f, label):
 * Make the PEM form of the file, once for all users.  ERR_SYS_NOMEM,
 * ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_shared_pem(struct ca_shared_file *f, const char *label);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_TAR_H
#define TRUSTCHAIN_BAK_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/ustar.h"

/*
 * Reading an archive that arrives in pieces: plain files with safe names,
 * then zeroes.
 */
struct bak_tar_hooks {
	/* A member begins, has more content, is complete.  Any error ends the
	 * reading. */
	int (*begin)(void *ctx, const struct wire_ustar *m);
	int (*data)(void *ctx, const uint8_t *data, size_t len);
	int (*end)(void *ctx);
	void *ctx;
};

enum bak_tar_part { BAK_TAR_HEADER, BAK_TAR_CONTENT, BAK_TAR_PAD, BAK_TAR_END };

struct bak_tar {
	struct bak_tar_hooks hooks;
	enum bak_tar_part part;
	uint8_t block[WIRE_USTAR_BLOCK];
	size_t have;   /* of the block */
	uint64_t left; /* of the content or the padding */
	size_t pad;
};

/**
 * bak_tar_init(t, hooks):
 * Begin.
 */
void bak_tar_init(struct bak_tar *t, const struct bak_tar_hooks *hooks);

/**
 * bak_tar_push(t, data, len):
 * Read ${len} octets more.  ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED for what
 * is no plain file, ERR_PEER_NAME for a name that is absolute or has an empty
 * component, "." or "..", the hooks' own.
 */
MUST_CHECK int bak_tar_push(struct bak_tar *t, const uint8_t *data, size_t len);

/**
 * bak_tar_end(t):
 * That was all.  ERR_PEER_TRUNCATED.
 */
MUST_CHECK int bak_tar_end(const struct bak_tar *t);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_COSIGNED_H
#define MERKLE_COSIGNED_H

#include "base/err.h"
#include "merkle/types.h"

struct builder;

/* A log's checkpoint text longer than this is not cosigned. */
#define MERKLE_COSIGNED_TEXT_MAX 8192
#define MERKLE_COSIGNED_NAME_MAX 256 /* with its zero */
#define MERKLE_COSIGNED_MAX (MERKLE_COSIGNED_TEXT_MAX + 64)

/*
 * What a cosignature covers (C2SP tlog-cosignature, "signed message").  Type
 * MERKLE_SIG_COSIGNATURE signs the time and the whole checkpoint text, so it
 * uses ${timestamp_s} and ${text}; MERKLE_SIG_COSIGNATURE44 names the cosigner
 * and the subtree of the leaves [start, head.size), and leaves the
 * checkpoint's extension lines out.
 */
struct merkle_cosigned {
	enum merkle_sig_type type;
	uint64_t timestamp_s;
	const char *text; /* type COSIGNATURE: the checkpoint's text */
	size_t text_len;
	char cosigner[MERKLE_COSIGNED_NAME_MAX]; /* type COSIGNATURE44 */
	uint64_t start;				 /* type COSIGNATURE44 */
	char origin[MERKLE_COSIGNED_NAME_MAX];
	struct merkle_head head;
};

/**
 * merkle_cosigned_init(m, type, cosigner, text, len):
 * Fill ${m} with what ${cosigner} signs for the checkpoint ${text}, which must
 * outlive it; the time is 0.  ERR_PEER_UNSUPPORTED if ${type} is no
 * cosignature's, ERR_PEER_NAME, ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int merkle_cosigned_init(struct merkle_cosigned *m,
    enum merkle_sig_type type, const char *cosigner, const char *text,
    size_t len);

/**
 * merkle_cosigned_encode(m, b):
 * Append the message, at most MERKLE_COSIGNED_MAX octets; the builder has the
 * error.
 */
void merkle_cosigned_encode(const struct merkle_cosigned *m, struct builder *b);

/**
 * merkle_cosigned_parse(type, data, len, ret):
 * Parse a message of ${type}: what a key process is asked to sign.  ${ret}
 * points into ${data}.  ERR_PEER_MALFORMED (also a time above 2^63 - 1, or
 * one other than 0 with a start other than 0), ERR_PEER_TOO_LARGE,
 * ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int merkle_cosigned_parse(enum merkle_sig_type type,
    const void *data, size_t len, struct merkle_cosigned *ret);

#endif

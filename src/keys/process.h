/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PROCESS_H
#define KEYS_PROCESS_H

#include "base/err.h"
#include "base/fault.h"

/*
 * The key process: holds the private keys, parses what it signs, answers the
 * product's allow-list of operations (keys/op.h) and nothing else.
 */
struct buf;
struct clock;
struct keys_product;
struct rng;

struct keys_process_opts {
	int bundle_fd;	/* pipe from the supervisor, read to its end */
	int main_fd;	/* socketpair with main */
	int control_fd; /* socketpair with the supervisor */
	const struct keys_product *product;
	const struct clock *clock;
	const struct rng *rng;
	/* Confines the process, after the bundle is read and before any of it
	 * is parsed but DEVICE and PATH items; may be NULL in tests. */
	int (*sandbox)(void *ctx, const struct buf *bundle, struct fault *f);
	void *sandbox_ctx;
};

/**
 * keys_process_run(o):
 * Be the key process: read the bundle, confine, decrypt, tell the supervisor
 * that it is ready, wait for its go, then answer requests until the
 * supervisor retires it or a socket closes.  Returns the exit code: 0 when
 * retired or main has gone, 1 when something failed (the supervisor was told
 * what), 2 when the bundle is unusable, 5 when what is published is not what
 * its keys signed.
 */
int keys_process_run(const struct keys_process_opts *o);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_JOB_H
#define KEYS_JOB_H

#include <stdint.h>

/*
 * A command of the daemon's own program that its supervisor runs from time to
 * time, because main may neither read the files it needs nor execute.
 */
struct keys_job {
	const char *name; /* for messages */
	char **argv;
	/* In how many ms it is due, now for 0 and below.  Asked every minute;
	 * after a failure ten minutes pass. */
	int64_t (*wait_ms)(void *ctx);
	void *ctx;
};

#endif

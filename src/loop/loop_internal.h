/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_LOOP_INTERNAL_H
#define LOOP_LOOP_INTERNAL_H

#include <pthread.h>
#include <uv.h>

#include "loop/loop.h"

struct loop_posted {
	loop_post_fn *fn;
	void *ctx;
	struct loop_posted *next;
};

struct loop {
	uv_loop_t uv;
	uv_async_t wake;
	bool stop;

	pthread_mutex_t lock; /* guards what follows */
	struct loop_posted *first, *last;
	size_t waiting;
};

#endif

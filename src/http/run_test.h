/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_RUN_TEST_H
#define HTTP_RUN_TEST_H

/*
 * For tests: run other people's programs in a thread while the loop serves.
 * Included after cmocka.h.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/loop.h"

#define RUN_MS_MAX 120000

struct run {
	struct loop *loop;
	char line[1024];
	char text[16384]; /* its output */
	int status;
	bool finished;
};

/**
 * run_finished(ctx), run_thread(ctx): of run_command, and for a test that does
 * something else meanwhile: a thread's start with a struct run whose line is
 * set; it stops the loop at its end.
 */
static void
run_finished(void *ctx)
{
	struct run *r = ctx;

	r->finished = true;
	loop_stop(r->loop);
}

/** run_thread(ctx): see there. */
static void *
run_thread(void *arg)
{
	struct run *r = arg;
	size_t n = 0;
	ssize_t got;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/sh", "sh", "-c", r->line, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while (n < sizeof(r->text) - 1 &&
	       (got = read(fds[0], r->text + n, sizeof(r->text) - 1 - n)) > 0)
		n += (size_t)got;
	r->text[n] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	r->status = WEXITSTATUS(status);
	assert_int_equal(loop_post(r->loop, run_finished, r), 0);
	return NULL;
}

/**
 * run_command(r, fmt, ...):
 * Run a shell command to its end; return its output.
 */
static inline const char *
run_command(struct run *r, const char *fmt, ...)
{
	pthread_t thread;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->line, sizeof(r->line), fmt, ap);
	va_end(ap);
	assert_int_equal(pthread_create(&thread, NULL, run_thread, r), 0);
	assert_true(loop_run_for(r->loop, RUN_MS_MAX));
	pthread_join(thread, NULL);
	return r->text;
}

/**
 * run_until(r, done):
 * Run the loop until the command has finished and ${done} is set, whichever
 * comes first.
 */
static inline void
run_until(struct run *r, const bool *done)
{
	for (int i = 0; i < RUN_MS_MAX / 20 && !(r->finished && *done); i++)
		loop_run_for(r->loop, 20);
	assert_true(r->finished);
	assert_true(*done);
}

#endif

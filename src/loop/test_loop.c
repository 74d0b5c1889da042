/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "loop/fd.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/work.h"

struct ctx {
	struct loop *l;
	struct loop_timer *t;
	int count, want, order_bad;
	int fd;
};

static int
setup(void **state)
{
	return loop_new((struct loop **)state);
}

static int
teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void
count_up(void *arg)
{
	struct ctx *c = arg;

	if (++c->count == c->want)
		loop_stop(c->l);
}

static void
timer_fires_repeatedly_and_stops(void **state)
{
	struct ctx c = { .l = *state, .want = 5 };
	uint64_t start = loop_monotonic_us();

	assert_int_equal(loop_timer_new(c.l, count_up, &c, &c.t), 0);
	loop_timer_start(c.t, 10, 5);
	loop_run(c.l);
	assert_int_equal(c.count, 5);
	assert_true(loop_monotonic_us() - start >= 29000);
	assert_true(loop_timer_active(c.t));
	loop_timer_stop(c.t);
	assert_false(loop_timer_active(c.t));
	assert_false(loop_run_for(c.l, 30));
	assert_int_equal(c.count, 5);
	loop_timer_free(c.t);
}

static void
free_own_timer(void *arg)
{
	struct ctx *c = arg;

	loop_timer_free(c->t);
	loop_stop(c->l);
}

static void
timer_may_free_itself(void **state)
{
	struct ctx c = { .l = *state };

	assert_int_equal(loop_timer_new(c.l, free_own_timer, &c, &c.t), 0);
	loop_timer_start(c.t, 1, 1);
	assert_true(loop_run_for(c.l, 5000));
}

struct posted {
	struct ctx *c;
	int thread, seq;
};

#define POSTERS 4
#define POSTS 2000
static struct posted posts[POSTERS][POSTS];
static int next_seq[POSTERS];

static void
on_post(void *arg)
{
	struct posted *p = arg;

	if (next_seq[p->thread]++ != p->seq)
		p->c->order_bad++;
	count_up(p->c);
}

static void *
poster(void *arg)
{
	struct posted *p = arg;

	for (int i = 0; i < POSTS; i++)
		while (loop_post(p[i].c->l, on_post, &p[i]) != 0)
			;
	return NULL;
}

static void
posts_arrive_in_order_from_threads(void **state)
{
	struct ctx c = { .l = *state, .want = POSTERS * POSTS };
	pthread_t threads[POSTERS];

	for (int t = 0; t < POSTERS; t++) {
		for (int i = 0; i < POSTS; i++)
			posts[t][i] = (struct posted){ &c, t, i };
		assert_int_equal(
		    pthread_create(&threads[t], NULL, poster, posts[t]), 0);
	}
	assert_true(loop_run_for(c.l, 20000));
	for (int t = 0; t < POSTERS; t++)
		pthread_join(threads[t], NULL);
	assert_int_equal(c.count, POSTERS * POSTS);
	assert_int_equal(c.order_bad, 0);
}

static void
posts_have_a_maximum(void **state)
{
	struct ctx c = { .l = *state, .want = LOOP_POST_MAX };

	for (int i = 0; i < LOOP_POST_MAX; i++)
		assert_int_equal(loop_post(c.l, count_up, &c), 0);
	assert_int_equal(loop_post(c.l, count_up, &c), ERR_STATE_FULL);
	assert_true(loop_run_for(c.l, 20000));
	assert_int_equal(loop_post(c.l, count_up, &c), 0);
}

static void
on_fd(void *arg, unsigned events)
{
	struct ctx *c = arg;
	char b[8];

	assert_int_equal(events, LOOP_FD_READ);
	assert_int_equal(read(c->fd, b, sizeof(b)), 3);
	count_up(c);
}

static void
descriptor_is_watched(void **state)
{
	struct ctx c = { .l = *state, .want = 1 };
	struct loop_fd *w;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	c.fd = fds[0];
	assert_int_equal(loop_fd_new(c.l, fds[0], on_fd, &c, &w), 0);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	assert_false(loop_run_for(c.l, 20));
	assert_int_equal(c.count, 0);
	assert_int_equal(loop_fd_watch(w, LOOP_FD_READ), 0);
	assert_true(loop_run_for(c.l, 5000));
	assert_int_equal(loop_fd_watch(w, 0), 0);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	assert_false(loop_run_for(c.l, 20));
	assert_int_equal(c.count, 1);
	loop_fd_free(w);
	close(fds[0]);
	close(fds[1]);
}

static void
on_signal(void *arg, int signum)
{
	struct ctx *c = arg;

	assert_int_equal(signum, SIGUSR1);
	count_up(c);
}

static void
signal_is_delivered(void **state)
{
	struct ctx c = { .l = *state, .want = 1 };
	struct loop_signal *s;

	assert_int_equal(loop_signal_new(c.l, SIGUSR1, on_signal, &c, &s), 0);
	raise(SIGUSR1);
	assert_true(loop_run_for(c.l, 5000));
	loop_signal_free(s);
}

struct job {
	struct ctx *c;
	pthread_t ran_on;
	int value;
};

static void
work(void *arg)
{
	struct job *j = arg;

	j->ran_on = pthread_self();
	j->value *= 2;
}

static void
done(void *arg)
{
	struct job *j = arg;

	assert_false(pthread_equal(j->ran_on, pthread_self()));
	count_up(j->c);
}

static void
work_runs_on_threads(void **state)
{
	struct ctx c = { .l = *state, .want = 500 };
	static struct job jobs[500];
	struct loop_pool *p;

	assert_int_equal(loop_pool_new(c.l, 3, 500, &p), 0);
	for (int i = 0; i < 500; i++) {
		jobs[i] = (struct job){ .c = &c, .value = i };
		assert_int_equal(loop_pool_submit(p, work, done, &jobs[i]), 0);
	}
	assert_int_equal(
	    loop_pool_submit(p, work, done, &jobs[0]), ERR_STATE_FULL);
	assert_true(loop_run_for(c.l, 20000));
	for (int i = 0; i < 500; i++)
		assert_int_equal(jobs[i].value, 2 * i);
	assert_int_equal(loop_pool_pending(p), 0);
	loop_pool_free(p);
}

static void
pool_is_freed_with_work_queued(void **state)
{
	struct ctx c = { .l = *state, .want = -1 };
	static struct job jobs[200];
	struct loop_pool *p;

	assert_int_equal(loop_pool_new(c.l, 2, 200, &p), 0);
	for (int i = 0; i < 200; i++) {
		jobs[i] = (struct job){ .c = &c, .value = i };
		assert_int_equal(loop_pool_submit(p, work, done, &jobs[i]), 0);
	}
	loop_pool_free(p);
	assert_false(loop_run_for(c.l, 5));
	assert_int_equal(c.count, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(timer_fires_repeatedly_and_stops),
		TEST(timer_may_free_itself),
		TEST(posts_arrive_in_order_from_threads),
		TEST(posts_have_a_maximum),
		TEST(descriptor_is_watched),
		TEST(signal_is_delivered),
		TEST(work_runs_on_threads),
		TEST(pool_is_freed_with_work_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

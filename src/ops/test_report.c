/* SPDX-License-Identifier: Apache-2.0 */
/* Log, metrics, health and fault points: what a daemon tells about itself. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "ops/faults.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/metrics.h"

static json_t *
read_line(int fd)
{
	char text[2 * OPS_LOG_LINE_MAX];
	ssize_t n = read(fd, text, sizeof(text));
	json_error_t e;
	json_t *j;

	assert_true(n > 0 && n <= OPS_LOG_LINE_MAX);
	assert_int_equal(text[n - 1], '\n');
	assert_ptr_equal(memchr(text, '\n', (size_t)n), text + n - 1);
	j = json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, &e);
	if (j == NULL)
		fail_msg("%s: %.*s", e.text, (int)n, text);
	return j;
}

static const char *
str(json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static void
test_log(void **state)
{
	struct ops_log *log;
	char big[2000];
	json_t *j;
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	log = ops_log_new(p[1], OPS_LOG_INFO, "prog");
	assert_non_null(log);
	ops_log_tag(log, "instance", "i-1");
	OPS_LOG(log, OPS_LOG_DEBUG, "x", "not written");
	OPS_LOG(log, OPS_LOG_WARN, "ca", "odd \"thing\"",
	    OPS_LOG_STR("s", "a\\b\n\x01\xff"), OPS_LOG_INT("n", -5),
	    OPS_LOG_DBL("d", 0.5), OPS_LOG_STR("null", NULL));
	j = read_line(p[0]);
	assert_string_equal(str(j, "level"), "warn");
	assert_string_equal(str(j, "event"), "odd \"thing\"");
	assert_string_equal(str(j, "instance"), "i-1");
	assert_string_equal(str(j, "s"), "a\\b\n\x01\xc3\xbf");
	assert_int_equal(json_integer_value(json_object_get(j, "n")), -5);
	json_decref(j);

	/* Too much for one line: valid JSON still, and says so. */
	memset(big, '\n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	OPS_LOG(log, OPS_LOG_ERROR, "ca", "big", OPS_LOG_STR("a", big),
	    OPS_LOG_STR("b", big), OPS_LOG_STR("c", "kept"));
	j = read_line(p[0]);
	assert_true(json_is_true(json_object_get(j, "cut")));
	assert_string_equal(str(j, "c"), "kept");
	json_decref(j);
	OPS_LOG((struct ops_log *)NULL, OPS_LOG_ERROR, "ca", "nowhere");
	ops_log_free(log);
	(void)close(p[0]);
	(void)close(p[1]);
}

enum { M_ISSUED, M_SIZE, M_SECONDS, M_PLAIN, M_N };

static const struct ops_metric_def defs[M_N] = {
	{ "t_issued_total", OPS_COUNTER, "Issued.", "issuer,via" },
	{ "t_size", OPS_GAUGE, "Size.", "shard" },
	{ "t_seconds", OPS_HISTOGRAM, "Time.", NULL },
	{ "t_plain_total", OPS_COUNTER, "Plain.", NULL },
};

static void
set_size(void *ctx)
{
	ops_metrics_set(ctx, M_SIZE, OPS_LABELS("w\"48\\\n"), 12345678.0);
}

static void
test_metrics(void **state)
{
	struct ops_metrics *m = ops_metrics_new(defs, M_N);
	struct buf b;
	char *text;

	(void)state;
	assert_non_null(m);
	assert_int_equal(ops_metrics_collect(m, set_size, m), 0);
	ops_metrics_add(m, M_ISSUED, OPS_LABELS("i1", "rest"), 2);
	ops_metrics_add(m, M_ISSUED, OPS_LABELS("i1", "rest"), 1);
	ops_metrics_add(m, M_ISSUED, OPS_LABELS("i1", "acme"), 1);
	ops_metrics_observe(m, M_SECONDS, NULL, 0.035);
	ops_metrics_observe(m, M_SECONDS, NULL, 0.036);
	ops_metrics_observe(m, M_SECONDS, NULL, 7);
	base_buf_init(&b, 1 << 20);
	assert_int_equal(ops_metrics_render(m, &b), 0);
	assert_int_equal(base_buf_append(&b, "", 1), 0);
	text = (char *)b.data;
	assert_non_null(
	    strstr(text, "# TYPE t_issued_total counter\n"
			 "t_issued_total{issuer=\"i1\",via=\"acme\"} 1\n"
			 "t_issued_total{issuer=\"i1\",via=\"rest\"} 3\n"));
	assert_non_null(
	    strstr(text, "t_size{shard=\"w\\\"48\\\\\\n\"} 12345678\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{le=\"0.02\"} 0\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{le=\"0.035\"} 1\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{le=\"0.05\"} 2\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{le=\"5\"} 2\n"));
	assert_non_null(strstr(text,
	    "t_seconds_bucket{le=\"+Inf\"} 3\nt_seconds_sum 7.071000000\n"
	    "t_seconds_count 3\n"));
	assert_non_null(strstr(text, "t_plain_total 0\n"));
	assert_true(
	    ops_metrics_value(m, M_ISSUED, OPS_LABELS("i1", "rest")) == 3.0);
	base_buf_free(&b);
	ops_metrics_free(m);
}

static void
test_metrics_bounded(void **state)
{
	struct ops_metrics *m = ops_metrics_new(defs, M_N);
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < OPS_METRIC_CELLS_MAX + 100; i++) {
		(void)snprintf(name, sizeof(name), "i%d", i);
		ops_metrics_add(m, M_ISSUED, OPS_LABELS(name, "rest"), 1);
	}
	assert_true(ops_metrics_value(
			m, M_ISSUED, OPS_LABELS("other", "other")) == 100.0);
	ops_metrics_free(m);
}

static void *
hammer(void *ctx)
{
	int i;

	for (i = 0; i < 20000; i++) {
		ops_metrics_add(ctx, M_PLAIN, NULL, 1);
		ops_metrics_add(
		    ctx, M_ISSUED, OPS_LABELS(i & 1 ? "a" : "b", "rest"), 1);
	}
	return NULL;
}

static void
test_metrics_threads(void **state)
{
	struct ops_metrics *m = ops_metrics_new(defs, M_N);
	pthread_t t[4];
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hammer, m), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_true(ops_metrics_value(m, M_PLAIN, NULL) == 80000.0);
	assert_true(
	    ops_metrics_value(m, M_ISSUED, OPS_LABELS("a", "rest")) +
		ops_metrics_value(m, M_ISSUED, OPS_LABELS("b", "rest")) ==
	    80000.0);
	ops_metrics_free(m);
}

static int
check(void *ctx, char *issue, size_t len)
{
	(void)snprintf(issue, len, "disk \"full\"");
	return *(int *)ctx;
}

static bool
ready(void *ctx, char *why, size_t len)
{
	(void)snprintf(why, len, "log down");
	return *(int *)ctx == 0;
}

static void
test_health(void **state)
{
	struct ops_health *h = ops_health_new("1.0", "inst");
	static const enum ops_health_state want[] = { OPS_DEGRADED,
		OPS_DEGRADED, OPS_UNHEALTHY, OPS_UNHEALTHY, OPS_UNHEALTHY,
		OPS_CRITICAL };
	char why[64];
	struct buf b;
	json_t *doc, *j;
	size_t i;
	int bad = 0;

	(void)state;
	assert_int_equal(ops_health_add(h, "store", check, &bad), 0);
	assert_int_equal(ops_health_add(h, "ct", NULL, NULL), 0);
	ops_health_ready(h, ready, &bad);
	ops_health_tick(h);
	assert_int_equal(ops_health_state(h), OPS_HEALTHY);
	assert_false(ops_health_is_ready(h, why, sizeof(why)));
	ops_health_started(h);
	assert_true(ops_health_is_ready(h, why, sizeof(why)));
	bad = 1;
	assert_false(ops_health_is_ready(h, why, sizeof(why)));
	assert_string_equal(why, "log down");
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		ops_health_tick(h);
		assert_int_equal(ops_health_state(h), want[i]);
	}
	base_buf_init(&b, 65536);
	assert_int_equal(ops_health_render(h, &b), 0);
	doc = json_loadb((char *)b.data, b.len, 0, NULL);
	assert_non_null(doc);
	assert_string_equal(str(doc, "status"), "Critical");
	j = json_object_get(doc, "components");
	assert_string_equal(str(json_object_get(j, "ct"), "state"), "Healthy");
	j = json_object_get(j, "store");
	assert_int_equal(
	    json_integer_value(json_object_get(j, "consecutive_failures")), 6);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(j, "issues"), 0)),
	    "disk \"full\"");
	json_decref(doc);
	base_buf_free(&b);
	bad = 0;
	ops_health_tick(h);
	assert_int_equal(ops_health_state(h), OPS_HEALTHY);
	ops_health_report(h, "ct", false, "down");
	assert_int_equal(ops_health_state(h), OPS_DEGRADED);
	ops_health_free(h);
}

static const char *const points[] = { "ca.c1.before", "ca.c1.after" };

static void
test_faults(void **state)
{
	static const char *const bad[] = { "ca.c9=kill", "ca.c1.before",
		"ca.c1.before=boom", "ca.c1.before=kill:x",
		"ca.c1.before=delay", "ca.c1.before=kill:" };
	struct ops_faults *fs = NULL;
	struct fault f;
	size_t i;
	int st;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ops_faults_new(bad[i], points, 2, &fs, &f),
		    ERR_STATE_CONFIG);
	assert_int_equal(ops_faults_new("", points, 2, &fs, &f), 0);
	assert_null(fs);
	assert_int_equal(ops_fault_point(fs, "ca.c1.before"), 0);
	assert_int_equal(ops_faults_new("ca.c1.before=error:2,"
					"ca.c1.after=kill:2",
			     points, 2, &fs, &f),
	    0);
	assert_int_equal(ops_fault_point(fs, "ca.c1.before"), 0);
	assert_int_equal(ops_fault_point(fs, "ca.c1.before"), ERR_SYS_IO);
	assert_int_equal(ops_fault_point(fs, "ca.c1.before"), 0);
	if ((pid = fork()) == 0) {
		(void)ops_fault_point(fs, "ca.c1.after");
		if (write(2, "", 0) == 0)
			(void)ops_fault_point(fs, "ca.c1.after");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFSIGNALED(st));
	assert_int_equal(WTERMSIG(st), SIGKILL);
	ops_faults_free(fs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_metrics_bounded),
		cmocka_unit_test(test_metrics_threads),
		cmocka_unit_test(test_health),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

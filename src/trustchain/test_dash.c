/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard without its sockets: reading metrics, judging, alerts. */
#include "base/alloc_test.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/rng.h"
#include "trustchain/dash_alerts.h"
#include "trustchain/dash_expo.h"
#include "trustchain/dash_figures.h"
#include "trustchain/dash_watch.h"

#define START INT64_C(1795262400000)
#define SECOND 1000
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

struct seen {
	size_t n;
	struct dash_expo_sample last;
};

static int
see(void *ctx, const struct dash_expo_sample *s)
{
	struct seen *seen = ctx;

	seen->n++;
	seen->last = *s;
	return 0;
}

static int
parse(const char *text, struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	return dash_expo_parse(text, strlen(text), see, seen, NULL);
}

/* The examples of the format's own description. */
static void
test_format(void **state)
{
	static const char text[] =
	    "# HELP http_requests_total The total number of HTTP requests.\n"
	    "# TYPE http_requests_total counter\n"
	    "http_requests_total{method=\"post\",code=\"200\"} 1027 "
	    "1395066363000\n"
	    "http_requests_total{method=\"post\",code=\"400\"}    3 "
	    "1395066363000\n"
	    "\n"
	    "msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\","
	    "error=\"Cannot find file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9\n"
	    "# Minimalistic line:\n"
	    "metric_without_timestamp_and_labels 12.47\n"
	    "something_weird{problem=\"division by zero\"} +Inf -3982045\n"
	    "http_request_duration_seconds_bucket{le=\"0.05\"} 24054\n"
	    "rpc_duration_seconds{quantile=\"0.01\",} 3102\n";
	struct seen s;

	(void)state;
	assert_int_equal(parse(text, &s), 0);
	assert_int_equal(s.n, 7);
	assert_string_equal(dash_expo_label(&s.last, "quantile"), "0.01");
	assert_true(s.last.value > 3101.9 && s.last.value < 3102.1);
	assert_int_equal(
	    parse("a{path=\"C:\\\\D\",e=\"x\\n\\\"y\\\"\"} 1\n", &s), 0);
	assert_string_equal(dash_expo_label(&s.last, "path"), "C:\\D");
	assert_string_equal(dash_expo_label(&s.last, "e"), "x\n\"y\"");
	assert_string_equal(dash_expo_label(&s.last, "none"), "");
	assert_int_equal(parse("a NaN\n", &s), 0);
	assert_true(isnan(s.last.value));
}

static void
test_malformed(void **state)
{
	static const char *const bad[] = { "a 1", "a\n", "a b\n", "1a 1\n",
		"a{ 1\n", "a{b} 1\n", "a{b=c} 1\n", "a{b=\"c} 1\n",
		"a{b=\"c\\t\"} 1\n", "a{b=\"c\"\n", "a{b=\"c\"d=\"e\"} 1\n",
		"a 1 2 3\n", "a 0x10\n", "a infinity\n", "a 1e\n", "a --1\n",
		"a-b 1\n", "{} 1\n", "a{=\"c\"} 1\n", "a{b=\"c\"}\n",
		"a 1\r\n" };
	char big[DASH_EXPO_NAME_MAX + 16];
	struct seen s;
	size_t i;
	char *many;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(bad[i], &s) == 0)
			fail_msg("taken: %s", bad[i]);
	memset(big, 'a', sizeof(big));
	(void)snprintf(big + DASH_EXPO_NAME_MAX, 16, " 1\n");
	assert_int_equal(parse(big, &s), 0);
	(void)snprintf(big + DASH_EXPO_NAME_MAX, 16, "a 1\n");
	assert_int_equal(parse(big, &s), ERR_PEER_TOO_LARGE);
	assert_int_equal(parse("a{a=\"1\",b=\"1\",c=\"1\",d=\"1\",e=\"1\","
			       "f=\"1\",g=\"1\",h=\"1\",i=\"1\"} 1\n",
			     &s),
	    ERR_PEER_TOO_LARGE);
	many = malloc(4 * (DASH_EXPO_SAMPLES_MAX + 1) + 1);
	for (i = 0; i <= DASH_EXPO_SAMPLES_MAX; i++)
		memcpy(many + 4 * i, "a 1\n", 5);
	assert_int_equal(parse(many, &s), ERR_PEER_TOO_LARGE);
	many[4 * DASH_EXPO_SAMPLES_MAX] = '\0';
	assert_int_equal(parse(many, &s), 0);
	free(many);
}

/* One target, its alerts, and the text that it answers with. */
struct world {
	struct dash_watch *w;
	struct dash_alerts *a;
	int64_t now;
	char text[4096];
	unsigned changes;
};

static void
changed(void *ctx, const struct dash_alert *al)
{
	struct world *w = ctx;

	(void)al;
	w->changes++;
}

static void
begin(struct world *w)
{
	const struct dash_alerts_opts o = { .active_max = 10,
		.history_ms = 72 * HOUR,
		.rng = crypto_rng_system(),
		.changed = changed,
		.ctx = w };

	memset(w, 0, sizeof(*w));
	w->now = START;
	w->w = dash_watch_new();
	assert_non_null(w->w);
	assert_int_equal(dash_alerts_new(&o, &w->a), 0);
}

static void
finish(struct world *w)
{
	dash_watch_free(w->w);
	dash_alerts_free(w->a);
}

/* A scrape now, of ${w}->text or failed, and a judgement of everything. */
static void
scrape(struct world *w, bool up)
{
	struct dash_alerts_case c = { .target = 3 };
	struct dash_figures f;
	int rule;

	if (up)
		assert_int_equal(
		    dash_figures_parse(&f, w->text, strlen(w->text), NULL), 0);
	dash_watch_scraped(w->w, w->now, up ? &f : NULL);
	for (rule = 0; rule < DASH_RULES; rule++) {
		c.rule = (enum dash_rule_index)rule;
		c.holds = dash_watch_holds(w->w, w->now, c.rule, &c.value);
		dash_alerts_judge(w->a, w->now, &c);
	}
	dash_alerts_tick(w->a, w->now);
}

/* ${n} scrapes of the same text, 15 seconds apart. */
static void
go(struct world *w, unsigned n)
{
	for (; n > 0; n--) {
		w->now += 15 * SECOND;
		scrape(w, true);
	}
}

static const struct dash_alert *
only(const struct world *w, const char *name)
{
	const struct dash_alert *a = dash_alerts_at(w->a, 0);

	assert_non_null(a);
	assert_null(dash_alerts_at(w->a, 1));
	assert_string_equal(a->rule->name, name);
	return a;
}

/*
 * The faults of the Prometheus rule file's tests, before the dashboard's own
 * evaluation: quiet before, raised, and gone after.
 */
static const struct {
	const char *name, *good, *bad;
} faults[] = {
	{ "AvailabilityLow",
	    "trustchain_availability_ratio{component=\"store\",window="
	    "\"1h\"} 0.9995\n",
	    "trustchain_availability_ratio{component=\"store\",window="
	    "\"1h\"} 0.998\n" },
	{ "QuorumLost",
	    "trustchain_ct_quorum_met 1\ntrustchain_ct_byzantine_f 0\n",
	    "trustchain_ct_quorum_met 0\ntrustchain_ct_byzantine_f "
	    "0\n" },
	{ "CRLStale", "trustchain_crl_age_seconds 100\n",
	    "trustchain_crl_age_seconds 18000\n" },
	{ "LogFull", "trustchain_ct_fill_ratio{shard=\"s\"} 0.8\n",
	    "trustchain_ct_fill_ratio{shard=\"s\"} 0.81\n" },
	{ "LogFull", "trustchain_disk_free_ratio 0.06\n",
	    "trustchain_disk_free_ratio 0.04\n" },
	{ "BackupOld", "trustchain_backup_age_seconds 25200\n",
	    "trustchain_backup_age_seconds 25260\n" },
	{ "ClockSkew",
	    "trustchain_ca_issue_failures_total{code=\"bad_csr\"} 3\n",
	    "trustchain_ca_issue_failures_total{code=\"clock_skew\"} "
	    "3\n" },
	{ "IssuerExpiring",
	    "trustchain_ca_issuer_remaining_seconds{issuer=\"i\"} "
	    "2592000\n",
	    "trustchain_ca_issuer_remaining_seconds{issuer=\"i\"} "
	    "86400\n" },
	{ "AuditBacklog", "trustchain_audit_backlog 1000\n",
	    "trustchain_audit_backlog 1001\n" },
	{ "AuditBacklog", "trustchain_audit_dropped_total 7\n",
	    "trustchain_audit_dropped_total 8\n" },
	{ "ByzantineDetected",
	    "trustchain_ct_byzantine_evidence_total{type=\"fork\"} 0\n",
	    "trustchain_ct_byzantine_evidence_total{type=\"fork\"} "
	    "1\n" },
};

static void
test_each_alert(void **state)
{
	const struct dash_alert *a;
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		begin(&w);
		(void)snprintf(w.text, sizeof(w.text), "%s", faults[i].good);
		go(&w, 8);
		if (dash_alerts_at(w.a, 0) != NULL)
			fail_msg("%s before its fault", faults[i].name);
		(void)snprintf(w.text, sizeof(w.text), "%s", faults[i].bad);
		go(&w, 8);
		a = only(&w, faults[i].name);
		assert_int_equal(a->state, DASH_ACTIVE);
		assert_int_equal(a->target, 3);
		assert_int_equal(
		    dash_alerts_ack(w.a, a->id, "token:x", w.now), 0);
		assert_int_equal(a->state, DASH_ACKNOWLEDGED);
		/* Back to good, and counters a while without growth. */
		if (strstr(faults[i].bad, "_total") == NULL)
			(void)snprintf(
			    w.text, sizeof(w.text), "%s", faults[i].good);
		w.now += HOUR;
		go(&w, 1);
		a = only(&w, faults[i].name);
		assert_int_equal(a->state, DASH_RESOLVED);
		finish(&w);
	}
}

static void
histogram(
    struct world *w, const char *name, const char *labels, const double *counts)
{
	static const char *const le[] = { "0.001", "0.002", "0.005", "0.01",
		"0.02", "0.035", "0.05", "0.1", "0.2", "0.5", "1", "2", "5",
		"+Inf" };
	size_t i, n = 0;

	for (i = 0; i < 14; i++)
		n += (size_t)snprintf(w->text + n, sizeof(w->text) - n,
		    "%s_bucket{%s,le=\"%s\"} %.0f\n", name, labels, le[i],
		    counts[i]);
}

/* Every 15 s 100 operations, of which ${slow} are above the ${bound}th
 * bucket. */
static void
operate(struct world *w, double counts[14], size_t bound, double slow,
    unsigned times)
{
	size_t i;

	for (; times > 0; times--) {
		for (i = 0; i < 14; i++)
			counts[i] += i < bound	  ? 0
				     : i == bound ? 100 - slow
						  : 100;
		histogram(w,
		    bound == 7 ? "trustchain_ca_issuance_duration_seconds"
			       : "trustchain_ct_append_duration_seconds",
		    bound == 7 ? "via=\"rest\",step=\"total\"" : "shard=\"s\"",
		    counts);
		go(w, 1);
	}
}

static void
test_slow(void **state)
{
	static const struct {
		size_t bound;
		const char *name;
	} kinds[] = { { 7, "IssuanceSlow" }, { 11, "CTAppendSlow" } };
	const struct dash_alert *a;
	double counts[14];
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memset(counts, 0, sizeof(counts));
		begin(&w);
		operate(&w, counts, kinds[i].bound, 0, 16);
		operate(&w, counts, kinds[i].bound, 1, 16);
		assert_null(dash_alerts_at(w.a, 0));
		/* Not before it has lasted a minute. */
		operate(&w, counts, kinds[i].bound, 10, 3);
		assert_null(dash_alerts_at(w.a, 0));
		operate(&w, counts, kinds[i].bound, 10, 3);
		a = only(&w, kinds[i].name);
		assert_int_equal(a->state, DASH_ACTIVE);
		/* As promtool has it for the same rates. */
		operate(&w, counts, kinds[i].bound, 2, 8);
		assert_true(
		    fabs(dash_watch_quantile(w.w, w.now,
			     i == 0 ? DASH_ISSUING : DASH_APPENDING, .99) -
			 (i == 0 ? .15 : 3.5)) < 1e-6);
		operate(&w, counts, kinds[i].bound, 0, 8);
		assert_int_equal(a->state, DASH_ACTIVE);
		assert_true(a->clear_ms != 0);
		operate(&w, counts, kinds[i].bound, 0, 60 * 4);
		assert_int_equal(a->state, DASH_AUTO_RESOLVED);
		finish(&w);
	}
}

static void
test_states(void **state)
{
	const struct dash_alert *a;
	struct world w;
	char id[DASH_ALERTS_ID_LEN + 1];

	(void)state;
	begin(&w);
	/* Somebody who does not answer is not available. */
	scrape(&w, false);
	a = only(&w, "AvailabilityLow");
	w.now += DASH_ALERTS_ESCALATE_MS - 1;
	scrape(&w, false);
	assert_int_equal(a->state, DASH_ACTIVE);
	w.now += 1;
	scrape(&w, false);
	assert_int_equal(a->state, DASH_ESCALATED);
	assert_int_equal(
	    dash_alerts_ack(w.a, "nonsense", "x", w.now), ERR_STATE_NOT_FOUND);
	assert_int_equal(dash_alerts_ack(w.a, a->id, "token:1", w.now), 0);
	assert_int_equal(dash_alerts_ack(w.a, a->id, "token:2", w.now), 0);
	assert_string_equal(a->by, "token:1");
	w.now += 2 * HOUR;
	(void)snprintf(w.text, sizeof(w.text), "x 1\n");
	go(&w, 1);
	assert_int_equal(a->state, DASH_RESOLVED);
	(void)snprintf(id, sizeof(id), "%s", a->id);
	assert_int_equal(
	    dash_alerts_ack(w.a, id, "x", w.now), ERR_STATE_CONFLICT);
	assert_int_equal(w.changes, 4);
	/* Again, it is another alert; and the old one is forgotten. */
	w.now += 15 * SECOND;
	scrape(&w, false);
	assert_string_not_equal(dash_alerts_at(w.a, 0)->id, id);
	assert_non_null(dash_alerts_at(w.a, 1));
	w.now += 73 * HOUR;
	go(&w, 1);
	assert_null(dash_alerts_at(w.a, 1));
	finish(&w);
}

/* Evidence waits for somebody, and is news when the dashboard starts. */
static void
test_evidence_stays(void **state)
{
	const struct dash_alert *a;
	struct world w;

	(void)state;
	begin(&w);
	(void)snprintf(w.text, sizeof(w.text),
	    "trustchain_ct_byzantine_evidence_total{type=\"fork\"} 2\n");
	go(&w, 1);
	a = only(&w, "ByzantineDetected");
	w.now += 30 * HOUR;
	go(&w, 1);
	w.now += 30 * HOUR;
	go(&w, 1);
	assert_int_equal(a->state, DASH_ACTIVE);
	assert_true(a->clear_ms != 0);
	assert_int_equal(dash_alerts_ack(w.a, a->id, "token:1", w.now), 0);
	assert_int_equal(a->state, DASH_RESOLVED);
	finish(&w);
}

static void
test_bounded(void **state)
{
	struct dash_alerts_case c = { .holds = true };
	struct world w;
	size_t i, n;

	(void)state;
	begin(&w);
	c.rule = DASH_BACKUP_OLD;
	for (i = 0; i < DASH_ALERTS_TARGETS_MAX; i++) {
		c.target = i;
		dash_alerts_judge(w.a, w.now, &c);
	}
	for (n = 0; dash_alerts_at(w.a, n) != NULL; n++)
		;
	assert_int_equal(n, 10);
	assert_int_equal(dash_alerts_missed(w.a), DASH_ALERTS_TARGETS_MAX - 10);
	finish(&w);
}

static int
make_both(void)
{
	const struct dash_alerts_opts o = {
		.active_max = 10, .history_ms = HOUR, .rng = crypto_rng_system()
	};
	struct dash_watch *w = dash_watch_new();
	struct dash_alerts *a = NULL;
	int rc = w == NULL ? ERR_SYS_NOMEM : dash_alerts_new(&o, &a);

	dash_watch_free(w);
	dash_alerts_free(a);
	return rc;
}

/* An alert that there is no memory for is counted, and raised the next time. */
static void
test_memory(void **state)
{
	const struct dash_alerts_case c = { .rule = DASH_BYZANTINE_DETECTED,
		.holds = true,
		.value = 1 };
	const struct dash_alerts_opts o = {
		.active_max = 10, .history_ms = HOUR, .rng = crypto_rng_system()
	};
	struct dash_alerts *a;

	(void)state;
	assert_true(alloc_test_each(make_both) >= (ALLOC_TEST ? 3 : 0));
	assert_int_equal(dash_alerts_new(&o, &a), 0);
	if (alloc_test_fail(0)) {
		dash_alerts_judge(a, START, &c);
		assert_true(alloc_test_failed());
		assert_int_equal(dash_alerts_missed(a), 1);
		assert_null(dash_alerts_at(a, 0));
	}
	(void)alloc_test_failed();
	dash_alerts_judge(a, START + 1, &c);
	assert_non_null(dash_alerts_at(a, 0));
	assert_null(dash_alerts_at(a, 1));
	dash_alerts_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_each_alert),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_evidence_stays),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

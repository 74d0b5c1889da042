/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/client.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "trustchain/dash_expo.h"
#include "trustchain/dash_internal.h"

#define TIMEOUT_MS_MAX 10000
#define POINT_MS 60000

/* Judge every alert of a target by what is known now. */
static void
judge(struct dash_target *t, int64_t now_ms)
{
	const struct dash_figures *last = dash_watch_last(t->watch);
	struct dash_alerts_case c = { .target =
					  (size_t)(t - t->owner->target) };
	int rule;

	for (rule = 0; rule < DASH_RULES; rule++) {
		c.rule = (enum dash_rule_index)rule;
		c.value = 0;
		c.detail = NULL;
		if (rule == DASH_AVAILABILITY_LOW)
			c.detail = dash_watch_up(t->watch) && last != NULL
				       ? last->worst
				       : "no answer";
		else if (rule == DASH_BYZANTINE_DETECTED && last != NULL)
			c.detail = last->evidence;
		c.holds = dash_watch_holds(t->watch, now_ms, c.rule, &c.value);
		dash_alerts_judge(t->owner->alerts, now_ms, &c);
	}
}

static void
keep_text(struct dash_target *t, const uint8_t *body, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return;
	memcpy(copy, body, len);
	copy[len] = '\0';
	free(t->text);
	t->text = copy;
	t->text_len = len;
}

static int
read_answer(struct dash_target *t, const struct http_response *resp,
    struct dash_figures *f)
{
	const uint8_t *body;
	size_t len, line;
	int rc = http_response_rc(resp);

	if (rc != 0) {
		(void)!base_str_format(t->why, sizeof(t->why), "%s: %.80s",
		    base_err_text(rc), http_response_detail(resp));
		return rc;
	}
	if (http_response_status(resp) != 200) {
		(void)!base_str_format(t->why, sizeof(t->why), "status %d",
		    http_response_status(resp));
		return ERR_PEER_MALFORMED;
	}
	body = http_response_body(resp, &len);
	if ((rc = dash_figures_parse(f, body, len, &line)) != 0) {
		(void)!base_str_format(t->why, sizeof(t->why),
		    "line %zu of its metrics: %s", line, base_err_text(rc));
		return rc;
	}
	keep_text(t, body, len);
	t->why[0] = '\0';
	return 0;
}

static void
answered(void *ctx, const struct http_response *resp)
{
	struct dash_target *t = ctx;
	int64_t now_ms = base_clock_now_ms(t->owner->o.clock);
	bool was_up = dash_watch_up(t->watch) || !t->asked;
	struct dash_figures f;
	int rc;

	t->call = NULL;
	rc = read_answer(t, resp, &f);
	dash_watch_scraped(t->watch, now_ms, rc == 0 ? &f : NULL);
	if (was_up != (rc == 0))
		OPS_LOG(t->owner->o.log, rc == 0 ? OPS_LOG_INFO : OPS_LOG_WARN,
		    "scrape", rc == 0 ? "target answers" : "target is down",
		    OPS_LOG_STR("target", t->instance),
		    OPS_LOG_STR("detail", t->why));
	t->asked = true;
	judge(t, now_ms);
}

static void
ask(struct dash_target *t)
{
	struct dash *d = t->owner;
	uint64_t every_ms = (uint64_t)d->o.config->dashboard.scrape_s * 1000;
	char url[600];
	const struct http_client_request req = {
		.method = HTTP_METHOD_GET,
		.url = url,
		.timeout_ms =
		    (unsigned)(every_ms < TIMEOUT_MS_MAX ? every_ms
							 : TIMEOUT_MS_MAX),
		.response_max = DASH_EXPO_BYTES_MAX,
		.roots_file = d->o.config->server.roots,
	};
	int rc;

	rc = base_str_format(url, sizeof(url), "%s/metrics", t->url);
	if (rc == 0)
		rc = http_client_send(d->client, &req, answered, t, &t->call);
	if (rc != 0)
		OPS_LOG(d->o.log, OPS_LOG_ERROR, "scrape", "target not asked",
		    OPS_LOG_STR("target", t->instance),
		    OPS_LOG_STR("error", base_err_name(rc)));
}

/* The sum, or the worst, of all targets. */
static double
together(const struct dash *d, int64_t now_ms, enum dash_curve c)
{
	static const enum dash_figure sums[DASH_CURVES] = {
		[DASH_CURVE_ISSUE_RATE] = DASH_ISSUE_RATE,
		[DASH_CURVE_LOG_SIZE] = DASH_LOG_SIZE,
	};
	const struct dash_figures *f;
	double x, all = NAN;
	size_t i;

	for (i = 0; i < d->n; i++) {
		f = dash_watch_last(d->target[i].watch);
		if (f == NULL)
			continue;
		if (c == DASH_CURVE_ISSUE_P99 || c == DASH_CURVE_APPEND_P99) {
			x = dash_watch_quantile(d->target[i].watch, now_ms,
			    c == DASH_CURVE_ISSUE_P99 ? DASH_ISSUING
						      : DASH_APPENDING,
			    .99);
			if (!isnan(x) && !(all > x))
				all = x;
			continue;
		}
		x = f->v[sums[c]];
		if (!isnan(x))
			all = isnan(all) ? x : all + x;
	}
	return all;
}

static void
enter_points(struct dash *d, int64_t now_ms)
{
	int c;

	if (d->npoints > 0 && now_ms - d->point_ms < POINT_MS)
		return;
	d->point_ms = now_ms;
	for (c = 0; c < DASH_CURVES; c++)
		d->curve[c][d->npoints % d->points] =
		    together(d, now_ms, (enum dash_curve)c);
	d->npoints++;
}

static void
tick(void *ctx)
{
	struct dash *d = ctx;
	int64_t now_ms = base_clock_now_ms(d->o.clock);
	size_t i;

	dash_alerts_tick(d->alerts, now_ms);
	enter_points(d, now_ms);
	dash_stream_push(d);
	for (i = 0; i < d->n; i++)
		if (d->target[i].call == NULL)
			ask(&d->target[i]);
}

int
dash_scrape_start(struct dash *d)
{
	uint64_t every_ms = (uint64_t)d->o.config->dashboard.scrape_s * 1000;
	int rc;

	if ((rc = loop_timer_new(d->o.loop, tick, d, &d->timer)) == 0)
		loop_timer_start(d->timer, 0, every_ms);
	return rc;
}

void
dash_scrape_stop(struct dash *d)
{
	size_t i;

	loop_timer_free(d->timer);
	d->timer = NULL;
	for (i = 0; i < d->n; i++)
		if (d->target[i].call != NULL)
			http_client_cancel(d->target[i].call);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "trustchain/dash_internal.h"
#include "wire/time.h"

#define CURVE_W 600
#define CURVE_H 60
#define ALERTS_SHOWN 200

const char dash_page_style[] =
    "body{font:14px system-ui,sans-serif;margin:2em auto;max-width:70em;"
    "padding:0 1em;color:#222;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.1em;margin-top:2em}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3em .6em;border-bottom:1px solid #ccc}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".critical,.error,.down{color:#b00020;font-weight:bold}"
    ".warning{color:#8a5a00}.up{color:#0b6b2f}"
    "svg{width:100%;height:60px;background:#f6f6f6}"
    "polyline{fill:none;stroke:#06c;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}"
    "svg{background:#222}th,td{border-color:#444}a{color:#8bf}"
    ".critical,.error,.down{color:#ff6b6b}.warning{color:#e0b050}"
    ".up{color:#5fd38a}}";

/* All that it does: put the new table in the place of the old one. */
const char dash_page_script[] =
    "'use strict';"
    "const live=document.getElementById('live');"
    "const state=document.getElementById('state');"
    "const events=new EventSource('/events');"
    "events.addEventListener('live',e=>{live.innerHTML=e.data;"
    "state.textContent='live';});"
    "events.onerror=()=>{state.textContent='not connected';};";

static int
put(struct buf *b, const char *s)
{
	return base_buf_printf(b, "%s", s);
}

/* Text of ours or of a target, as text. */
static int
text(struct buf *b, const char *s)
{
	int rc = 0;

	for (; rc == 0 && *s != '\0'; s++)
		switch (*s) {
		case '&':
			rc = put(b, "&amp;");
			break;
		case '<':
			rc = put(b, "&lt;");
			break;
		case '>':
			rc = put(b, "&gt;");
			break;
		case '"':
			rc = put(b, "&quot;");
			break;
		default:
			rc = base_buf_append(b, *s < ' ' ? " " : s, 1);
		}
	return rc;
}

/* A cell of a number in its unit; empty when it is not known. */
static int
cell(struct buf *b, const char *fmt, double v, double scale)
{
	int rc = put(b, "<td class=n>");

	if (rc == 0 && !isnan(v)) {
		switch (fmt[0]) {
		case '0':
			rc = base_buf_printf(b, "%.0f", v * scale);
			break;
		case '1':
			rc = base_buf_printf(b, "%.1f%s", v * scale, fmt + 1);
			break;
		default:
			rc = base_buf_printf(b, "%.3f%s", v * scale, fmt + 1);
		}
	}
	return rc == 0 ? put(b, "</td>") : rc;
}

static int
target_row(const struct dash_target *t, int64_t now_ms, struct buf *b)
{
	const struct dash_figures *f = dash_watch_last(t->watch);
	const struct {
		const char *fmt;
		double v, scale;
	} cells[] = {
		{ "3", f == NULL ? NAN : f->v[DASH_AVAILABILITY] * 100, 1 },
		{ "1", f == NULL ? NAN : f->v[DASH_ISSUE_RATE], 1 },
		{ "1", dash_watch_quantile(t->watch, now_ms, DASH_ISSUING, .99),
		    1000 },
		{ "0", f == NULL ? NAN : f->v[DASH_LOG_SIZE], 1 },
		{ "1",
		    dash_watch_quantile(t->watch, now_ms, DASH_APPENDING, .99),
		    1000 },
		{ "0", f == NULL ? NAN : f->v[DASH_LAG], 1000 },
		{ "0", f == NULL ? NAN : f->v[DASH_QUORUM], 1 },
		{ "0", f == NULL ? NAN : f->v[DASH_BYZANTINE_F], 1 },
		{ "0", f == NULL ? NAN : f->v[DASH_EVIDENCE], 1 },
		{ "1", dash_watch_cpu(t->watch), 100 },
		{ "0", f == NULL ? NAN : f->v[DASH_MEMORY], 1. / 1048576 },
		{ "1", f == NULL ? NAN : f->v[DASH_DISK], 100 },
	};
	bool up = dash_watch_up(t->watch);
	size_t i;
	int rc;

	if ((rc = put(b, "<tr><td>")) != 0 ||
	    (rc = text(b, t->instance)) != 0 ||
	    (rc = base_buf_printf(b, "</td><td class=%s>%s ",
		 up ? "up" : "down", up ? "up" : "down")) != 0 ||
	    (rc = text(b, t->why)) != 0 || (rc = put(b, "</td>")) != 0)
		return rc;
	for (i = 0; rc == 0 && i < sizeof(cells) / sizeof(cells[0]); i++)
		rc = cell(b, cells[i].fmt, cells[i].v, cells[i].scale);
	return rc == 0 ? put(b, "</tr>") : rc;
}

static int
targets(const struct dash *d, int64_t now_ms, struct buf *b)
{
	size_t i;
	int rc;

	rc = put(b, "<h2>Services</h2><table><tr><th>target</th><th>state</th>"
		    "<th class=n>availability 1 h, %</th>"
		    "<th class=n>issued/s</th><th class=n>issuing p99, ms</th>"
		    "<th class=n>log entries</th><th class=n>append p99, ms"
		    "</th><th class=n>publication lag, ms</th>"
		    "<th class=n>quorum</th><th class=n>f</th>"
		    "<th class=n>evidence</th><th class=n>CPU, %</th>"
		    "<th class=n>memory, MiB</th><th class=n>disk free, %</th>"
		    "</tr>");
	for (i = 0; rc == 0 && i < d->n; i++)
		rc = target_row(&d->target[i], now_ms, b);
	return rc == 0 ? put(b, "</table>") : rc;
}

static int
alert_row(const struct dash *d, const struct dash_alert *a, struct buf *b)
{
	char since[WIRE_TIME_TEXT_MAX];
	int rc;

	wire_time_format(a->since_ms, since);
	rc = base_buf_printf(b, "<tr><td class=%s>%s</td><td>%s</td><td>%s",
	    dash_alerts_severity_name(a->rule->severity),
	    dash_alerts_severity_name(a->rule->severity), a->rule->name,
	    dash_alerts_state_name(a->state));
	if (rc == 0 && a->end_ms == 0 && a->clear_ms != 0)
		rc = put(b, " (clear)");
	if (rc == 0)
		rc = put(b, "</td><td>");
	if (rc == 0)
		rc = text(b, d->target[a->target].instance);
	if (rc == 0)
		rc = base_buf_printf(b,
		    "</td><td>%s</td><td class=n>%.6g</td><td class=n>%.6g"
		    "</td><td>",
		    since, a->value, a->rule->threshold);
	if (rc == 0)
		rc = text(b, a->detail);
	return rc == 0 ? base_buf_printf(b, "</td><td>%s</td></tr>", a->id)
		       : rc;
}

static int
alerts(const struct dash *d, bool all, struct buf *b)
{
	const struct dash_alert *a;
	size_t i, shown = 0;
	int rc;

	rc = put(b, "<h2>Alerts</h2><table><tr><th>severity</th><th>alert</th>"
		    "<th>state</th><th>target</th><th>since</th>"
		    "<th class=n>value</th><th class=n>threshold</th>"
		    "<th>detail</th><th>id</th></tr>");
	for (i = 0; rc == 0 && shown < ALERTS_SHOWN &&
		    (a = dash_alerts_at(d->alerts, i)) != NULL;
	     i++)
		if (all || a->end_ms == 0) {
			rc = alert_row(d, a, b);
			shown++;
		}
	if (rc == 0 && shown == 0)
		rc = put(b, "<tr><td colspan=9>none</td></tr>");
	if (rc == 0 && dash_alerts_missed(d->alerts) > 0)
		rc = put(b, "<tr><td colspan=9>there were more than "
			    "alert_max_active</td></tr>");
	return rc == 0 ? put(b, "</table>") : rc;
}

static double
point(const struct dash *d, enum dash_curve c, size_t i)
{
	return d->curve[c][i % d->points];
}

static int
curve(const struct dash *d, enum dash_curve c, const char *title, struct buf *b)
{
	size_t n = d->npoints < d->points ? d->npoints : d->points, i;
	size_t first = d->npoints - n;
	double most = 0, v;
	int rc;

	for (i = 0; i < n; i++)
		if (point(d, c, first + i) > most)
			most = point(d, c, first + i);
	rc = base_buf_printf(b,
	    "<h2>%s: up to %.6g</h2><svg viewBox=\"0 0 %d %d\" "
	    "preserveAspectRatio=\"none\"><polyline points=\"",
	    title, most, CURVE_W, CURVE_H);
	for (i = 0; rc == 0 && i < n; i++) {
		v = point(d, c, first + i);
		if (!isnan(v))
			rc = base_buf_printf(b, "%.1f,%.1f ",
			    (double)i * CURVE_W / (double)(n > 1 ? n - 1 : 1),
			    most > 0 ? CURVE_H - v / most * (CURVE_H - 4) - 2
				     : (double)CURVE_H - 2);
	}
	return rc == 0 ? put(b, "\"/></svg>") : rc;
}

static int
curves(const struct dash *d, struct buf *b)
{
	static const char *const titles[DASH_CURVES] = {
		[DASH_CURVE_ISSUE_RATE] = "Certificates issued per second",
		[DASH_CURVE_ISSUE_P99] = "Issuing, p99 in seconds",
		[DASH_CURVE_LOG_SIZE] = "Entries of the log",
		[DASH_CURVE_APPEND_P99] = "Appending, p99 in seconds",
	};
	int c, rc = 0;

	for (c = 0; rc == 0 && c < DASH_CURVES; c++)
		rc = curve(d, (enum dash_curve)c, titles[c], b);
	return rc;
}

int
dash_page_live(const struct dash *d, struct buf *b)
{
	int64_t now_ms = base_clock_now_ms(d->o.clock);
	char now[WIRE_TIME_TEXT_MAX];
	int rc;

	wire_time_format(now_ms, now);
	rc = base_buf_printf(b, "<p>as of %s</p>", now);
	if (rc == 0)
		rc = targets(d, now_ms, b);
	if (rc == 0)
		rc = alerts(d, false, b);
	return rc == 0 ? curves(d, b) : rc;
}

static int
head(const char *title, struct buf *b)
{
	return base_buf_printf(b,
	    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width\">"
	    "<title>TrustChain %s</title>"
	    "<link rel=\"stylesheet\" href=\"/style.css\"></head><body>"
	    "<h1>TrustChain %s</h1><p><a href=\"/\">dashboard</a> "
	    "<a href=\"/alerts\">alerts</a> <a href=\"/metrics\">metrics</a> "
	    "<a href=\"/logs\">logs</a></p>",
	    title, title);
}

int
dash_page_html(const struct dash *d, struct buf *b)
{
	int rc;

	if ((rc = head("dashboard", b)) != 0 ||
	    (rc = put(b, "<p id=\"state\">as it was when the page was loaded"
			 "</p><div id=\"live\">")) != 0 ||
	    (rc = dash_page_live(d, b)) != 0)
		return rc;
	return put(b, "</div><script src=\"/live.js\"></script></body></html>"
		      "\n");
}

int
dash_page_alerts(const struct dash *d, struct buf *b)
{
	int rc;

	if ((rc = head("alerts", b)) != 0 || (rc = alerts(d, true, b)) != 0)
		return rc;
	return put(b, "</body></html>\n");
}

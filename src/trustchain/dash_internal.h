/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_INTERNAL_H
#define TRUSTCHAIN_DASH_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "trustchain/dash.h"
#include "trustchain/dash_alerts.h"
#include "trustchain/dash_config.h"

#define DASH_STREAMS_MAX 64
#define DASH_PAGE_MAX ((size_t)1 << 20)

struct buf;
struct http_call;
struct http_client;
struct http_reply;
struct http_stream;
struct loop_timer;

struct dash_target {
	struct dash *owner;
	const char *url;    /* from the configuration */
	char instance[128]; /* its host and port: the label */
	struct dash_watch *watch;
	struct http_call *call; /* under way, or NULL */
	bool asked;		/* once, successful or not */
	char *text;		/* the last good scrape, or NULL */
	size_t text_len;
	char why[128]; /* the last scrape failed: why */
};

/* What is drawn over time, a point a minute, of all targets together. */
enum dash_curve {
	DASH_CURVE_ISSUE_RATE,
	DASH_CURVE_ISSUE_P99,
	DASH_CURVE_LOG_SIZE,
	DASH_CURVE_APPEND_P99,
	DASH_CURVES
};

struct dash {
	struct dash_opts o;
	struct http_client *client;
	struct loop_timer *timer;
	struct dash_alerts *alerts;
	struct dash_target target[DASH_TARGETS_MAX];
	size_t n;
	double *curve[DASH_CURVES]; /* rings of ${points} */
	size_t points, npoints;	    /* npoints: ever entered */
	int64_t point_ms;
	/* Browsers that listen, see dash_stream.c. */
	struct list streams;
	size_t n_streams;
	struct list asks; /* questions to the CA, see dash_auth.c */
	size_t n_asks;
};

/**
 * dash_scrape_start(d), dash_scrape_stop(d):
 * Begin and end asking the targets.
 */
MUST_CHECK int dash_scrape_start(struct dash *d);
void dash_scrape_stop(struct dash *d);

/**
 * dash_page_html(d, b), dash_page_live(d, b), dash_page_alerts(d, b):
 * Append the whole page; the part of it that changes, in one line; the page
 * of alerts.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int dash_page_html(const struct dash *d, struct buf *b);
MUST_CHECK int dash_page_live(const struct dash *d, struct buf *b);
MUST_CHECK int dash_page_alerts(const struct dash *d, struct buf *b);

/* The two files that the page is made with. */
extern const char dash_page_style[], dash_page_script[];

/**
 * dash_merge(d, b):
 * Append the metrics of all targets, each sample with the label instance.
 */
MUST_CHECK int dash_merge(const struct dash *d, struct buf *b);

/**
 * dash_stream_begin(d, r), dash_stream_push(d), dash_stream_end(d):
 * Answer with server-sent events; send the page's live part to all; end all.
 */
void dash_stream_begin(struct dash *d, struct http_request *r);
void dash_stream_push(struct dash *d);
void dash_stream_end(struct dash *d);

/**
 * dash_auth_logs(d, r), dash_auth_ack(d, r, id):
 * What needs a token of the CA, which is asked about it.
 */
void dash_auth_logs(struct dash *d, struct http_request *r);
void dash_auth_ack(struct dash *d, struct http_request *r, const char *id);

/**
 * dash_auth_end(d):
 * Ask no more; answer those who wait.
 */
void dash_auth_end(struct dash *d);

/**
 * dash_web_send(r, status, type, b):
 * Answer with what is in ${b} and the headers that every answer has.
 */
void dash_web_send(
    struct http_request *r, int status, const char *type, const struct buf *b);

/**
 * dash_web_problem(r, status, code, detail):
 * Answer with a problem document.
 */
void dash_web_problem(
    struct http_request *r, int status, const char *code, const char *detail);

#endif

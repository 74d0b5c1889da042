/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/log.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

#define TAGS_MAX 8
#define STRING_MAX 1024 /* bytes of one string field before it is cut */

struct ops_log {
	int fd;
	enum ops_log_level level;
	const char *program;
	struct {
		const char *key, *value;
	} tags[TAGS_MAX];
	size_t ntags;
	/* The last lines, as a ring; none when ${kept} is NULL. */
	pthread_mutex_t lock;
	char **kept;
	size_t kept_max, nkept; /* ever kept */
};

/* A line under construction; ${full} once something did not fit. */
struct line {
	char text[OPS_LOG_LINE_MAX];
	size_t len;
	size_t limit;
	bool full;
};

static const char *const level_names[] = { "debug", "info", "warn", "error" };

struct ops_log *
ops_log_new(int fd, enum ops_log_level level, const char *program)
{
	struct ops_log *log;

	if ((log = calloc(1, sizeof(*log))) == NULL)
		return NULL;
	log->fd = fd;
	log->level = level;
	log->program = program;
	(void)pthread_mutex_init(&log->lock, NULL);
	return log;
}

void
ops_log_free(struct ops_log *log)
{
	size_t i;

	if (log == NULL)
		return;
	for (i = 0; log->kept != NULL && i < log->kept_max; i++)
		free(log->kept[i]);
	free(log->kept);
	(void)pthread_mutex_destroy(&log->lock);
	free(log);
}

int
ops_log_keep(struct ops_log *log, size_t lines)
{
	if ((log->kept = calloc(lines, sizeof(*log->kept))) == NULL)
		return ERR_SYS_NOMEM;
	log->kept_max = lines;
	return 0;
}

static void
keep(struct ops_log *log, const char *text, size_t len)
{
	char *copy, **place;

	if (log->kept == NULL || (copy = strndup(text, len)) == NULL)
		return;
	(void)pthread_mutex_lock(&log->lock);
	place = &log->kept[log->nkept++ % log->kept_max];
	free(*place);
	*place = copy;
	(void)pthread_mutex_unlock(&log->lock);
}

int
ops_log_recent(struct ops_log *log, size_t max, struct buf *out)
{
	size_t n, i;
	int rc = 0;

	if (log->kept == NULL)
		return 0;
	(void)pthread_mutex_lock(&log->lock);
	n = log->nkept < log->kept_max ? log->nkept : log->kept_max;
	n = n < max ? n : max;
	for (i = log->nkept - n; rc == 0 && i < log->nkept; i++) {
		const char *line = log->kept[i % log->kept_max];

		rc = base_buf_append(out, line, strlen(line));
	}
	(void)pthread_mutex_unlock(&log->lock);
	return rc;
}

void
ops_log_tag(struct ops_log *log, const char *key, const char *value)
{
	if (log == NULL || log->ntags == TAGS_MAX)
		return;
	log->tags[log->ntags].key = key;
	log->tags[log->ntags].value = value;
	log->ntags++;
}

static void
put(struct line *l, const char *s, size_t n)
{
	if (l->full || n > l->limit - l->len) {
		l->full = true;
		return;
	}
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

static void putf(struct line *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
putf(struct line *l, const char *fmt, ...)
{
	char tmp[64];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(tmp, sizeof(tmp), fmt, ap);
	va_end(ap);
	if (n > 0)
		put(l, tmp,
		    (size_t)n < sizeof(tmp) ? (size_t)n : sizeof(tmp) - 1);
}

/*
 * A JSON string.  Anything outside printable ASCII is escaped byte by byte,
 * so a line is valid JSON whatever the string holds.
 */
static void
put_string(struct line *l, const char *s)
{
	size_t i;

	put(l, "\"", 1);
	for (i = 0; s != NULL && s[i] != '\0' && i < STRING_MAX; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			putf(l, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			putf(l, "\\u%04x", c);
		else
			put(l, &s[i], 1);
	}
	put(l, "\"", 1);
}

static void
put_value(struct line *l, const struct ops_log_field *f)
{
	switch (f->kind) {
	case OPS_LOG_KIND_STRING:
		put_string(l, f->ptr);
		break;
	case OPS_LOG_KIND_INT:
		putf(l, "%" PRId64, f->num);
		break;
	case OPS_LOG_KIND_DOUBLE:
		if (isfinite(f->dbl))
			putf(l, "%.9g", f->dbl);
		else
			put(l, "null", 4);
		break;
	default:
		put(l, "null", 4);
	}
}

/* Add one member, or nothing at all and return false if it does not fit. */
static bool
put_field(struct line *l, const struct ops_log_field *f)
{
	size_t start = l->len;

	put(l, ",", 1);
	put_string(l, f->key);
	put(l, ":", 1);
	put_value(l, f);
	if (!l->full)
		return true;
	l->full = false;
	l->len = start;
	return false;
}

static void
put_head(struct line *l, const struct ops_log *log, enum ops_log_level level,
    const char *component, const char *event)
{
	struct timespec ts;
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	(void)gmtime_r(&ts.tv_sec, &tm);
	putf(l, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)(ts.tv_nsec / 1000000));
	putf(l, ",\"level\":\"%s\"", level_names[level]);
	put(l, ",\"program\":", 11);
	put_string(l, log->program);
	put(l, ",\"component\":", 13);
	put_string(l, component);
	put(l, ",\"event\":", 9);
	put_string(l, event);
}

void
ops_log_write(struct ops_log *log, enum ops_log_level level,
    const char *component, const char *event,
    const struct ops_log_field *fields, size_t n)
{
	struct line l = { .len = 0, .limit = OPS_LOG_LINE_MAX - 16 };
	bool cut = false;
	size_t i;

	if (log == NULL || level < log->level)
		return;
	put_head(&l, log, level, component, event);
	for (i = 0; i < log->ntags; i++) {
		struct ops_log_field f =
		    OPS_LOG_STR(log->tags[i].key, log->tags[i].value);
		cut |= !put_field(&l, &f);
	}
	for (i = 0; i < n; i++)
		if (fields[i].key != NULL)
			cut |= !put_field(&l, &fields[i]);
	l.limit = OPS_LOG_LINE_MAX;
	l.full = false;
	if (cut)
		put(&l, ",\"cut\":true", 11);
	put(&l, "}\n", 2);
	keep(log, l.text, l.len);
	if (write(log->fd, l.text, l.len) == -1)
		return; /* nowhere left to say so */
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One document out of those of the targets: each metric with its samples
 * together, as the format wants it, and each sample with the label instance.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "trustchain/dash_internal.h"

#define FAMILIES_MAX 512
#define TYPE "# TYPE "

/* A metric of one target: its lines from the # HELP or # TYPE on. */
struct family {
	const struct dash_target *target;
	const char *name;
	size_t name_len;
	const char *lines, *end;
	bool done;
};

struct families {
	size_t n;
	struct family v[FAMILIES_MAX];
};

static const char *
next_line(const char *at, const char *end)
{
	const char *nl = memchr(at, '\n', (size_t)(end - at));

	return nl == NULL ? end : nl + 1;
}

static bool
starts(const char *at, const char *end, const char *prefix)
{
	size_t n = strlen(prefix);

	return (size_t)(end - at) >= n && memcmp(at, prefix, n) == 0;
}

static void
collect(struct families *all, const struct dash_target *t)
{
	const char *at = t->text, *end = at + t->text_len, *line;
	const char *help = NULL;
	struct family *f = NULL;

	for (; at < end; at = line) {
		line = next_line(at, end);
		if (starts(at, end, "# HELP ")) {
			help = at;
			f = NULL;
		} else if (starts(at, end, TYPE)) {
			if (all->n == FAMILIES_MAX)
				return;
			f = &all->v[all->n++];
			f->target = t;
			f->name = at + strlen(TYPE);
			f->name_len = strcspn(f->name, " \n");
			f->lines = help != NULL ? help : at;
			f->end = line;
			f->done = false;
			help = NULL;
		} else if (f != NULL) {
			f->end = line;
		}
	}
}

static bool
same(const struct family *a, const struct family *b)
{
	return a->name_len == b->name_len &&
	       memcmp(a->name, b->name, a->name_len) == 0;
}

/* One sample, as its target wrote it, with a label more. */
static int
sample(const char *at, const char *line, const char *instance, struct buf *b)
{
	size_t n;
	bool more;
	int rc;

	at += strspn(at, " \t");
	n = strcspn(at, "{ \t\n");
	rc = base_buf_append(b, at, n);
	at += n + strspn(at + n, " \t");
	more = *at == '{';
	if (more)
		at += 1 + strspn(at + 1, " \t");
	if (rc == 0)
		rc = base_buf_printf(b, "{instance=\"%s\"%s", instance,
		    !more	 ? "} "
		    : *at == '}' ? ""
				 : ",");
	return rc == 0 ? base_buf_append(b, at, (size_t)(line - at)) : rc;
}

static int
family(const struct family *f, bool first, struct buf *b)
{
	const char *at = f->lines, *line;
	int rc = 0;

	for (; rc == 0 && at < f->end; at = line) {
		line = next_line(at, f->end);
		if (at[strspn(at, " \t")] == '\n')
			continue;
		if (at[strspn(at, " \t")] != '#')
			rc = sample(at, line, f->target->instance, b);
		else if (first)
			rc = base_buf_append(b, at, (size_t)(line - at));
	}
	return rc;
}

int
dash_merge(const struct dash *d, struct buf *b)
{
	struct families *all = calloc(1, sizeof(*all));
	size_t i, k;
	int rc = 0;

	if (all == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < d->n; i++)
		if (d->target[i].text != NULL)
			collect(all, &d->target[i]);
	for (i = 0; rc == 0 && i < all->n; i++) {
		if (all->v[i].done)
			continue;
		rc = family(&all->v[i], true, b);
		for (k = i + 1; rc == 0 && k < all->n; k++) {
			if (all->v[k].done || !same(&all->v[i], &all->v[k]))
				continue;
			rc = family(&all->v[k], false, b);
			all->v[k].done = true;
		}
	}
	free(all);
	return rc;
}

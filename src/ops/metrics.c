/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

#define COLLECT_MAX 8

/* identity.md section 15; the last, +Inf, is implied. */
static const double buckets[] = { .001, .002, .005, .01, .02, .035, .05, .1, .2,
	.5, 1, 2, 5 };
#define NBUCKETS (sizeof(buckets) / sizeof(buckets[0]))

/* The values of one label set.  Cells are only ever added, never removed. */
struct cell {
	struct cell *next;
	char *label[OPS_METRIC_LABELS_MAX];
	_Atomic uint64_t count;	 /* COUNTER; number of observations */
	_Atomic uint64_t bits;	 /* GAUGE, TOTAL: the double's bits */
	_Atomic uint64_t sum_ns; /* HISTOGRAM */
	_Atomic uint64_t bucket[NBUCKETS];
};

struct metric {
	const struct ops_metric_def *def;
	size_t nlabels;
	size_t ncells;
	_Atomic(struct cell *) cells;
};

struct ops_metrics {
	struct metric *v;
	size_t n;
	pthread_mutex_t add_lock;
	struct {
		void (*fn)(void *);
		void *ctx;
	} collect[COLLECT_MAX];
	size_t ncollect;
};

static size_t
count_labels(const char *labels)
{
	size_t n = 1;

	if (labels == NULL)
		return 0;
	for (; *labels != '\0'; labels++)
		n += *labels == ',';
	return n;
}

static void
cell_free(struct cell *c)
{
	size_t i;

	for (i = 0; i < OPS_METRIC_LABELS_MAX; i++)
		free(c->label[i]);
	free(c);
}

static struct cell *
cell_new(size_t nlabels, const char *const *labels)
{
	struct cell *c;
	size_t i;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	for (i = 0; i < nlabels; i++) {
		c->label[i] = strndup(labels[i], OPS_METRIC_LABEL_BYTES_MAX);
		if (c->label[i] == NULL) {
			cell_free(c);
			return NULL;
		}
	}
	return c;
}

struct ops_metrics *
ops_metrics_new(const struct ops_metric_def *defs, size_t n)
{
	struct ops_metrics *m;
	struct cell *c;
	size_t i;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return NULL;
	if ((m->v = calloc(n, sizeof(*m->v))) == NULL) {
		free(m);
		return NULL;
	}
	m->n = n;
	(void)pthread_mutex_init(&m->add_lock, NULL);
	for (i = 0; i < n; i++) {
		m->v[i].def = &defs[i];
		m->v[i].nlabels = count_labels(defs[i].labels);
		TROTH_ASSERT(m->v[i].nlabels <= OPS_METRIC_LABELS_MAX);
		if (m->v[i].nlabels > 0)
			continue;
		if ((c = cell_new(0, NULL)) == NULL) {
			ops_metrics_free(m);
			return NULL;
		}
		atomic_store(&m->v[i].cells, c);
		m->v[i].ncells = 1;
	}
	return m;
}

void
ops_metrics_free(struct ops_metrics *m)
{
	struct cell *c, *next;
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n; i++)
		for (c = atomic_load(&m->v[i].cells); c != NULL; c = next) {
			next = c->next;
			cell_free(c);
		}
	(void)pthread_mutex_destroy(&m->add_lock);
	free(m->v);
	free(m);
}

static struct cell *
find(struct metric *mt, const char *const *labels)
{
	struct cell *c = atomic_load_explicit(&mt->cells, memory_order_acquire);
	size_t i;

	for (; c != NULL; c = c->next) {
		for (i = 0; i < mt->nlabels; i++)
			if (strncmp(c->label[i], labels[i],
				OPS_METRIC_LABEL_BYTES_MAX) != 0)
				break;
		if (i == mt->nlabels)
			return c;
	}
	return NULL;
}

static struct cell *
add_cell(struct ops_metrics *m, struct metric *mt, const char *const *labels)
{
	static const char *const other[OPS_METRIC_LABELS_MAX] = { "other",
		"other", "other", "other" };
	struct cell *c;

	(void)pthread_mutex_lock(&m->add_lock);
	if (mt->ncells >= OPS_METRIC_CELLS_MAX)
		labels = other;
	if ((c = find(mt, labels)) == NULL &&
	    (c = cell_new(mt->nlabels, labels)) != NULL) {
		c->next = atomic_load(&mt->cells);
		mt->ncells++;
		atomic_store_explicit(&mt->cells, c, memory_order_release);
	}
	(void)pthread_mutex_unlock(&m->add_lock);
	return c;
}

/* The cell of a label set, made when new; NULL when out of memory. */
static struct cell *
cell_of(struct ops_metrics *m, unsigned id, enum ops_metric_type type,
    const char *const *labels)
{
	struct cell *c;

	if (m == NULL)
		return NULL;
	TROTH_ASSERT(id < m->n);
	TROTH_ASSERT(m->v[id].def->type == type);
	TROTH_ASSERT(m->v[id].nlabels == 0 || labels != NULL);
	if ((c = find(&m->v[id], labels)) != NULL)
		return c;
	return add_cell(m, &m->v[id], labels);
}

void
ops_metrics_add(
    struct ops_metrics *m, unsigned id, const char *const *labels, uint64_t n)
{
	struct cell *c = cell_of(m, id, OPS_COUNTER, labels);

	if (c != NULL)
		atomic_fetch_add_explicit(&c->count, n, memory_order_relaxed);
}

void
ops_metrics_set(
    struct ops_metrics *m, unsigned id, const char *const *labels, double v)
{
	enum ops_metric_type type = OPS_GAUGE;
	struct cell *c;
	uint64_t bits;

	if (m != NULL && id < m->n && m->v[id].def->type == OPS_TOTAL)
		type = OPS_TOTAL;
	if ((c = cell_of(m, id, type, labels)) == NULL)
		return;
	memcpy(&bits, &v, sizeof(bits));
	atomic_store_explicit(&c->bits, bits, memory_order_relaxed);
}

void
ops_metrics_observe(struct ops_metrics *m, unsigned id,
    const char *const *labels, double seconds)
{
	struct cell *c = cell_of(m, id, OPS_HISTOGRAM, labels);
	size_t i;

	if (c == NULL)
		return;
	if (!(seconds >= 0))
		seconds = 0;
	for (i = 0; i < NBUCKETS; i++)
		if (seconds <= buckets[i]) {
			atomic_fetch_add_explicit(
			    &c->bucket[i], 1, memory_order_relaxed);
			break;
		}
	atomic_fetch_add_explicit(
	    &c->sum_ns, (uint64_t)(seconds * 1e9), memory_order_relaxed);
	atomic_fetch_add_explicit(&c->count, 1, memory_order_relaxed);
}

static double
gauge_of(struct cell *c)
{
	uint64_t bits = atomic_load_explicit(&c->bits, memory_order_relaxed);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

double
ops_metrics_value(struct ops_metrics *m, unsigned id, const char *const *labels)
{
	struct cell *c;

	TROTH_ASSERT(id < m->n);
	if ((c = find(&m->v[id], labels)) == NULL)
		return 0;
	if (m->v[id].def->type == OPS_GAUGE || m->v[id].def->type == OPS_TOTAL)
		return gauge_of(c);
	return (double)atomic_load(&c->count);
}

int
ops_metrics_collect(struct ops_metrics *m, void (*fn)(void *), void *ctx)
{
	if (m->ncollect == COLLECT_MAX)
		return ERR_SYS_LIMIT;
	m->collect[m->ncollect].fn = fn;
	m->collect[m->ncollect].ctx = ctx;
	m->ncollect++;
	return 0;
}

/* A label value with backslash, quote and newline escaped. */
static int
render_value(struct buf *out, const char *v)
{
	int rc = 0;

	for (; rc == 0 && *v != '\0'; v++) {
		if (*v == '\n')
			rc = base_buf_append(out, "\\n", 2);
		else if (*v == '"' || *v == '\\')
			rc = base_buf_printf(out, "\\%c", *v);
		else
			rc = base_buf_append(out, v, 1);
	}
	return rc;
}

/* name{a="x",le="0.1"}: the sample's name with its labels. */
static int
render_name(struct buf *out, const struct metric *mt, const struct cell *c,
    const char *suffix, const char *le)
{
	const char *l = mt->def->labels;
	size_t i, n;
	int rc;

	rc = base_buf_printf(out, "%s%s%s", mt->def->name, suffix,
	    mt->nlabels > 0 || le != NULL ? "{" : " ");
	if (mt->nlabels == 0 && le == NULL)
		return rc;
	for (i = 0; rc == 0 && i < mt->nlabels; i++) {
		n = strcspn(l, ",");
		rc = base_buf_printf(
		    out, "%s%.*s=\"", i > 0 ? "," : "", (int)n, l);
		l += n + 1;
		if (rc == 0)
			rc = render_value(out, c->label[i]);
		if (rc == 0)
			rc = base_buf_append(out, "\"", 1);
	}
	if (rc == 0 && le != NULL)
		rc = base_buf_printf(
		    out, "%sle=\"%s\"", mt->nlabels > 0 ? "," : "", le);
	return rc != 0 ? rc : base_buf_append(out, "} ", 2);
}

static int
render_sample(struct buf *out, const struct metric *mt, const struct cell *c,
    const char *suffix, const char *le, uint64_t v)
{
	int rc = render_name(out, mt, c, suffix, le);

	return rc != 0 ? rc : base_buf_printf(out, "%" PRIu64 "\n", v);
}

static int
render_histogram(struct buf *out, const struct metric *mt, struct cell *c)
{
	uint64_t cumulative = 0, count = atomic_load(&c->count);
	char le[32];
	size_t i;
	int rc;

	for (i = 0; i < NBUCKETS; i++) {
		cumulative += atomic_load(&c->bucket[i]);
		(void)snprintf(le, sizeof(le), "%g", buckets[i]);
		rc = render_sample(out, mt, c, "_bucket", le, cumulative);
		if (rc != 0)
			return rc;
	}
	/* An update between the reads must not make +Inf the smaller one. */
	if (count < cumulative)
		count = cumulative;
	if ((rc = render_sample(out, mt, c, "_bucket", "+Inf", count)) != 0 ||
	    (rc = render_name(out, mt, c, "_sum", NULL)) != 0 ||
	    (rc = base_buf_printf(
		 out, "%.9f\n", (double)atomic_load(&c->sum_ns) / 1e9)) != 0)
		return rc;
	return render_sample(out, mt, c, "_count", NULL, count);
}

static int
render_cell(struct buf *out, const struct metric *mt, struct cell *c)
{
	int rc;

	switch (mt->def->type) {
	case OPS_COUNTER:
		return render_sample(
		    out, mt, c, "", NULL, atomic_load(&c->count));
	case OPS_GAUGE:
	case OPS_TOTAL:
		if ((rc = render_name(out, mt, c, "", NULL)) != 0)
			return rc;
		return base_buf_printf(out, "%.15g\n", gauge_of(c));
	default:
		return render_histogram(out, mt, c);
	}
}

static int
render_metric(struct buf *out, struct metric *mt)
{
	static const char *const types[] = { "counter", "gauge", "histogram",
		"counter" };
	struct cell *c = atomic_load_explicit(&mt->cells, memory_order_acquire);
	int rc;

	if (c == NULL)
		return 0;
	rc = base_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", mt->def->name,
	    mt->def->help, mt->def->name, types[mt->def->type]);
	for (; rc == 0 && c != NULL; c = c->next)
		rc = render_cell(out, mt, c);
	return rc;
}

int
ops_metrics_render(struct ops_metrics *m, struct buf *out)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < m->ncollect; i++)
		m->collect[i].fn(m->collect[i].ctx);
	for (i = 0; rc == 0 && i < m->n; i++)
		rc = render_metric(out, &m->v[i]);
	return rc;
}

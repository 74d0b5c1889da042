/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/availability.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ops/availability_internal.h"
#include "ops/metrics.h"

#define MINUTE_MS 60000
#define HOUR_MS 3600000

struct ops_availability *
ops_availability_new(void)
{
	return calloc(1, sizeof(struct ops_availability));
}

void
ops_availability_free(struct ops_availability *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a);
}

static struct ops_availability_component *
find(const struct ops_availability *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (strcmp(a->v[i]->name, name) == 0)
			return a->v[i];
	return NULL;
}

struct ops_availability_component *
ops_availability_component(struct ops_availability *a, const char *name)
{
	struct ops_availability_component *c;

	if ((c = find(a, name)) != NULL)
		return c;
	if (a->n == OPS_AVAILABILITY_COMPONENTS_MAX ||
	    (c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	if (base_str_copy(c->name, sizeof(c->name), name) != 0) {
		free(c);
		return NULL;
	}
	a->v[a->n++] = c;
	return c;
}

void
ops_availability_count(struct ops_availability_bucket *ring, size_t n,
    int64_t slot, uint64_t good, uint64_t bad)
{
	struct ops_availability_bucket *b = &ring[(uint64_t)slot % n];

	if (b->slot != slot)
		*b = (struct ops_availability_bucket){ .slot = slot };
	b->good += good;
	b->bad += bad;
}

void
ops_availability_add(struct ops_availability *a, const char *component,
    int64_t now_ms, uint64_t good, uint64_t bad)
{
	struct ops_availability_component *c;

	if ((c = ops_availability_component(a, component)) == NULL)
		return;
	ops_availability_count(
	    c->minute, OPS_AVAILABILITY_MINUTES, now_ms / MINUTE_MS, good, bad);
	ops_availability_count(
	    c->hour, OPS_AVAILABILITY_HOURS, now_ms / HOUR_MS, good, bad);
}

/* Of the last ${n} slots; a clock that was put back leaves out the future. */
static double
share(const struct ops_availability_bucket *ring, size_t n, int64_t slot)
{
	uint64_t good = 0, all = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (ring[i].slot > slot || ring[i].slot <= slot - (int64_t)n)
			continue;
		good += ring[i].good;
		all += ring[i].good + ring[i].bad;
	}
	return all == 0 ? -1 : (double)good / (double)all;
}

static double
ratio(const struct ops_availability_component *c,
    enum ops_availability_window window, int64_t now_ms)
{
	return window == OPS_AVAILABILITY_HOUR
		   ? share(c->minute, OPS_AVAILABILITY_MINUTES,
			 now_ms / MINUTE_MS)
		   : share(c->hour, OPS_AVAILABILITY_HOURS, now_ms / HOUR_MS);
}

double
ops_availability_ratio(const struct ops_availability *a, const char *component,
    enum ops_availability_window window, int64_t now_ms)
{
	const struct ops_availability_component *c = find(a, component);

	return c == NULL ? -1 : ratio(c, window, now_ms);
}

void
ops_availability_publish(const struct ops_availability *a, int64_t now_ms,
    struct ops_metrics *m, unsigned id)
{
	static const char *const names[] = { "1h", "30d" };
	double r;
	size_t i;
	int w;

	for (i = 0; i < a->n; i++)
		for (w = 0; w < OPS_AVAILABILITY_WINDOWS; w++) {
			r = ratio(
			    a->v[i], (enum ops_availability_window)w, now_ms);
			if (r >= 0)
				ops_metrics_set(m, id,
				    OPS_LABELS(a->v[i]->name, names[w]), r);
		}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_measure.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "http/server.h"
#include "keys/client.h"
#include "ops/availability.h"
#include "ops/health.h"
#include "ops/metrics.h"

struct trustchain_measure {
	struct trustchain_measure_opts o;
	struct ops_availability *availability;
	struct http_server_stats last;
};

static void
on_key(void *ctx, uint8_t slot, int rc)
{
	struct trustchain_measure *m = ctx;

	ops_metrics_add(m->o.metrics, m->o.key_operations,
	    OPS_LABELS(m->o.slot_name(m->o.ctx, slot),
		rc == 0 ? "ok" : base_err_name(rc)),
	    1);
}

static void
on_probe(void *ctx, const char *component, bool ok)
{
	struct trustchain_measure *m = ctx;

	ops_availability_add(m->availability, component,
	    base_clock_now_ms(m->o.clock), ok ? 1 : 0, ok ? 0 : 1);
}

int
trustchain_measure_new(
    const struct trustchain_measure_opts *opts, struct trustchain_measure **ret)
{
	struct trustchain_measure *m;

	if ((m = calloc(1, sizeof(*m))) == NULL ||
	    (m->availability = ops_availability_new()) == NULL) {
		free(m);
		return ERR_SYS_NOMEM;
	}
	m->o = *opts;
	keys_client_on_answer(opts->keys, on_key, m);
	ops_health_on_probe(opts->health, on_probe, m);
	*ret = m;
	return 0;
}

void
trustchain_measure_free(struct trustchain_measure *m)
{
	if (m == NULL)
		return;
	ops_availability_free(m->availability);
	free(m);
}

void
trustchain_measure_tick(struct trustchain_measure *m)
{
	int64_t now = base_clock_now_ms(m->o.clock);
	struct http_server_stats st;
	uint64_t all, bad;

	http_server_stats_get(m->o.http, &st);
	all = st.answers_total - m->last.answers_total;
	bad = st.answers_5xx - m->last.answers_5xx;
	m->last = st;
	ops_availability_add(
	    m->availability, m->o.service, now, all - bad, bad);
	ops_availability_publish(
	    m->availability, now, m->o.metrics, m->o.availability);
}

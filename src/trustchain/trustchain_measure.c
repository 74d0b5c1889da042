/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_measure.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "http/server.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "ops/availability.h"
#include "ops/health.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "store/file.h"

#define PATH_BYTES 4096
#define SAVE_MS 60000

struct trustchain_measure {
	struct trustchain_measure_opts o;
	struct ops_availability *availability;
	struct http_server_stats last;
	char path[PATH_BYTES];
	int64_t saved_ms;
	uint64_t start_us;
};

static void
on_key(void *ctx, uint8_t slot, int rc)
{
	struct trustchain_measure *m = ctx;

	ops_metrics_add(m->o.metrics, m->o.ids.key_operations,
	    OPS_LABELS(m->o.slot_name(m->o.ctx, slot),
		rc == 0 ? "ok" : base_err_name(rc)),
	    1);
}

static void
on_probe(void *ctx, const char *component, bool ok)
{
	struct trustchain_measure *m = ctx;

	/* The checks at the start find what is only being opened. */
	if (loop_monotonic_us() - m->start_us <
	    (uint64_t)OPS_HEALTH_INTERVAL_MS * 1000 / 2)
		return;
	ops_availability_add(m->availability, component,
	    base_clock_now_ms(m->o.clock), ok ? 1 : 0, ok ? 0 : 1);
}

/*
 * Written without a sync: after a power cut an older text, or none, is no
 * loss worth stopping the loop for, and a torn one is recognised.
 */
static int
write_text(const char *path, const struct buf *text)
{
	char tmp[PATH_BYTES + 8];
	FILE *f;
	bool fine;

	(void)snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	if ((f = fopen(tmp, "we")) == NULL)
		return base_err_from_errno(errno);
	fine = fwrite(text->data, 1, text->len, f) == text->len;
	fine = fclose(f) == 0 && fine;
	if (fine && rename(tmp, path) == 0)
		return 0;
	(void)unlink(tmp);
	return ERR_SYS_IO;
}

static void
save(struct trustchain_measure *m)
{
	struct buf text;
	int rc;

	if (m->o.foreign_state)
		return;
	base_buf_init(&text, OPS_AVAILABILITY_TEXT_MAX);
	rc = ops_availability_save(m->availability, &text);
	if (rc == 0)
		rc = write_text(m->path, &text);
	if (rc != 0)
		OPS_LOG(m->o.log, OPS_LOG_WARN, "measure",
		    "availability not written down",
		    OPS_LOG_STR("error", base_err_name(rc)));
	base_buf_free(&text);
}

/* Best effort: what cannot be read is counted anew. */
static int
take_up(struct trustchain_measure *m)
{
	char folder[PATH_BYTES];
	uint8_t *text = NULL;
	size_t len;
	int rc;

	if (m->o.foreign_state)
		return 0;
	if (base_str_format(folder, sizeof(folder), "%s/%s", m->o.state_dir,
		TRUSTCHAIN_MEASURE_FOLDER) != 0 ||
	    base_str_format(
		m->path, sizeof(m->path), "%s/availability", folder) != 0)
		return ERR_SYS_LIMIT;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		OPS_LOG(m->o.log, OPS_LOG_WARN, "measure",
		    "availability will not be kept",
		    OPS_LOG_STR("error", strerror(errno)));
	rc = store_file_load(m->path, OPS_AVAILABILITY_TEXT_MAX, &text, &len);
	if (rc == 0)
		rc = ops_availability_load(m->availability, text, len);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		OPS_LOG(m->o.log, OPS_LOG_WARN, "measure",
		    "earlier availability not read",
		    OPS_LOG_STR("error", base_err_name(rc)));
	free(text);
	return 0;
}

int
trustchain_measure_new(
    const struct trustchain_measure_opts *opts, struct trustchain_measure **ret)
{
	struct trustchain_measure *m;
	int rc;

	if ((m = calloc(1, sizeof(*m))) == NULL ||
	    (m->availability = ops_availability_new()) == NULL) {
		free(m);
		return ERR_SYS_NOMEM;
	}
	m->o = *opts;
	m->start_us = loop_monotonic_us();
	m->saved_ms = base_clock_now_ms(opts->clock);
	if ((rc = take_up(m)) != 0) {
		ops_availability_free(m->availability);
		free(m);
		return rc;
	}
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
	save(m);
	ops_availability_free(m->availability);
	free(m);
}

/* What the kernel says about this process; a gauge that cannot be read keeps
 * its value. */
static void
machine(struct trustchain_measure *m)
{
	const struct trustchain_measure_ids *id = &m->o.ids;
	unsigned long long pages = 0, resident = 0;
	struct statvfs fs;
	struct rusage u;
	FILE *f;

	if (getrusage(RUSAGE_SELF, &u) == 0)
		ops_metrics_set(m->o.metrics, id->cpu, NULL,
		    (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
			(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) /
			    1e6);
	if ((f = fopen("/proc/self/statm", "re")) != NULL) {
		if (fscanf(f, "%llu %llu", &pages, &resident) == 2)
			ops_metrics_set(m->o.metrics, id->memory, NULL,
			    (double)resident * (double)sysconf(_SC_PAGESIZE));
		(void)fclose(f);
	}
	if (statvfs(m->o.state_dir, &fs) == 0 && fs.f_blocks > 0)
		ops_metrics_set(m->o.metrics, id->disk, NULL,
		    (double)fs.f_bavail / (double)fs.f_blocks);
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
	    m->availability, now, m->o.metrics, m->o.ids.availability);
	machine(m);
	if (now - m->saved_ms < SAVE_MS && now >= m->saved_ms)
		return;
	m->saved_ms = now;
	save(m);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_cleanup.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "ops/log.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_store.h"
#include "wire/json.h"
#include "wire/time.h"

#define DAY_MS INT64_C(86400000)
#define ARCHIVE_PAGE_MAX (1U << 20)

struct ca_cleanup {
	struct ca_cleanup_opts o;
	struct loop_pool *pool; /* one thread: it waits for the store */
	struct loop_timer *timer;
	atomic_bool stop;
	bool running, archive;
	ca_cleanup_fn *fn;
	void *ctx;
	struct ca_cleanup_result result;
	int64_t now_ms;
	size_t n_issuers;
	/* The page at hand. */
	struct ca_batch *batch;
	struct buf lines; /* for the archive */
	size_t seen, changed, revoked;
	int64_t last, last_id;
	int rc;
};

/* ${ms} of a revoked row as text, or null. */
static json_t *
time_json(int64_t ms)
{
	char text[WIRE_TIME_TEXT_MAX];

	wire_time_format(ms, text);
	return json_string(text);
}

/* One line about a revoked certificate that is about to be forgotten. */
static int
add_line(struct ca_cleanup *c, const struct ca_expired *row)
{
	json_t *o =
	    json_pack("{s:s, s:s, s:s*, s:s*, s:o, s:o, s:o, s:I}", "serial",
		row->serial, "issuer", row->issuer, "profile", row->profile,
		"owner", row->owner, "not_before", time_json(row->not_before),
		"not_after", time_json(row->not_after), "revoked_at",
		time_json(row->revoked_at), "reason", (json_int_t)row->reason);
	size_t len;
	char *text = o == NULL ? NULL : wire_json_dump(o, &len);
	int rc = text == NULL ? ERR_SYS_NOMEM
			      : base_buf_append(&c->lines, text, len);

	if (rc == 0)
		rc = base_buf_append(&c->lines, "\n", 1);
	free(text);
	json_decref(o);
	return rc;
}

static void
see(struct ca_cleanup *c, const struct ca_expired *row)
{
	c->seen++;
	c->last = row->not_after;
	c->last_id = row->id;
}

static void
remove_row(void *ctx, const struct ca_expired *row)
{
	struct ca_cleanup *c = ctx;

	see(c, row);
	if (c->rc == 0 && c->archive && row->revoked_at != 0) {
		c->rc = add_line(c, row);
		c->revoked++;
	}
	c->changed++;
	ca_batch_drop_cert(c->batch, row->id);
}

static void
drop_der(void *ctx, const struct ca_expired *row)
{
	struct ca_cleanup *c = ctx;

	see(c, row);
	if (!row->has_der)
		return;
	c->changed++;
	ca_batch_drop_der(c->batch, row->id);
}

/* Durable before the rows go; a crash between leaves lines twice. */
static int
write_archive(struct ca_cleanup *c)
{
	char now[WIRE_TIME_TEXT_MAX], path[4096];
	struct store_file *f;
	int rc;

	if (c->lines.len == 0)
		return 0;
	wire_time_format(c->now_ms, now);
	rc = base_str_format(path, sizeof(path),
	    "%s/" CA_CLEANUP_FOLDER "/%.7s.jsonl",
	    c->o.config->server.state_dir, now);
	if (rc != 0 ||
	    (rc = store_file_open(c->o.disk, path, O_CREAT, 0600, &f)) != 0)
		return rc;
	rc = store_file_append(f, c->lines.data, c->lines.len);
	if (rc == 0)
		rc = store_file_sync(f, "ca.archive");
	store_file_close(f);
	if (rc == 0)
		rc = store_disk_sync_parent(c->o.disk, path, "ca.archive.dir");
	c->lines.len = 0;
	return rc;
}

/* One page; how many rows it had is in c->seen. */
static int
do_page(struct ca_cleanup *c, const struct ca_expired_page *page)
{
	struct ca_batch *b;
	int rc;

	c->seen = c->changed = c->revoked = 0;
	c->rc = 0;
	if ((c->batch = ca_batch_new()) == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = c->o.store->ops->list_expired(c->o.store, page)) == 0)
		rc = c->rc;
	if (rc == 0)
		rc = write_archive(c);
	b = c->batch;
	c->batch = NULL;
	if (rc != 0 || c->changed == 0) {
		ca_batch_free(b);
		return rc;
	}
	return c->o.store->ops->submit_wait(c->o.store, b);
}

static int
remove_rows(struct ca_cleanup *c, const char *issuer)
{
	const struct ca_expired_page page = { issuer, 0, -1,
		c->now_ms - c->o.config->store.retain_row_d * DAY_MS,
		CA_CLEANUP_PAGE, remove_row, c };
	int rc;

	do {
		if ((rc = do_page(c, &page)) != 0)
			return rc;
		c->result.rows_removed += c->changed;
		c->result.archived += c->revoked;
	} while (c->seen == CA_CLEANUP_PAGE && !atomic_load(&c->stop));
	return 0;
}

static int
drop_ders(struct ca_cleanup *c, const char *issuer)
{
	struct ca_expired_page page = { issuer, 0, -1,
		c->now_ms - c->o.config->store.retain_der_d * DAY_MS,
		CA_CLEANUP_PAGE, drop_der, c };
	int rc;

	do {
		if ((rc = do_page(c, &page)) != 0)
			return rc;
		c->result.der_dropped += c->changed;
		page.after = c->last;
		page.after_id = c->last_id;
	} while (c->seen == CA_CLEANUP_PAGE && !atomic_load(&c->stop));
	return 0;
}

static void
work(void *ctx)
{
	struct ca_cleanup *c = ctx;
	const struct ca_authority *a = c->o.authority;
	size_t i, n = c->n_issuers;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		if ((rc = remove_rows(c, a->issuer[i].id)) == 0)
			rc = drop_ders(c, a->issuer[i].id);
	c->result.rc = rc;
}

static void
done(void *ctx)
{
	struct ca_cleanup *c = ctx;
	const struct ca_cleanup_result *r = &c->result;

	c->running = false;
	OPS_LOG(c->o.log, r->rc == 0 ? OPS_LOG_INFO : OPS_LOG_ERROR, "store",
	    "expired certificates cleaned up",
	    OPS_LOG_INT("der_dropped", r->der_dropped),
	    OPS_LOG_INT("rows_removed", r->rows_removed),
	    OPS_LOG_INT("archived", r->archived),
	    OPS_LOG_STR("error", r->rc == 0 ? "" : base_err_name(r->rc)));
	if (c->fn != NULL)
		c->fn(c->ctx, r);
}

int
ca_cleanup_run(struct ca_cleanup *c, bool archive, ca_cleanup_fn *fn, void *ctx)
{
	int rc;

	if (c->running)
		return ERR_STATE_CONFLICT;
	memset(&c->result, 0, sizeof(c->result));
	c->archive = archive;
	c->fn = fn;
	c->ctx = ctx;
	c->now_ms = base_clock_now_ms(c->o.clock);
	/* More may come meanwhile; the entries that are there stay. */
	c->n_issuers = c->o.authority->n_issuers;
	if ((rc = loop_pool_submit(c->pool, work, done, c)) == 0)
		c->running = true;
	return rc;
}

/* Milliseconds until the time of day that is configured, "HH:MM". */
static uint64_t
wait_ms(const struct ca_cleanup *c)
{
	const char *at = c->o.config->rotate.cleanup_at;
	int64_t minutes = ((at[0] - '0') * 10 + (at[1] - '0')) * 60 +
			  (at[3] - '0') * 10 + (at[4] - '0');
	int64_t now = base_clock_now_ms(c->o.clock);
	int64_t wait = minutes * 60000 - now % DAY_MS;

	return (uint64_t)(wait > 0 ? wait : wait + DAY_MS);
}

static void
on_time(void *ctx)
{
	struct ca_cleanup *c = ctx;
	int rc = ca_cleanup_run(c, true, NULL, NULL);

	if (rc != 0)
		OPS_LOG(c->o.log, OPS_LOG_WARN, "store", "no clean-up today",
		    OPS_LOG_STR("error", base_err_name(rc)));
	loop_timer_start(c->timer, wait_ms(c), 0);
}

int
ca_cleanup_new(const struct ca_cleanup_opts *opts, struct ca_cleanup **ret)
{
	struct ca_cleanup *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	c->o = *opts;
	base_buf_init(&c->lines, ARCHIVE_PAGE_MAX);
	atomic_init(&c->stop, false);
	if ((rc = loop_pool_new(opts->loop, 1, 2, &c->pool)) != 0 ||
	    (rc = loop_timer_new(opts->loop, on_time, c, &c->timer)) != 0) {
		ca_cleanup_free(c);
		return rc;
	}
	loop_timer_start(c->timer, wait_ms(c), 0);
	*ret = c;
	return 0;
}

void
ca_cleanup_free(struct ca_cleanup *c)
{
	if (c == NULL)
		return;
	atomic_store(&c->stop, true);
	loop_pool_free(c->pool);
	if (c->running && c->fn != NULL) {
		c->result.rc = ERR_SYS_CANCELLED;
		c->fn(c->ctx, &c->result);
	}
	loop_timer_free(c->timer);
	base_buf_free(&c->lines);
	free(c);
}

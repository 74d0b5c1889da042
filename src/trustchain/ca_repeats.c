/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_repeats.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "loop/timer.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"
#include "wire/json.h"

struct row {
	char who[CA_REPEATS_KEY_MAX];
	unsigned count;
};

struct ca_repeats {
	struct ca_repeats_opts o;
	struct loop_timer *timer;
	size_t n;
	struct row row[CA_REPEATS_ROWS]; /* the last one is for all others */
};

static void
flushed(void *ctx, int rc)
{
	(void)ctx;
	(void)rc; /* a read-only store is reported by its own means */
}

static void
put(const struct ca_repeats *t, const struct row *row, struct ca_batch *b)
{
	json_t *o = json_pack("{s:s, s:i}", t->o.member, row->who, "count",
	    (int)row->count);
	char *text = o == NULL ? NULL : wire_json_dump(o, NULL);

	ca_batch_outbox(b, base_clock_now_ms(t->o.clock), t->o.event, text);
	free(text);
	json_decref(o);
}

/* What cannot be written is counted on. */
static void
flush(void *ctx)
{
	struct ca_repeats *t = ctx;
	struct ca_batch *b = t->n == 0 ? NULL : ca_batch_new();

	if (b == NULL)
		return;
	for (size_t i = 0; i < t->n; i++)
		put(t, &t->row[i], b);
	if (t->o.store->ops->submit(t->o.store, b, flushed, NULL) == 0)
		t->n = 0;
}

int
ca_repeats_new(const struct ca_repeats_opts *opts, struct ca_repeats **ret)
{
	struct ca_repeats *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return ERR_SYS_NOMEM;
	t->o = *opts;
	rc = loop_timer_new(opts->loop, flush, t, &t->timer);
	if (rc != 0) {
		free(t);
		return rc;
	}
	loop_timer_start(t->timer, CA_REPEATS_MS, CA_REPEATS_MS);
	*ret = t;
	return 0;
}

void
ca_repeats_free(struct ca_repeats *t)
{
	if (t == NULL)
		return;
	flush(t);
	loop_timer_free(t->timer);
	free(t);
}

void
ca_repeats_count(struct ca_repeats *t, const char *who)
{
	char key[CA_REPEATS_KEY_MAX];
	size_t i = 0;

	(void)snprintf(key, sizeof(key), "%.*s", CA_REPEATS_KEY_MAX - 1, who);
	while (i < t->n && strcmp(t->row[i].who, key) != 0)
		i++;
	if (i >= CA_REPEATS_ROWS - 1) {
		i = CA_REPEATS_ROWS - 1;
		memcpy(key, CA_REPEATS_OTHERS, sizeof(CA_REPEATS_OTHERS));
	}
	if (i == t->n) {
		memcpy(t->row[i].who, key, sizeof(key));
		t->row[i].count = 0;
		t->n++;
	}
	t->row[i].count++;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim/issue_ca_internal.h"

static void start_batch(struct issue_ca *ca);

static void
result(struct issue_ca *ca, const struct ca_write *w, enum pki_issue_event e)
{
	struct ca_result r = { w->job, w->asked_in, e };

	if (w->job != 0)
		issue_ca_later(ca, 0, &r);
}

static void
apply(struct issue_ca *ca, const struct issue_row *row)
{
	issue_table_put(&ca->table, row);
	if (row->state == ISSUE_ROW_EPOCH)
		ca->epoch = row->epoch;
}

static void
on_synced(void *ctx, int rc, const void *data, size_t len)
{
	struct issue_ca *ca = ctx;
	struct ca_write batch[CA_BATCH_MAX];
	size_t n = ca->n_batch;

	(void)data;
	(void)len;
	/* What a failed sync left on the disk nobody knows: start anew. */
	if (rc != 0) {
		sim_world_exit(ca->sim->world, ISSUE_CA);
		return;
	}
	memcpy(batch, ca->batch, n * sizeof(batch[0]));
	ca->n_batch = 0;
	ca->writing = false;
	for (size_t i = 0; i < n; i++)
		apply(ca, &batch[i].row);
	for (size_t i = 0; i < n; i++)
		result(ca, &batch[i], PKI_ISSUE_EV_OK);
	start_batch(ca);
}

/* The condition of a write: C2 and the end of a row want it pending, and C2
 * the epoch in which it was admitted. */
static bool
allowed(struct issue_ca *ca, const struct ca_write *w, uint32_t epoch)
{
	struct issue_row *old = issue_table_find(&ca->table, w->row.serial);

	if (w->row.state == ISSUE_ROW_PENDING)
		return old == NULL && w->row.epoch == epoch;
	if (w->row.state == ISSUE_ROW_EPOCH)
		return true;
	if (old == NULL || old->state != ISSUE_ROW_PENDING)
		return false;
	return w->row.state == ISSUE_ROW_ABANDONED || w->row.epoch == epoch;
}

static bool
told_early(const struct issue_ca *ca, const struct ca_write *w)
{
	return (ca->sim->broken == ISSUE_EARLY_C1 &&
		   w->row.state == ISSUE_ROW_PENDING) ||
	       (ca->sim->broken == ISSUE_EARLY_C2 &&
		   w->row.state == ISSUE_ROW_ISSUED);
}

/* Write all that waits, up to a batch, and sync once. */
static void
start_batch(struct issue_ca *ca)
{
	struct ca_write taken[CA_BATCH_MAX];
	enum pki_issue_event outcome[CA_BATCH_MAX];
	uint32_t epoch = ca->epoch;
	size_t n = ca->n_queue < CA_BATCH_MAX ? ca->n_queue : CA_BATCH_MAX;

	if (ca->writing || n == 0)
		return;
	memcpy(taken, ca->queue, n * sizeof(taken[0]));
	ca->n_queue -= n;
	memmove(ca->queue, ca->queue + n, ca->n_queue * sizeof(taken[0]));
	for (size_t i = 0; i < n; i++) {
		outcome[i] = PKI_ISSUE_EV_OK;
		if (!allowed(ca, &taken[i], epoch))
			outcome[i] = PKI_ISSUE_EV_REFUSED;
		else if (issue_wal_append(ca->sim->ca_disk, &taken[i].row) != 0)
			outcome[i] = PKI_ISSUE_EV_ERROR;
		else
			ca->batch[ca->n_batch++] = taken[i];
		if (outcome[i] == PKI_ISSUE_EV_OK &&
		    taken[i].row.state == ISSUE_ROW_EPOCH)
			epoch = taken[i].row.epoch;
	}
	ca->writing = ca->n_batch > 0;
	if (ca->writing)
		sim_disk_sync(ca->sim->ca_disk, on_synced, NULL, 0);
	for (size_t i = 0; i < n; i++)
		if (outcome[i] != PKI_ISSUE_EV_OK || told_early(ca, &taken[i]))
			result(ca, &taken[i], outcome[i]);
	start_batch(ca);
}

static void
queue(struct issue_ca *ca, const struct ca_write *w)
{
	if (ca->n_queue == CA_QUEUE_MAX) {
		result(ca, w, PKI_ISSUE_EV_ERROR);
		return;
	}
	ca->queue[ca->n_queue++] = *w;
	start_batch(ca);
}

void
issue_ca_commit(
    struct issue_ca *ca, struct ca_job *j, enum issue_row_state state)
{
	struct ca_write w = { .job = j->id, .asked_in = j->machine.state };

	j->row.state = state;
	w.row = j->row;
	queue(ca, &w);
}

void
issue_ca_next_epoch(struct issue_ca *ca)
{
	struct ca_write w = { .row = { .state = ISSUE_ROW_EPOCH,
				  .epoch = ca->epoch + 1 } };

	queue(ca, &w);
}

static void
on_start_synced(void *ctx, int rc, const void *data, size_t len)
{
	struct issue_ca *ca = ctx;

	(void)data;
	(void)len;
	if (rc != 0)
		sim_world_exit(ca->sim->world, ISSUE_CA);
	else
		issue_ca_ready(ca);
}

/* What a crash left in the file may not be on the disk: it is synced before
 * anything is made of it. */
void
issue_ca_start(void *ctx)
{
	struct issue_ca *ca = ctx;
	struct issue_row *epoch;
	const uint8_t *bytes;
	size_t len;

	bytes = sim_disk_bytes(ca->sim->ca_disk, &len);
	sim_disk_truncate(
	    ca->sim->ca_disk, issue_wal_read(bytes, len, &ca->table));
	epoch = issue_table_find(&ca->table, 0);
	ca->epoch = epoch != NULL ? epoch->epoch : 0;
	if (ca->sim->broken == ISSUE_UNSYNCED_START)
		issue_ca_ready(ca);
	else
		sim_disk_sync(ca->sim->ca_disk, on_start_synced, NULL, 0);
}

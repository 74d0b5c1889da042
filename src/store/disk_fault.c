/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk_fault.h"

#include "base/str.h"
#include "store/disk_internal.h"
#include "store/track.h"

uint64_t
store_disk_fault_ops(const struct store_disk *d)
{
	return d->ops;
}

void
store_disk_fault_sync_delay(struct store_disk *d, unsigned int ms)
{
	d->sync_delay_ms = ms;
}

void
store_disk_fault_fail(struct store_disk *d, uint64_t op, int err)
{
	d->fail_errno = err;
	d->fail_op = op;
}

void
store_disk_fault_stop(struct store_disk *d, uint64_t op)
{
	d->stop_op = op;
}

void
store_disk_fault_skip(struct store_disk *d, const char *name)
{
	pthread_mutex_lock(&d->mutex);
	if (name == NULL || base_str_copy(d->skip, sizeof(d->skip), name) != 0)
		d->skip[0] = '\0';
	pthread_mutex_unlock(&d->mutex);
}

int
store_disk_fault_track(struct store_disk *d)
{
	if (d->track == NULL)
		d->track = store_track_new();
	return d->track == NULL ? ERR_SYS_NOMEM : 0;
}

int
store_disk_fault_cut(struct store_disk *d)
{
	return store_disk_fault_cut_some(d, 0);
}

int
store_disk_fault_cut_some(struct store_disk *d, uint64_t seed)
{
	int err;

	if (d->track == NULL)
		return ERR_STATE_CLOSED;
	pthread_mutex_lock(&d->mutex);
	err = store_track_cut(d->track, seed);
	pthread_mutex_unlock(&d->mutex);
	d->stop_op = 0;
	d->dead = false;
	return err == 0 ? 0 : base_err_from_errno(err);
}

void
store_disk_fault_names(
    struct store_disk *d, void (*fn)(void *, const char *), void *ctx)
{
	size_t i;

	for (i = 0; i < d->n_names; i++)
		fn(ctx, d->names[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "sim/sim_rng.h"

#define SECTOR 512
#define SYNC_DATA_MAX 64

struct image {
	uint8_t *bytes;
	size_t len, capacity;
};

/* A write that is not on the disk for sure; len 0: cut to ${offset}. */
struct dirty {
	size_t offset, len;
	uint64_t number;
};

struct sim_disk {
	struct sim_world *world;
	uint32_t node;
	struct sim_disk_rates rates;
	struct image file, disk;
	struct dirty *dirty;
	size_t n_dirty;
	uint64_t number; /* of the last write */
};

struct sync {
	struct sim_disk *disk;
	uint64_t number;
	int rc;
	sim_disk_fn *fn;
	size_t len;
	uint8_t data[SYNC_DATA_MAX];
};

int
sim_disk_new(struct sim_world *w, uint32_t node,
    const struct sim_disk_rates *rates, struct sim_disk **ret)
{
	struct sim_disk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return ERR_SYS_NOMEM;
	d->world = w;
	d->node = node;
	d->rates = *rates;
	*ret = d;
	return 0;
}

void
sim_disk_free(struct sim_disk *d)
{
	if (d == NULL)
		return;
	free(d->file.bytes);
	free(d->disk.bytes);
	free(d->dirty);
	free(d);
}

void
sim_disk_rates(struct sim_disk *d, const struct sim_disk_rates *rates)
{
	d->rates = *rates;
}

/* Make room for ${len} bytes, in the file and on the disk. */
static int
reserve(struct image *i, size_t len)
{
	size_t capacity = i->capacity > 0 ? i->capacity : 4096;
	uint8_t *bytes;

	if (len <= i->capacity)
		return 0;
	while (capacity < len)
		capacity *= 2;
	bytes = realloc(i->bytes, capacity);
	if (bytes == NULL)
		return ERR_SYS_NOMEM;
	i->bytes = bytes;
	i->capacity = capacity;
	return 0;
}

static void
copy_in(struct image *i, size_t offset, const uint8_t *bytes, size_t len)
{
	/* What was never written reads as zero. */
	if (offset > i->len)
		memset(i->bytes + i->len, 0, offset - i->len);
	memcpy(i->bytes + offset, bytes, len);
	if (i->len < offset + len)
		i->len = offset + len;
}

static int
note_dirty(struct sim_disk *d, size_t offset, size_t len)
{
	struct dirty *list =
	    reallocarray(d->dirty, d->n_dirty + 1, sizeof(*list));

	if (list == NULL)
		return ERR_SYS_NOMEM;
	d->dirty = list;
	list[d->n_dirty++] = (struct dirty){ offset, len, ++d->number };
	return 0;
}

int
sim_disk_write(struct sim_disk *d, size_t offset, const void *bytes, size_t len)
{
	TROTH_ASSERT(offset <= d->file.len);
	if (!sim_world_effect(d->world, d->node))
		return 0; /* died before; what it believes does not matter */
	if (sim_rng_chance(sim_world_rng(d->world), d->rates.write_fails))
		return ERR_SYS_NOSPACE;
	if (reserve(&d->file, offset + len) != 0 ||
	    reserve(&d->disk, offset + len) != 0 ||
	    note_dirty(d, offset, len) != 0)
		return ERR_SYS_NOMEM;
	copy_in(&d->file, offset, bytes, len);
	return 0;
}

void
sim_disk_truncate(struct sim_disk *d, size_t len)
{
	if (!sim_world_effect(d->world, d->node) || len >= d->file.len ||
	    note_dirty(d, len, 0) != 0)
		return;
	d->file.len = len;
}

/* Bring one write to the disk: the bytes as the file has them now.  Of one
 * that was cut off again nothing is left to bring. */
static void
settle(struct sim_disk *d, size_t offset, size_t len)
{
	if (offset >= d->file.len)
		return;
	if (len > d->file.len - offset)
		len = d->file.len - offset;
	copy_in(&d->disk, offset, d->file.bytes + offset, len);
}

static void
synced(struct sim_disk *d, uint64_t number)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n_dirty; i++) {
		if (d->dirty[i].number > number)
			d->dirty[kept++] = d->dirty[i];
		else if (d->dirty[i].len > 0)
			settle(d, d->dirty[i].offset, d->dirty[i].len);
		else if (d->disk.len > d->dirty[i].offset)
			d->disk.len = d->dirty[i].offset;
	}
	d->n_dirty = kept;
}

static void
on_sync(void *ctx, const void *data, size_t len)
{
	const struct sync *s = data;

	(void)len;
	if (s->rc == 0)
		synced(s->disk, s->number);
	s->fn(ctx, s->rc, s->data, s->len);
}

void
sim_disk_sync(struct sim_disk *d, sim_disk_fn *fn, const void *data, size_t len)
{
	struct sim_rng *rng = sim_world_rng(d->world);
	struct sync s = { .disk = d, .number = d->number, .fn = fn };

	TROTH_ASSERT(len <= sizeof(s.data));
	if (!sim_world_effect(d->world, d->node))
		return;
	s.rc = sim_rng_chance(rng, d->rates.sync_fails) ? ERR_SYS_IO : 0;
	s.len = len;
	if (len > 0)
		memcpy(s.data, data, len);
	sim_world_after(d->world, d->node,
	    d->rates.sync_us_min +
		sim_rng_below(
		    rng, d->rates.sync_us_max - d->rates.sync_us_min + 1),
	    on_sync, &s, sizeof(s));
}

void
sim_disk_power(struct sim_disk *d)
{
	struct sim_rng *rng = sim_world_rng(d->world);
	size_t at, end, next;

	for (size_t i = 0; i < d->n_dirty; i++) {
		at = d->dirty[i].offset;
		end = at + d->dirty[i].len;
		if (d->dirty[i].len == 0 && sim_rng_chance(rng, 500000) &&
		    d->disk.len > at)
			d->disk.len = at;
		for (; at < end; at = next) {
			next = (at / SECTOR + 1) * SECTOR;
			if (next > end)
				next = end;
			if (sim_rng_chance(rng, 500000))
				settle(d, at, next - at);
		}
	}
	d->n_dirty = 0;
	d->file.len = 0;
	if (d->disk.len > 0)
		copy_in(&d->file, 0, d->disk.bytes, d->disk.len);
}

const uint8_t *
sim_disk_bytes(const struct sim_disk *d, size_t *ret_len)
{
	*ret_len = d->file.len;
	return d->file.bytes;
}

const uint8_t *
sim_disk_durable(const struct sim_disk *d, size_t *ret_len)
{
	*ret_len = d->disk.len;
	return d->disk.bytes;
}

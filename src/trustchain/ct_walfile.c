/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_walfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "store/disk.h"
#include "store/file.h"

enum { PATH_BYTES = 4096, SEGMENTS_MAX = 65536, NAME_LEN = 20 };

struct ct_walfile {
	struct store_disk *disk;
	char dir[PATH_BYTES]; /* .../wal */
	size_t segment_max;
	struct store_file *file; /* of the last segment */
	uint64_t next;
	uint8_t trailer[CT_WAL_TRAILER_LEN];

	pthread_mutex_t lock; /* for the two below */
	uint64_t *first;      /* of each segment, ascending */
	size_t count, cap;
};

static int
segment_path(const struct ct_walfile *w, uint64_t first, char *ret)
{
	return base_str_format(ret, PATH_BYTES, "%s/%016llx.wal", w->dir,
	    (unsigned long long)first);
}

static int
add_segment(struct ct_walfile *w, uint64_t first)
{
	uint64_t *grown;
	size_t cap;

	if (w->count == SEGMENTS_MAX)
		return ERR_SYS_LIMIT;
	if (w->count == w->cap) {
		cap = w->cap == 0 ? 16 : 2 * w->cap;
		grown = realloc(w->first, cap * sizeof(*grown));
		if (grown == NULL)
			return ERR_SYS_NOMEM;
		w->first = grown;
		w->cap = cap;
	}
	w->first[w->count++] = first;
	return 0;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* "<16 hex>.wal"; anything else in the folder is not ours. */
static int
parse_name(const char *name, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t v = 0;
	const char *d;
	int i;

	if (strlen(name) != NAME_LEN || strcmp(name + 16, ".wal") != 0)
		return 0;
	for (i = 0; i < 16; i++) {
		if ((d = strchr(digits, name[i])) == NULL)
			return 0;
		v = v << 4 | (uint64_t)(d - digits);
	}
	*ret = v;
	return 1;
}

static int
list_segments(struct ct_walfile *w)
{
	struct dirent *e;
	uint64_t first;
	int rc = 0;
	DIR *d;

	if ((d = opendir(w->dir)) == NULL)
		return base_err_from_errno(errno);
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (parse_name(e->d_name, &first))
			rc = add_segment(w, first);
	closedir(d);
	if (rc == 0 && w->count > 1)
		qsort(w->first, w->count, sizeof(*w->first), by_value);
	return rc;
}

/* The directory entry of a new segment is durable before a record in it
 * counts; the header becomes so with the first record, and without records a
 * torn header means nothing. */
static int
start_segment(struct ct_walfile *w)
{
	uint8_t raw[CT_WAL_HEADER_LEN];
	struct ct_wal_header header;
	struct store_file *file;
	char path[PATH_BYTES];
	int rc;

	header.first = w->next;
	memcpy(header.prev, w->trailer, sizeof(header.prev));
	ct_wal_header_encode(&header, raw);
	if ((rc = segment_path(w, w->next, path)) != 0)
		return rc;
	rc = store_file_open(w->disk, path, O_CREAT | O_TRUNC, 0644, &file);
	if (rc != 0)
		return rc;
	if ((rc = store_file_append(file, raw, sizeof(raw))) != 0 ||
	    (rc = store_disk_sync_dir(w->disk, w->dir, "ct.wal.segment")) !=
		0) {
		store_file_close(file);
		return rc;
	}
	store_file_close(w->file);
	w->file = file;
	pthread_mutex_lock(&w->lock);
	if (w->count == 0 || w->first[w->count - 1] != w->next)
		rc = add_segment(w, w->next);
	pthread_mutex_unlock(&w->lock);
	return rc;
}

/* One segment while opening. */
struct replay {
	const struct ct_walfile_opts *opts;
	struct fault *f;
	int last, chained;
	uint64_t first; /* by its name */
	size_t keep;	/* octets before a torn record; 0: all of it torn */
	int torn;
};

static int
corrupt(const struct replay *r, const char *what)
{
	return base_fault_set(r->f, ERR_STATE_INTEGRITY,
	    "write-ahead log segment %016llx: %s", (unsigned long long)r->first,
	    what);
}

static int
replay_records(struct ct_walfile *w, struct replay *r, struct ct_wal_scan *scan)
{
	struct ct_wal_record record;
	enum ct_wal_result result;
	int rc;

	while ((result = ct_wal_scan_next(scan, &record)) == CT_WAL_RECORD) {
		rc = r->opts->each(r->opts->ctx, &record);
		if (rc != 0)
			return rc;
	}
	if (result == CT_WAL_CORRUPT)
		return corrupt(r, "a bad record before a good one");
	if (result == CT_WAL_TORN && !r->last)
		return corrupt(r, "a bad record before the next segment");
	r->torn = result == CT_WAL_TORN;
	r->keep = scan->pos;
	w->next = scan->next;
	memcpy(w->trailer, scan->trailer, sizeof(w->trailer));
	return 0;
}

/*
 * Is this header what must follow?  A jump is allowed only over entries that
 * the tiles have: a backup copies the log before the tiles.  The first
 * segment there is, unless it is the very first, has nothing to be compared
 * with.
 */
static int
check_header(const struct ct_walfile *w, const struct replay *r,
    const struct ct_wal_header *header)
{
	if (header->first != r->first)
		return corrupt(r, "header does not match the file name");
	if (r->chained && header->first < w->next)
		return corrupt(r, "overlaps the segment before");
	if (header->first > w->next && header->first > r->opts->published)
		return corrupt(r, "entries before it are missing");
	if (header->first == w->next && (r->chained || w->next == 0) &&
	    memcmp(header->prev, w->trailer, sizeof(w->trailer)) != 0)
		return corrupt(r, "does not continue the chain");
	return 0;
}

static int
replay_segment(struct ct_walfile *w, struct replay *r)
{
	struct ct_wal_header header;
	struct ct_wal_scan scan;
	char path[PATH_BYTES];
	uint8_t *data;
	size_t len;
	int rc;

	if ((rc = segment_path(w, r->first, path)) != 0)
		return rc;
	rc = store_file_load(
	    path, CT_WAL_SEGMENT_MAX + 2u * CT_WAL_PAYLOAD_MAX, &data, &len);
	if (rc != 0)
		return rc;
	rc = ct_wal_header_parse(data, len, &header);
	if (rc != 0) {
		/* Never synced, so it holds nothing that was promised. */
		r->torn = r->last && len <= CT_WAL_HEADER_LEN;
		rc = r->torn ? 0 : corrupt(r, "bad header");
		r->keep = 0;
	} else if ((rc = check_header(w, r, &header)) == 0) {
		ct_wal_scan_init(&scan, data, len, &header);
		memcpy(w->trailer, header.prev, sizeof(w->trailer));
		rc = replay_records(w, r, &scan);
	}
	free(data);
	return rc;
}

/* Open the last segment for appending, without its torn end. */
static int
resume(struct ct_walfile *w, const struct replay *r)
{
	char path[PATH_BYTES];
	int rc;

	if (r->keep == 0) {
		/* The header itself is torn: write the segment anew. */
		w->count--;
		return start_segment(w);
	}
	if ((rc = segment_path(w, r->first, path)) != 0 ||
	    (rc = store_file_open(w->disk, path, 0, 0, &w->file)) != 0)
		return rc;
	if (!r->torn)
		return 0;
	/* Not synced: if the torn end comes back it is cut again, and the sync
	 * of the next record makes both durable. */
	return store_file_truncate(w->file, r->keep);
}

static int
replay_all(
    struct ct_walfile *w, const struct ct_walfile_opts *opts, struct fault *f)
{
	struct replay r = { opts, f, 0, 0, 0, 0, 0 };
	size_t i;
	int rc;

	for (i = 0; i < w->count; i++) {
		r.first = w->first[i];
		r.last = i + 1 == w->count;
		r.chained = i > 0;
		if ((rc = replay_segment(w, &r)) != 0)
			return rc;
	}
	if (w->count > 0 && (rc = resume(w, &r)) != 0)
		return rc;
	if (w->count == 0 && opts->published > 0)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "no write-ahead log, although %llu entries are published",
		    (unsigned long long)opts->published);
	if (w->count == 0)
		return start_segment(w);
	/* Tiles ahead of the log: go on after the tiles. */
	if (w->next < opts->published) {
		w->next = opts->published;
		return start_segment(w);
	}
	return 0;
}

int
ct_walfile_open(const struct ct_walfile_opts *opts, struct ct_walfile **ret,
    struct fault *f)
{
	struct ct_walfile *w;
	int rc;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_SYS_NOMEM;
	pthread_mutex_init(&w->lock, NULL);
	w->disk = opts->disk;
	w->segment_max = opts->segment_max;
	memcpy(w->trailer, opts->digest, sizeof(w->trailer));
	rc = base_str_format(w->dir, sizeof(w->dir), "%s/wal", opts->dir);
	if (rc == 0)
		rc = list_segments(w);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = base_fault_set(f, ERR_STATE_INTEGRITY,
		    "%s: the write-ahead log is missing", w->dir);
	if (rc == 0)
		rc = replay_all(w, opts, f);
	if (rc != 0) {
		ct_walfile_close(w);
		return rc;
	}
	*ret = w;
	return 0;
}

void
ct_walfile_close(struct ct_walfile *w)
{
	if (w == NULL)
		return;
	store_file_close(w->file);
	pthread_mutex_destroy(&w->lock);
	free(w->first);
	free(w);
}

uint64_t
ct_walfile_next(const struct ct_walfile *w)
{
	return w->next;
}

int
ct_walfile_append(struct ct_walfile *w, struct buf *record, unsigned count)
{
	uint8_t trailer[CT_WAL_TRAILER_LEN];
	int rc;

	if (store_file_size(w->file) > CT_WAL_HEADER_LEN &&
	    store_file_size(w->file) + record->len + CT_WAL_TRAILER_LEN >
		w->segment_max &&
	    (rc = start_segment(w)) != 0)
		return rc;
	memcpy(trailer, w->trailer, sizeof(trailer));
	if ((rc = ct_wal_finish(record, count, trailer)) != 0 ||
	    (rc = store_file_append(w->file, record->data, record->len)) != 0 ||
	    (rc = store_file_sync(w->file, "ct.wal.record")) != 0)
		return rc;
	memcpy(w->trailer, trailer, sizeof(trailer));
	w->next += count;
	return 0;
}

int
ct_walfile_drop(struct ct_walfile *w, uint64_t published)
{
	uint64_t first = 0;
	char path[PATH_BYTES];
	int rc = 0, found;

	for (;;) {
		/* Segment i ends where segment i + 1 begins. */
		pthread_mutex_lock(&w->lock);
		found = w->count > 1 && w->first[1] <= published;
		if (found)
			first = w->first[0];
		pthread_mutex_unlock(&w->lock);
		if (!found)
			return 0;
		if ((rc = segment_path(w, first, path)) != 0 ||
		    (rc = store_disk_unlink(w->disk, path)) != 0)
			return rc;
		pthread_mutex_lock(&w->lock);
		w->count--;
		memmove(w->first, w->first + 1, w->count * sizeof(*w->first));
		pthread_mutex_unlock(&w->lock);
	}
}

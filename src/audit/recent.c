/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/recent.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir_segment.h"
#include "audit/head.h"
#include "audit/prove.h"
#include "audit/source.h"
#include "merkle/tree.h"

/* Read the end of the file; ${ret} is to be freed. */
static int
load_tail(const char *path, char **ret, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	long size, from = 0;
	char *data = NULL;
	int rc = ERR_SYS_IO;

	if (f == NULL)
		return base_err_from_errno(errno);
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0) {
		if (size > (long)AUDIT_RECENT_MAX)
			from = size - (long)AUDIT_RECENT_MAX;
		data = malloc((size_t)(size - from) + 1);
		rc = data == NULL		     ? ERR_SYS_NOMEM
		     : fseek(f, from, SEEK_SET) != 0 ? ERR_SYS_IO
						     : 0;
		if (rc == 0) {
			*ret_len = fread(data, 1, (size_t)(size - from), f);
			rc = ferror(f) ? ERR_SYS_IO : 0;
		}
	}
	fclose(f);
	if (rc != 0) {
		free(data);
		return rc;
	}
	*ret = data;
	return 0;
}

/* The hash of the line that begins with this event id. */
static int
find(const char *path, const char *id, struct merkle_hash *ret)
{
	char begin[96], *data = NULL, *line, *end;
	size_t len = 0;
	int n, rc;

	n = snprintf(begin, sizeof(begin), "{\"event_id\":\"%s\",", id);
	if (n < 0 || (size_t)n >= sizeof(begin))
		return ERR_STATE_NOT_FOUND;
	if ((rc = load_tail(path, &data, &len)) != 0)
		return rc;
	line = memmem(data, len, begin, (size_t)n);
	end = line == NULL ? NULL
			   : memchr(line, '\n', len - (size_t)(line - data));
	if (end == NULL)
		rc = ERR_STATE_NOT_FOUND;
	else
		merkle_tree_leaf(
		    (const uint8_t *)line, (size_t)(end - line), ret);
	free(data);
	return rc;
}

/* Look in audit.log, and if that was begun a moment ago, in the segment that
 * was closed then. */
static int
find_newest(const char *dir, const char *id, struct merkle_hash *ret)
{
	char path[PATH_MAX], *end;
	struct audit_source *s;
	struct audit_part part;
	uint64_t first;
	size_t n;
	int rc;

	if ((rc = audit_dir_log_path(dir, path)) != 0 ||
	    (rc = find(path, id, ret)) != ERR_STATE_NOT_FOUND)
		return rc;
	if ((rc = audit_source_dir(path, dir, &s)) != 0)
		return rc;
	n = audit_source_segments(s);
	rc = ERR_STATE_NOT_FOUND;
	if (n >= 2 && audit_source_segment(s, n - 2, &part, &first) == 0) {
		audit_part_close(&part);
		end = path + strlen(path);
		if (snprintf(end, sizeof(path) - strlen(path), ".%" PRIu64,
			first) < (int)(sizeof(path) - strlen(path)))
			rc = find(path, id, ret);
	}
	audit_source_free(s);
	return rc;
}

int
audit_recent_prove(const char *dir, const struct merkle_vkey *vkey,
    const char *id, uint64_t index, struct merkle_head *ret)
{
	struct merkle_hash leaf;
	struct merkle_head head;
	int rc;

	if ((rc = audit_head_load(dir, vkey, &head)) != 0)
		return rc;
	if (index >= head.size)
		return ERR_STATE_PENDING;
	rc = find_newest(dir, id, &leaf);
	if (rc != 0 || (rc = audit_prove_leaf(dir, &head, index, &leaf)) != 0)
		return rc;
	*ret = head;
	return 0;
}

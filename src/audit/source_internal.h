/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_SOURCE_INTERNAL_H
#define AUDIT_SOURCE_INTERNAL_H

#include "audit/source.h"

enum { AUDIT_SOURCE_NAME_MAX = 101 };

struct audit_source_member {
	char name[AUDIT_SOURCE_NAME_MAX];
	uint64_t offset, len;
};

struct audit_source {
	char *log, *tiles;		    /* a directory's, else NULL */
	int fd;				    /* a bundle's */
	struct audit_source_member *member; /* a bundle's, by name */
	size_t n_members;
	uint64_t *first; /* of each segment, ascending */
	size_t n_segments;
};

/**
 * audit_source_add(s, first):
 * Add a segment.  ERR_SYS_NOMEM, ERR_PEER_TOO_LARGE, ERR_PEER_DUPLICATE after
 * audit_source_sort.
 */
MUST_CHECK int audit_source_add(struct audit_source *s, uint64_t first);

/** audit_source_sort(s): Order the segments.  ERR_PEER_DUPLICATE. */
MUST_CHECK int audit_source_sort(struct audit_source *s);

/**
 * audit_source_number(name, prefix, ret):
 * Parse ${prefix} "." and a decimal number.  Return whether it is that.
 */
bool audit_source_number(const char *name, const char *prefix, uint64_t *ret);

#endif

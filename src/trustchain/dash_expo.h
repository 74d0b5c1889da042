/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_EXPO_H
#define TRUSTCHAIN_DASH_EXPO_H

#include <stddef.h>

#include "base/err.h"

/*
 * The Prometheus text exposition format 0.0.4 as the dashboard reads it from
 * its targets: lines of samples, comments passed over.
 */
#define DASH_EXPO_BYTES_MAX ((size_t)4 << 20)
#define DASH_EXPO_SAMPLES_MAX 20000
#define DASH_EXPO_LABELS_MAX 8
#define DASH_EXPO_NAME_MAX 127
#define DASH_EXPO_VALUE_MAX 127

struct dash_expo_label {
	char name[DASH_EXPO_NAME_MAX + 1];
	char value[DASH_EXPO_VALUE_MAX + 1]; /* escapes undone */
};

struct dash_expo_sample {
	char name[DASH_EXPO_NAME_MAX + 1];
	size_t nlabels;
	struct dash_expo_label label[DASH_EXPO_LABELS_MAX];
	double value; /* may be infinite or not a number */
};

/* Called for each sample; anything but 0 ends the reading with that code. */
typedef int dash_expo_fn(void *ctx, const struct dash_expo_sample *s);

/**
 * dash_expo_parse(text, len, fn, ctx, ret_line):
 * Read a whole document.  ERR_PEER_MALFORMED, ERR_PEER_TRUNCATED (the last
 * line does not end), ERR_PEER_TOO_LARGE beyond the limits above; ${ret_line}
 * (may be NULL) gets the line it is about, from 1.
 */
MUST_CHECK int dash_expo_parse(const void *text, size_t len, dash_expo_fn *fn,
    void *ctx, size_t *ret_line);

/**
 * dash_expo_label(s, name):
 * Return the value of a label, "" when there is none.
 */
const char *dash_expo_label(const struct dash_expo_sample *s, const char *name);

#endif

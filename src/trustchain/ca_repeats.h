/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_REPEATS_H
#define TRUSTCHAIN_CA_REPEATS_H

#include <stddef.h>

#include "base/err.h"

/*
 * Audit events that a stranger can cause at will are counted per who and
 * minute and written once (identity.md section 15), by the outbox.  Those for
 * whom there is no row left in a minute share one, CA_REPEATS_OTHERS.
 */
enum {
	CA_REPEATS_ROWS = 64,
	CA_REPEATS_KEY_MAX = 64, /* with its zero */
	CA_REPEATS_MS = 60000,
};
#define CA_REPEATS_OTHERS "others"

struct ca_store;
struct ca_repeats;
struct clock;
struct loop;

/* All of it outlives the tally. */
struct ca_repeats_opts {
	struct loop *loop;
	struct ca_store *store;
	const struct clock *clock;
	const char *event, *member; /* its name, and that of the "who" in it */
};

/**
 * ca_repeats_new(opts, ret), ca_repeats_free(t):
 * Begin; write the rest and end; NULL may be freed.  ERR_SYS_NOMEM, _OS.
 */
MUST_CHECK int ca_repeats_new(
    const struct ca_repeats_opts *opts, struct ca_repeats **ret);
void ca_repeats_free(struct ca_repeats *t);

/** ca_repeats_count(t, who): once more; a long ${who} is cut. */
void ca_repeats_count(struct ca_repeats *t, const char *who);

#endif

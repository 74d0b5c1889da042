/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_PERIOD_H
#define TRUSTCHAIN_CT_PERIOD_H

#include <stdint.h>

#include "base/err.h"

/*
 * Temporal shards: names and the range of notAfter each one takes.  "2026w48"
 * is ISO week 48, "2026m11" November, "2026d325" the 325th day.
 */
#define CT_PERIOD_NAME_MAX 16

enum ct_period_kind { CT_PERIOD_DAILY, CT_PERIOD_WEEKLY, CT_PERIOD_MONTHLY };

struct ct_period {
	char name[CT_PERIOD_NAME_MAX];
	int64_t start_ms; /* notAfter in [start, end) */
	int64_t end_ms;
};

/**
 * ct_period_at(kind, unix_ms, ret):
 * The period that holds this time.  Years 1970 to 9998; ERR_SYS_CLOCK
 * outside.
 */
MUST_CHECK int ct_period_at(
    enum ct_period_kind kind, int64_t unix_ms, struct ct_period *ret);

/**
 * ct_period_parse(name, ret):
 * The period called ${name}; the kind follows from the letter.  A letter "b"
 * to "z" after it (a shard that took over, section 16) is accepted.
 * ERR_PEER_MALFORMED.
 */
MUST_CHECK int ct_period_parse(const char *name, struct ct_period *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_period.h"

#include <string.h>

#include "base/str.h"

#define DAY_MS INT64_C(86400000)

/*
 * Days since 1970-01-01 of a proleptic Gregorian date; the year starts in
 * March so that the leap day comes last.
 */
static int64_t
days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = y / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

/* Year and month (1 to 12) that hold a day. */
static void
civil_from_days(int64_t days, int64_t *ret_y, unsigned *ret_m)
{
	int64_t y = 1970 + days / 366;
	unsigned m = 1;

	while (days_from_civil(y + 1, 1, 1) <= days)
		y++;
	while (m < 12 && days_from_civil(y, m + 1, 1) <= days)
		m++;
	*ret_y = y;
	*ret_m = m;
}

/* ISO 8601: week 1 holds January 4; weeks begin on Monday. */
static int64_t
week_one(int64_t year)
{
	int64_t jan4 = days_from_civil(year, 1, 4);

	/* 1970-01-01 was a Thursday. */
	return jan4 - (jan4 + 3) % 7;
}

static int
weekly(int64_t days, struct ct_period *ret)
{
	int64_t monday = days - (days + 3) % 7, y;
	unsigned m;

	/* A week belongs to the year of its Thursday. */
	civil_from_days(monday + 3, &y, &m);
	ret->start_ms = monday * DAY_MS;
	ret->end_ms = ret->start_ms + 7 * DAY_MS;
	return base_str_format(ret->name, sizeof(ret->name), "%04dw%02d",
	    (int)y, (int)((monday - week_one(y)) / 7) + 1);
}

int
ct_period_at(enum ct_period_kind kind, int64_t unix_ms, struct ct_period *ret)
{
	struct ct_period p;
	int64_t days, y;
	unsigned m;
	int rc;

	/* 9998-12-31: later dates have five-digit neighbours. */
	if (unix_ms < 0 || unix_ms >= INT64_C(253370764800000))
		return ERR_SYS_CLOCK;
	memset(&p, 0, sizeof(p));
	days = unix_ms / DAY_MS;
	civil_from_days(days, &y, &m);
	if (kind == CT_PERIOD_WEEKLY) {
		rc = weekly(days, &p);
	} else if (kind == CT_PERIOD_MONTHLY) {
		p.start_ms = days_from_civil(y, m, 1) * DAY_MS;
		p.end_ms = days_from_civil(
			       m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1, 1) *
			   DAY_MS;
		rc = base_str_format(
		    p.name, sizeof(p.name), "%04dm%02u", (int)y, m);
	} else {
		p.start_ms = days * DAY_MS;
		p.end_ms = p.start_ms + DAY_MS;
		rc = base_str_format(p.name, sizeof(p.name), "%04dd%03d",
		    (int)y, (int)(days - days_from_civil(y, 1, 1)) + 1);
	}
	if (rc == 0)
		*ret = p;
	return rc;
}

/* ndigits decimal digits; -1 if they are none. */
static int64_t
number(const char *s, size_t ndigits)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < ndigits; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

int
ct_period_parse(const char *name, struct ct_period *ret)
{
	enum ct_period_kind kind;
	size_t len = strlen(name), want;
	int64_t year, n, days;
	struct ct_period p;

	if (len < 7 || (year = number(name, 4)) < 1971 || year > 9998)
		return ERR_PEER_MALFORMED;
	want = name[4] == 'd' ? 8 : 7;
	if (len == want + 1 && name[want] >= 'b' && name[want] <= 'z')
		len--;
	if (len != want || (n = number(name + 5, want - 5)) < 1)
		return ERR_PEER_MALFORMED;
	if (name[4] == 'w') {
		kind = CT_PERIOD_WEEKLY;
		days = week_one(year) + 7 * (n - 1);
	} else if (name[4] == 'm' && n <= 12) {
		kind = CT_PERIOD_MONTHLY;
		days = days_from_civil(year, (unsigned)n, 1);
	} else if (name[4] == 'd') {
		kind = CT_PERIOD_DAILY;
		days = days_from_civil(year, 1, 1) + n - 1;
	} else {
		return ERR_PEER_MALFORMED;
	}
	/* Week 53 or day 366 of a year that has none fails here. */
	if (ct_period_at(kind, days * DAY_MS, &p) != 0 ||
	    strncmp(p.name, name, want) != 0)
		return ERR_PEER_MALFORMED;
	if (base_str_copy(p.name, sizeof(p.name), name) != 0)
		return ERR_PEER_MALFORMED;
	*ret = p;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/time.h"

#include <string.h>

/*
 * Days since 1970-01-01 of a proleptic Gregorian date, and back, by counting
 * in eras of 400 years that begin on 1 March.
 */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2 ? 1 : 0;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_from_days(int64_t z, int *y, int *m, int *d)
{
	int64_t era, doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2 ? 1 : 0));
}

static void
put(char *out, int value, int digits)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
wire_time_format(int64_t unix_ms, char out[WIRE_TIME_TEXT_MAX])
{
	const int64_t min = -62167219200LL, max = 253402300799LL;
	int64_t s = unix_ms / 1000 - (unix_ms % 1000 < 0 ? 1 : 0), day;
	int y, m, d, sec;

	s = s < min ? min : s > max ? max : s;
	day = s / 86400 - (s % 86400 < 0 ? 1 : 0);
	sec = (int)(s - day * 86400);
	civil_from_days(day, &y, &m, &d);
	memcpy(out, "0000-00-00T00:00:00Z", WIRE_TIME_TEXT_MAX);
	put(out, y, 4);
	put(out + 5, m, 2);
	put(out + 8, d, 2);
	put(out + 11, sec / 3600, 2);
	put(out + 14, sec / 60 % 60, 2);
	put(out + 17, sec % 60, 2);
}

static int
get(const char *s, int digits)
{
	int v = 0;

	while (digits-- > 0)
		v = v * 10 + (*s++ - '0');
	return v;
}

int
wire_time_parse(const char *s, size_t len, int64_t *ret)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	int64_t ms;
	char again[WIRE_TIME_TEXT_MAX];
	size_t i;

	if (len != sizeof(form) - 1)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < len; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return ERR_PEER_MALFORMED;
	ms = days_from_civil(get(s, 4), get(s + 5, 2), get(s + 8, 2)) * 86400 +
	     get(s + 11, 2) * 3600 + get(s + 14, 2) * 60 + get(s + 17, 2);
	ms *= 1000;
	/* A month 13, a day 31 of February or a second 60 comes back as
	 * another text. */
	wire_time_format(ms, again);
	if (memcmp(again, s, len) != 0)
		return ERR_PEER_MALFORMED;
	*ret = ms;
	return 0;
}

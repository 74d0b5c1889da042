/* SPDX-License-Identifier: Apache-2.0 */
#include "http/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void
http_date_format(int64_t unix_ms, char out[HTTP_DATE_LEN])
{
	/* Not strftime: its names are those of the locale. */
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)(unix_ms / 1000);
	char text[96];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(text, sizeof(text),
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
	    tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	memcpy(out, text, HTTP_DATE_LEN - 1);
	out[HTTP_DATE_LEN - 1] = '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/line.h"

#include <string.h>

#include "base/str.h"

static const char line_start[] = "{\"event_id\":\"";

int
audit_line_ok(const char *line, size_t len)
{
	size_t i;

	if (len > AUDIT_LINE_MAX || len < sizeof(line_start) ||
	    memcmp(line, line_start, sizeof(line_start) - 1) != 0 ||
	    line[len - 1] != '}')
		return 0;
	for (i = 0; i < len; i++)
		if (line[i] < 0x20 || line[i] > 0x7e)
			return 0;
	return 1;
}

/* The decimal number after the first ${start}, -1 without one. */
static int64_t
number_after(const char *line, size_t len, const char *start)
{
	const char *p, *end = line + len;
	size_t digits;
	uint64_t n;

	/* A quote inside a string is escaped, so this is the member. */
	p = memmem(line, len, start, strlen(start));
	if (p == NULL)
		return -1;
	p += strlen(start);
	for (digits = 0;
	     p + digits < end && p[digits] >= '0' && p[digits] <= '9';)
		digits++;
	if (base_str_u64(p, digits, &n) != 0 || n > INT64_MAX)
		return -1;
	return (int64_t)n;
}

int64_t
audit_line_source(const char *line, size_t len)
{
	int64_t n = number_after(line, len, "\"target\":\"outbox=");

	return n > 0 ? n : 0;
}

int64_t
audit_line_time(const char *line, size_t len)
{
	int64_t ns = number_after(line, len, "\"timestamp_ns\":");

	return ns < 0 ? -1 : ns / 1000000;
}

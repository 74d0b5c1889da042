/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/line.h"
#include "audit/syslog.h"

enum { MSGID_MAX = 32, PRI = 13 * 8 + 6 };

/* The line's action as a MSGID: printable characters without space. */
static void
msgid(const char *line, size_t len, char ret[MSGID_MAX + 1])
{
	static const char start[] = "\"action\":\"";
	const char *p = memmem(line, len, start, sizeof(start) - 1);
	size_t n = 0;

	if (p != NULL)
		for (p += sizeof(start) - 1;
		     p < line + len && n<MSGID_MAX && * p> ' ' && *p < 0x7f &&
		     *p != '"' && *p != '\\';
		     p++)
			ret[n++] = *p;
	if (n == 0)
		ret[n++] = '-';
	ret[n] = '\0';
}

int
audit_syslog_format(const struct audit_syslog_opts *opts, const char *line,
    size_t len, char ret[AUDIT_SYSLOG_MESSAGE_MAX], size_t *ret_len)
{
	int64_t ms = audit_line_time(line, len);
	time_t s = (time_t)(ms < 0 ? 0 : ms / 1000);
	char when[32] = "-", id[MSGID_MAX + 1];
	struct tm tm;
	int n;

	if (ms >= 0 && gmtime_r(&s, &tm) != NULL &&
	    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		(void)snprintf(when + strlen(when), sizeof(when) - strlen(when),
		    ".%03dZ", (int)(ms % 1000));
	msgid(line, len, id);
	n = snprintf(ret, AUDIT_SYSLOG_MESSAGE_MAX,
	    "<%d>1 %s %s %s - %s - %.*s", PRI, when, opts->hostname, opts->app,
	    id, (int)len, line);
	if (n < 0 || n >= AUDIT_SYSLOG_MESSAGE_MAX)
		return ERR_SYS_LIMIT;
	*ret_len = (size_t)n;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "audit/check_internal.h"
#include "audit/check_tiles_internal.h"
#include "audit/line.h"
#include "audit/source.h"
#include "base/str.h"

bool
audit_check_line_ok(const char *line, size_t len)
{
	return audit_line_ok(line, len);
}

void
audit_check_pruned(const char *line, size_t len, uint64_t *through)
{
	static const char start[] =
	    "\"action\":\"audit.pruned\",\"target\":\"through=";
	const char *p = memmem(line, len, start, sizeof(start) - 1);
	size_t n = 0;
	uint64_t v;

	if (p == NULL)
		return;
	p += sizeof(start) - 1;
	while (p + n < line + len && p[n] >= '0' && p[n] <= '9')
		n++;
	if (base_str_u64(p, n, &v) == 0 && v > *through)
		*through = v;
}

int
audit_check_tiles_load(const struct audit_source *s, const char *name,
    void *data, size_t cap, size_t *ret_len)
{
	return audit_source_load(s, name, data, cap, ret_len);
}

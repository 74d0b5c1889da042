/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
base_str_copy(char *dst, size_t cap, const char *src)
{
	size_t len = strlen(src);

	if (len >= cap) {
		if (cap > 0)
			dst[0] = 0;
		return ERR_SYS_LIMIT;
	}
	memcpy(dst, src, len + 1);
	return 0;
}

int
base_str_format(char *dst, size_t cap, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, cap, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= cap) {
		if (cap > 0)
			dst[0] = 0;
		return ERR_SYS_LIMIT;
	}
	return 0;
}

int
base_str_u64(const char *s, size_t len, uint64_t *ret)
{
	uint64_t v = 0;

	if (len == 0 || (len > 1 && s[0] == '0'))
		return ERR_PEER_MALFORMED;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return ERR_PEER_MALFORMED;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v))
			return ERR_PEER_MALFORMED;
	}
	*ret = v;
	return 0;
}

char *
base_str_dup(const char *s)
{
	return s != NULL ? strdup(s) : NULL;
}

bool
base_str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

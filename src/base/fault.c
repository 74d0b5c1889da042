/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int
base_fault_set(struct fault *f, int rc, const char *fmt, ...)
{
	va_list ap;

	if (f == NULL)
		return rc;
	f->rc = rc;
	va_start(ap, fmt);
	(void)vsnprintf(f->msg, sizeof(f->msg), fmt, ap);
	va_end(ap);
	return rc;
}

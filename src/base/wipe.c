/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

void
base_wipe(void *p, size_t len)
{
	if (len > 0)
		explicit_bzero(p, len);
}

void
base_wipe_free(void *p, size_t len)
{
	if (p == NULL)
		return;
	base_wipe(p, len);
	free(p);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/desk_internal.h"

#include <stdlib.h>

int
keys_desk_init(struct keys_desk *d, size_t max)
{
	*d = (struct keys_desk){ .pass = -1, .max = max };
	base_buf_init(&d->out, max);
	d->packet = malloc(max);
	return d->packet == NULL ? ERR_SYS_NOMEM : 0;
}

void
keys_desk_free(struct keys_desk *d)
{
	base_buf_free(&d->out);
	free(d->packet);
	d->packet = NULL;
}

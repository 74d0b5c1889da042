/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "http/start_internal.h"
#include "net/prefix.h"

int
http_forwarded_copy(
    const struct net_prefix *list, size_t count, struct net_prefix **ret)
{
	struct net_prefix *copy;

	if (count == 0)
		return 0;
	copy = calloc(count, sizeof(*copy));
	if (copy == NULL)
		return ERR_SYS_NOMEM;
	memcpy(copy, list, count * sizeof(*copy));
	*ret = copy;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "http/exchange_internal.h"
#include "http/request_internal.h"
#include "net/addr.h"
#include "net/prefix.h"

/* Find the right-most address of X-Forwarded-For that is not a proxy's. */
static void
find_client(
    struct http_request *r, const struct net_prefix *proxies, size_t count)
{
	const char *list = http_request_find(r, "x-forwarded-for"), *at;
	struct net_addr a;
	char text[64];
	size_t len;

	if (list == NULL || !net_prefix_match_any(proxies, count, r->peer))
		return;
	for (len = strlen(list); len > 0; len = (size_t)(at - list)) {
		while (len > 0 && strchr(", ", list[len - 1]) != NULL)
			len--;
		for (at = list + len;
		     at > list && at[-1] != ',' && at[-1] != ' '; at--)
			;
		if ((size_t)(list + len - at) >= sizeof(text))
			return;
		memcpy(text, at, (size_t)(list + len - at));
		text[list + len - at] = '\0';
		if (net_addr_parse_ip(text, 0, &a) != 0)
			return;
		*r->peer = a;
		if (!net_prefix_match_any(proxies, count, &a))
			return;
	}
}

int
http_forwarded_peer(struct http_request *r, const struct net_addr *peer,
    const struct net_prefix *list, size_t count)
{
	r->peer = malloc(sizeof(*peer));
	if (r->peer == NULL)
		return ERR_SYS_NOMEM;
	*r->peer = *peer;
	find_client(r, list, count);
	return 0;
}

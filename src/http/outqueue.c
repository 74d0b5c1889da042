/* SPDX-License-Identifier: Apache-2.0 */
#include "http/outqueue_internal.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* What an item costs beside its bytes: empty ones are charged too. */
#define ITEM_BYTES (sizeof(struct http_outitem) + LWS_PRE)

void
http_outqueue_init(struct http_outqueue *q, size_t max)
{
	q->first = q->last = NULL;
	q->bytes = 0;
	q->max = max;
}

int
http_outqueue_push(
    struct http_outqueue *q, int kind, const void *data, size_t len)
{
	struct http_outitem *item;

	if (len > q->max || q->bytes + ITEM_BYTES > q->max - len)
		return ERR_STATE_FULL;
	item = malloc(ITEM_BYTES + len);
	if (item == NULL)
		return ERR_SYS_NOMEM;
	*item = (struct http_outitem){ .kind = kind,
		.len = len,
		.data = (uint8_t *)(item + 1) + LWS_PRE };
	if (len > 0)
		memcpy(item->data, data, len);
	if (q->last == NULL)
		q->first = item;
	else
		q->last->next = item;
	q->last = item;
	q->bytes += ITEM_BYTES + len;
	return 0;
}

struct http_outitem *
http_outqueue_front(const struct http_outqueue *q)
{
	return q->first;
}

void
http_outqueue_pop(struct http_outqueue *q)
{
	struct http_outitem *item = http_outqueue_front(q);

	q->first = item->next;
	if (q->first == NULL)
		q->last = NULL;
	q->bytes -= ITEM_BYTES + item->len;
	free(item);
}

void
http_outqueue_clear(struct http_outqueue *q)
{
	while (http_outqueue_front(q) != NULL)
		http_outqueue_pop(q);
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_OUTQUEUE_INTERNAL_H
#define HTTP_OUTQUEUE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* What waits for a connection's socket, at most max bytes of memory. */
struct http_outqueue {
	struct http_outitem *first, *last;
	size_t bytes, max;
};

struct http_outitem {
	struct http_outitem *next;
	int kind; /* the owner's */
	size_t len, sent;
	uint8_t *data; /* with room before it for the library's framing */
};

/**
 * http_outqueue_init(q, max), http_outqueue_clear(q): empty.
 * http_outqueue_push(q, kind, data, len): add a copy; ERR_STATE_FULL when it
 * would be more than max bytes, ERR_SYS_NOMEM.
 * http_outqueue_front(q): the oldest, or NULL.
 * http_outqueue_pop(q): drop it.
 */
void http_outqueue_init(struct http_outqueue *q, size_t max);
void http_outqueue_clear(struct http_outqueue *q);
int http_outqueue_push(
    struct http_outqueue *q, int kind, const void *data, size_t len);
struct http_outitem *http_outqueue_front(const struct http_outqueue *q);
void http_outqueue_pop(struct http_outqueue *q);

#endif

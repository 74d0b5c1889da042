/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_STREAM_INTERNAL_H
#define HTTP_STREAM_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "http/outqueue_internal.h"

struct http_request;

struct http_stream {
	struct http_request *request; /* its connection, headers, and end */
	struct http_outqueue out;
	bool ending;
	const char *keep_alive;
	uint64_t stall_max_ms, moved_ms;
	void (*on_drained)(void *ctx, struct http_stream *st);
	void (*on_closed)(void *ctx, struct http_stream *st);
	void *ctx;
};

#endif

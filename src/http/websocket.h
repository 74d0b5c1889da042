/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_WEBSOCKET_H
#define HTTP_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * One WebSocket connection (RFC 6455), of a server or a client: whole
 * messages in both directions.  Extensions are never agreed on, so nothing
 * is compressed.  All calls and callbacks are on the loop thread.
 */
struct http_websocket;

/* Close codes, RFC 6455 section 7.4.1 and its IANA registry; 3000 to 4999
 * belong to applications. */
enum http_websocket_code {
	HTTP_WEBSOCKET_NORMAL = 1000,
	HTTP_WEBSOCKET_GOING_AWAY = 1001,
	HTTP_WEBSOCKET_PROTOCOL_ERROR = 1002,
	HTTP_WEBSOCKET_UNSUPPORTED = 1003,
	HTTP_WEBSOCKET_NO_CODE = 1005,	  /* closed without a code */
	HTTP_WEBSOCKET_NOT_CLOSED = 1006, /* ended without closing */
	HTTP_WEBSOCKET_INVALID_TEXT = 1007,
	HTTP_WEBSOCKET_POLICY = 1008,
	HTTP_WEBSOCKET_TOO_BIG = 1009,
	HTTP_WEBSOCKET_INTERNAL = 1011,
	HTTP_WEBSOCKET_TRY_LATER = 1013
};

/* A reason's bytes, and a zero. */
#define HTTP_WEBSOCKET_REASON_MAX 124

struct http_websocket_message {
	bool is_text;	     /* then it is UTF-8 */
	const uint8_t *data; /* never NULL; valid during the callback */
	size_t len;
};

/* How a connection ended. */
struct http_websocket_end {
	int rc;	  /* 0 after a closing handshake that either side began;
		     else why it was lost: ERR_PEER_CLOSED,
		     ERR_PEER_TIMEOUT (silent, or took nothing), and for a
		     client that was not open ERR_SYS_NETWORK,
		     ERR_PEER_UNTRUSTED, ERR_PEER_NAME,
		     ERR_PEER_MALFORMED (not WebSocket),
		     ERR_STATE_REFUSED (another status than 101) */
	int code; /* the peer's, or ours when we closed first */
	const char *reason; /* likewise; for a client also what failed */
	int status;	    /* a client's: the server's answer, or 0 */
};

/* NULL: not of interest. */
struct http_websocket_events {
	void (*on_open)(void *ctx, struct http_websocket *w);
	void (*on_message)(void *ctx, struct http_websocket *w,
	    const struct http_websocket_message *m);
	/* The peer answered our ping. */
	void (*on_pong)(
	    void *ctx, struct http_websocket *w, uint64_t round_trip_us);
	/* All that was queued is with the socket. */
	void (*on_drained)(void *ctx, struct http_websocket *w);
	/* Once, as the last; ${w} ends with it. */
	void (*on_closed)(void *ctx, struct http_websocket *w,
	    const struct http_websocket_end *end);
};

/* Zero means the default, in brackets. */
struct http_websocket_opts {
	size_t message_max;	  /* [64 KiB] beyond: closed with 1009 */
	unsigned frames_max;	  /* [1024] of one message; beyond: 1008 */
	size_t queue_max;	  /* [1 MiB] waiting to be sent */
	unsigned ping_interval_s; /* [30] */
	unsigned silence_max_s;	  /* [90] without a message or pong: cut off */
	unsigned stall_max_s;	  /* [30] a queue from which nothing is taken:
				     closed with 1013 */
};

/**
 * http_websocket_send(w, m):
 * Queue a copy of a message.  ERR_STATE_FULL when it does not fit into the
 * queue: the caller drops it, discards what waits, or closes;
 * ERR_STATE_CLOSED when closing or not yet open, ERR_SYS_NOMEM.  Text has to
 * be UTF-8.
 */
MUST_CHECK int http_websocket_send(
    struct http_websocket *w, const struct http_websocket_message *m);

/**
 * http_websocket_queued(w), http_websocket_discard(w):
 * Return the bytes of memory that wait to be sent; drop them.  A message that
 * the socket has begun to take is not among them.
 */
size_t http_websocket_queued(const struct http_websocket *w);
void http_websocket_discard(struct http_websocket *w);

/**
 * http_websocket_close(w, code, reason):
 * Send what is queued, then close with ${code} and ${reason} (cut to 123
 * bytes; NULL: none).  No message is delivered any more; on_closed comes later,
 * after 5 s at most beyond what the queue takes.  Closing twice does nothing.
 */
void http_websocket_close(
    struct http_websocket *w, int code, const char *reason);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_WRITE_INTERNAL_H
#define HTTP_WRITE_INTERNAL_H

#include <stddef.h>

struct http_header;
struct http_request;
struct http_session;

/**
 * http_exchange_count(r, status): it is answered.
 * http_reply_keep(r, status, content_type, headers, count): copy them for the
 * reply; ERR_SYS_NOMEM.
 * http_write_begin(r), http_write_some(r, session), http_write_abort(r): send
 * the reply, write what can be written now (0 to go on, -1 to close; the
 * request is freed when all is written), close without a reply.
 * http_write_finish(r, session): all is written; as http_write_some.
 */
void http_exchange_count(struct http_request *r, int status);
int http_reply_keep(struct http_request *r, int status,
    const char *content_type, const struct http_header *headers, size_t count);
void http_write_begin(struct http_request *r);
int http_write_some(struct http_request *r, struct http_session *session);
void http_write_abort(struct http_request *r);
int http_write_finish(struct http_request *r, struct http_session *session);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_CLOCK_INTERNAL_H
#define HTTP_CLOCK_INTERNAL_H

#include <stdint.h>

struct http_server;
struct loop;
struct lws;

/**
 * http_clock_now_ms(s), http_clock_of(loop): the loop's time.
 * http_clock_now_us(): the time now.
 * http_context_kill(wsi): close it in the next turn; NULL is allowed.
 */
uint64_t http_clock_now_ms(const struct http_server *s);
uint64_t http_clock_of(const struct loop *loop);
uint64_t http_clock_now_us(void);
void http_context_kill(struct lws *wsi);

#endif

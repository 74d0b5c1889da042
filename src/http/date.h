/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include <stdint.h>

enum { HTTP_DATE_LEN = 30 }; /* with its zero */

/**
 * http_date_format(unix_ms, out):
 * Write an IMF-fixdate (RFC 9110 section 5.6.7), as in Last-Modified, of the
 * second that ${unix_ms} (0 to the year 9999) is in.
 */
void http_date_format(int64_t unix_ms, char out[HTTP_DATE_LEN]);

#endif

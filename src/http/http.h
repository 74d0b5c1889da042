/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

/*
 * What server and client share.  The libraries behind them (libwebsockets,
 * libcurl) are visible nowhere else.
 */

enum http_method {
	HTTP_METHOD_OTHER,
	HTTP_METHOD_GET,
	HTTP_METHOD_HEAD,
	HTTP_METHOD_POST,
	HTTP_METHOD_PUT,
	HTTP_METHOD_DELETE,
	HTTP_METHOD_PATCH,
	HTTP_METHOD_OPTIONS
};

/* Names are lower case; values hold no control characters. */
struct http_header {
	const char *name;
	const char *value;
};

/**
 * http_method_name(m):
 * Return "GET" and so on; "OTHER" for HTTP_METHOD_OTHER.
 */
const char *http_method_name(enum http_method m);

/**
 * http_status_text(status):
 * Return the reason phrase of RFC 9110 section 15, or "Status".
 */
const char *http_status_text(int status);

#endif

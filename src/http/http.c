/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <stddef.h>

static const char *const methods[] = { "OTHER", "GET", "HEAD", "POST", "PUT",
	"DELETE", "PATCH", "OPTIONS" };

static const struct {
	int status;
	const char *text;
} texts[] = {
	{ 100, "Continue" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
};

const char *
http_method_name(enum http_method m)
{
	return methods[(unsigned)m < sizeof(methods) / sizeof(methods[0]) ? m
									  : 0];
}

const char *
http_status_text(int status)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Status";
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http/exchange_internal.h"
#include "http/listener_internal.h"
#include "http/request_internal.h"
#include "http/upgrade.h"
#include "wire/base64.h"

/* What the library can take, less than which it closes without an answer. */
#define LIST_MAX 127

/* Whether ${len} bytes at ${item} are in the comma-separated ${list}. */
static const char *
next_item(const char *list, const char **ret_item, size_t *ret_len)
{
	const char *end;

	while (*list == ',' || *list == ' ' || *list == '\t')
		list++;
	end = list;
	while (*end != '\0' && *end != ',')
		end++;
	*ret_item = list;
	*ret_len = (size_t)(end - list);
	while (*ret_len > 0 &&
	       (list[*ret_len - 1] == ' ' || list[*ret_len - 1] == '\t'))
		(*ret_len)--;
	return end;
}

static bool
has_item(const char *list, const char *wanted)
{
	const char *item;
	size_t len;

	while (*list != '\0') {
		list = next_item(list, &item, &len);
		if (len == strlen(wanted) &&
		    strncasecmp(item, wanted, len) == 0)
			return true;
	}
	return false;
}

const char *
http_upgrade_subprotocol(const struct http_request *r)
{
	const char *list = http_request_find(r, "sec-websocket-protocol");
	const struct http_listener *l = r->listener;
	const char *item;
	size_t len;

	/* As the library chooses: in the client's order. */
	while (list != NULL && *list != '\0') {
		list = next_item(list, &item, &len);
		for (size_t i = 0; i < l->subprotocols_count; i++)
			if (strlen(l->subprotocols[i]) == len &&
			    memcmp(l->subprotocols[i], item, len) == 0)
				return l->subprotocols[i];
	}
	return NULL;
}

/* RFC 6455 section 4.2.1: whether the key is 16 bytes in Base64. */
static bool
is_key(const char *text)
{
	uint8_t key[WIRE_BASE64_DECODED_MAX(24)];
	size_t len;

	return text != NULL && strlen(text) == 24 &&
	       wire_base64_decode(
		   WIRE_BASE64_STD, text, 24, key, sizeof(key), &len) == 0 &&
	       len == 16;
}

/* RFC 6455 section 4.2.1; 0 or the status to refuse it with. */
int
http_handshake_check(const struct http_request *r)
{
	const char *connection = http_request_find(r, "connection");
	const char *version = http_request_find(r, "sec-websocket-version");
	const char *list = http_request_find(r, "sec-websocket-protocol");

	if (r->method != HTTP_METHOD_GET || r->length > 0 ||
	    connection == NULL || !has_item(connection, "upgrade") ||
	    strlen(connection) > LIST_MAX ||
	    http_request_find(r, "host") == NULL ||
	    !is_key(http_request_find(r, "sec-websocket-key")))
		return 400;
	if (version == NULL || strcmp(version, "13") != 0)
		return 426;
	if (list == NULL)
		return 0;
	/* Section 4.2.2: the server may also go on without any of them; the
	 * library does not. */
	if (strlen(list) > LIST_MAX || http_upgrade_subprotocol(r) == NULL)
		return 400;
	return 0;
}

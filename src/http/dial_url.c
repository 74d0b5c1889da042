/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/dial_internal.h"
#include "http/websocket_client.h"
#include "net/addr.h"

/* Copy a part of the URL; false when it is there and does not fit. */
static bool
get_part(CURLU *u, CURLUPart part, char *dst, size_t cap)
{
	char *text = NULL;
	bool ok = true;

	if (curl_url_get(u, part, &text, 0) == CURLUE_OK)
		ok = snprintf(dst, cap, "%s", text) < (int)cap;
	curl_free(text);
	return ok;
}

static bool
has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(u, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return has;
}

/* RFC 6455 section 3: no fragment; and no name and password. */
static int
parse_url(struct http_dial *d, CURLU *u, const char *url)
{
	char scheme[8] = "", host[260] = "", port[8] = "", query[2048] = "";
	struct net_addr a;
	size_t len;
	unsigned long n;

	if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) !=
		CURLUE_OK ||
	    has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD) ||
	    has_part(u, CURLUPART_FRAGMENT) ||
	    !get_part(u, CURLUPART_SCHEME, scheme, sizeof(scheme)) ||
	    !get_part(u, CURLUPART_HOST, host, sizeof(host)) ||
	    !get_part(u, CURLUPART_PORT, port, sizeof(port)) ||
	    !get_part(u, CURLUPART_PATH, d->path, sizeof(d->path)) ||
	    !get_part(u, CURLUPART_QUERY, query, sizeof(query)))
		return ERR_STATE_USAGE;
	d->is_tls = strcmp(scheme, "wss") == 0;
	if (!d->is_tls && strcmp(scheme, "ws") != 0)
		return ERR_STATE_USAGE;
	n = strtoul(port, NULL, 10); /* which libcurl has checked */
	d->port = n != 0 ? (unsigned)n : d->is_tls ? 443 : 80;
	len = strlen(d->path);
	if (query[0] != '\0' &&
	    snprintf(d->path + len, sizeof(d->path) - len, "?%s", query) >=
		(int)(sizeof(d->path) - len))
		return ERR_STATE_USAGE;
	snprintf(d->authority, sizeof(d->authority), n != 0 ? "%s:%u" : "%s",
	    host, d->port);
	/* Without the brackets of an IPv6 address. */
	len = strlen(host);
	if (len > 2 && host[0] == '[')
		snprintf(
		    d->host, sizeof(d->host), "%.*s", (int)(len - 2), host + 1);
	else
		snprintf(d->host, sizeof(d->host), "%.255s", host);
	d->is_ip = net_addr_parse_ip(d->host, 1, &a) == 0;
	if (d->is_ip)
		snprintf(d->address, sizeof(d->address), "%.63s", d->host);
	return d->host[0] == '\0' ? ERR_STATE_USAGE : 0;
}

int
http_dial_target(struct http_dial *d, const struct http_websocket_dial *dial)
{
	CURLU *u = curl_url();
	int rc;

	if (u == NULL)
		return ERR_SYS_NOMEM;
	rc = parse_url(d, u, dial->url);
	curl_url_cleanup(u);
	if (rc != 0 || dial->connect_to == NULL)
		return rc;
	net_addr_format_ip(dial->connect_to, d->address, sizeof(d->address));
	d->port = dial->connect_to->port;
	return 0;
}

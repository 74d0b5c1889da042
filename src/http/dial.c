/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/dial_internal.h"
#include "http/http.h"
#include "http/library_internal.h"
#include "http/websocket_client.h"

void
http_dial_free(struct http_dial *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->headers_count; i++) {
		free((char *)d->headers[i].name);
		free((char *)d->headers[i].value);
	}
	free(d->headers);
	free(d->subprotocol);
	X509_STORE_free(d->roots);
	X509_free(d->cert);
	sk_X509_pop_free(d->chain, X509_free);
	EVP_PKEY_free(d->key);
	free(d);
}

static int
copy_headers(struct http_dial *d, const struct http_websocket_dial *dial)
{
	char name[128];

	if (dial->headers_count > HTTP_DIAL_HEADERS_MAX)
		return ERR_STATE_USAGE;
	d->headers = calloc(HTTP_DIAL_HEADERS_MAX, sizeof(*d->headers));
	if (d->headers == NULL)
		return ERR_SYS_NOMEM;
	for (size_t i = 0; i < dial->headers_count; i++) {
		const struct http_header *h = &dial->headers[i];

		if (strpbrk(h->name, "\r\n: ") != NULL ||
		    strpbrk(h->value, "\r\n") != NULL ||
		    snprintf(name, sizeof(name), "%s:", h->name) >=
			(int)sizeof(name))
			return ERR_STATE_USAGE;
		d->headers[i].name = strdup(name);
		d->headers[i].value = strdup(h->value);
		d->headers_count++;
		if (d->headers[i].name == NULL || d->headers[i].value == NULL)
			return ERR_SYS_NOMEM;
	}
	return 0;
}

int
http_dial_new(struct http_websocket_client *c,
    const struct http_websocket_dial *dial, struct http_dial **ret)
{
	struct http_dial *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return ERR_SYS_NOMEM;
	base_list_init(&d->node);
	d->client = c;
	rc = http_dial_target(d, dial);
	if (rc == 0 && dial->subprotocol != NULL) {
		d->subprotocol = strdup(dial->subprotocol);
		rc = d->subprotocol == NULL ? ERR_SYS_NOMEM : 0;
	}
	if (rc == 0)
		rc = copy_headers(d, dial);
	if (rc == 0)
		rc = http_dial_trust(d, dial);
	if (rc != 0) {
		http_dial_free(d);
		return rc;
	}
	*ret = d;
	return 0;
}

static int
add_headers(
    const struct http_dial *d, struct lws *wsi, uint8_t **at, size_t room)
{
	uint8_t *end = *at + room;

	for (size_t i = 0; i < d->headers_count; i++)
		if (lws_add_http_header_by_name(wsi,
			(const uint8_t *)d->headers[i].name,
			(const uint8_t *)d->headers[i].value,
			(int)strlen(d->headers[i].value), at, end) != 0)
			return -1;
	return 0;
}

/* What was asked for has to be agreed on, and nothing else. */
static int
check_subprotocol(const struct http_dial *d, struct lws *wsi)
{
	char text[128] = "";
	const char *wanted = d->subprotocol == NULL ? "" : d->subprotocol;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) > 0 &&
	    lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_PROTOCOL) < 0)
		return -1;
	return strcmp(text, wanted) == 0 ? 0 : -1;
}

void
http_dial_drop(struct http_dial *d)
{
	base_list_remove(&d->node);
	d->client->dials_count--;
	http_dial_free(d);
}

/* The library has let go, or will without us. */
static void
finish(struct http_dial *d, struct lws *wsi)
{
	lws_set_opaque_user_data(wsi, NULL);
	d->wsi = d->seen = NULL;
	if (!d->connecting)
		http_dial_drop(d);
}

static void
on_error(struct http_dial *d, struct lws *wsi, const char *text, size_t len)
{
	int status = (int)lws_http_client_http_response(wsi);
	int rc = d->untrusted	 ? ERR_PEER_UNTRUSTED
		 : status == 101 ? ERR_PEER_MALFORMED
		 : status > 0	 ? ERR_STATE_REFUSED
				 : ERR_SYS_NETWORK;
	char reason[100];

	snprintf(reason, sizeof(reason), "%.*s", text == NULL ? 0 : (int)len,
	    text == NULL ? "" : text);
	/* One that we close, too, may end as if it had never been open. */
	if (d->websocket != NULL && http_websocket_is_opening(d->websocket))
		http_websocket_lost(d->websocket, rc, status, reason);
	http_dial_fail(d, 0, "");
	finish(d, wsi);
}

void
http_dial_fail(struct http_dial *d, int rc, const char *reason)
{
	if (d->websocket == NULL)
		return;
	if (rc != 0)
		http_websocket_lost(d->websocket, rc, 0, reason);
	http_websocket_end(d->websocket);
}

int
http_dial_callback(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t len)
{
	struct http_dial *d =
	    wsi == NULL ? NULL : lws_get_opaque_user_data(wsi);

	(void)user;
	if (d == NULL || (d->wsi != NULL && d->wsi != wsi))
		return 0;
	d->seen = wsi;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(d, wsi, in, len);
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		return check_subprotocol(d, wsi);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_error(d, wsi, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		http_dial_fail(d, 0, "");
		finish(d, wsi);
		return 0;
	default:
		return d->websocket == NULL ? 0
					    : http_websocket_event(d->websocket,
						  reason, in, len);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client_internal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "http/client.h"
#include "net/addr.h"
#include "wire/base64.h"

#define RESPONSE_MAX_DEFAULT ((size_t)1 << 20)
#define PINS_MAX 16
#define PIN_TEXT_MAX (PINS_MAX * 56)

/* Most response headers that are kept, and all their bytes together. */
#define HEADERS_MAX 100
#define HEADER_BYTES_MAX 32768

struct http_response {
	int rc;
	int status;
	bool too_large;
	char detail[CURL_ERROR_SIZE];
	struct buf body;
	struct buf header_text; /* name NUL value NUL, repeated */
	size_t headers_count;
};

struct http_transfer {
	CURL *easy;
	struct curl_slist *headers, *connect_list;
	bool checked; /* connect only to: */
	struct net_addr connect_to;
	struct http_response resp;
};

static size_t
on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;

	if (base_buf_append(&t->resp.body, data, size * n) != 0) {
		t->resp.too_large = true;
		return 0;
	}
	return size * n;
}

/* Keep one header line, its name in lower case. */
static int
keep_header(struct http_response *r, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *end = line + len;
	size_t before = r->header_text.len;
	int rc;

	if (colon == NULL || r->headers_count == HEADERS_MAX)
		return 0;
	for (const char *p = line; p < colon; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;

		if ((rc = base_buf_append(&r->header_text, &c, 1)) != 0)
			return rc;
	}
	for (colon++; colon < end && (*colon == ' ' || *colon == '\t'); colon++)
		;
	while (end > colon && strchr("\r\n \t", end[-1]) != NULL)
		end--;
	if ((rc = base_buf_append(&r->header_text, "", 1)) != 0 ||
	    (rc = base_buf_append(
		 &r->header_text, colon, (size_t)(end - colon))) != 0 ||
	    (rc = base_buf_append(&r->header_text, "", 1)) != 0) {
		r->header_text.len = before;
		return rc;
	}
	r->headers_count++;
	return 0;
}

static size_t
on_header(char *data, size_t size, size_t n, void *ctx)
{
	struct http_response *r = &((struct http_transfer *)ctx)->resp;
	const size_t len = size * n;

	/* A status line begins the headers of the final response anew. */
	if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
		r->header_text.len = 0;
		r->headers_count = 0;
		return len;
	}
	if (keep_header(r, data, len) != 0) {
		r->too_large = true;
		return 0;
	}
	return len;
}

/* The last word on where a connection goes. */
static curl_socket_t
on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *sa)
{
	const struct http_transfer *t = ctx;
	struct net_addr to;

	(void)purpose;
	if (t->checked &&
	    (net_addr_from_sockaddr(&sa->addr, sa->addrlen, &to) != 0 ||
		!net_addr_equal(&to, &t->connect_to)))
		return CURL_SOCKET_BAD;
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

/* Whether the URL is http or https; ${ret_tls} says which. */
static bool
url_ok(const char *url, bool *ret_tls)
{
	CURLU *u = curl_url();
	char *scheme = NULL;
	bool ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == 0 &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == 0;

	if (ok) {
		*ret_tls = strcmp(scheme, "https") == 0;
		ok = *ret_tls || strcmp(scheme, "http") == 0;
	}
	curl_free(scheme);
	curl_url_cleanup(u);
	return ok;
}

static bool
add_header(struct curl_slist **list, const char *text)
{
	struct curl_slist *more = curl_slist_append(*list, text);

	if (more == NULL)
		return false;
	*list = more;
	return true;
}

static int
set_headers(struct http_transfer *t, const struct http_client_request *req)
{
	bool typed = false;
	char line[8192];

	for (size_t i = 0; i < req->headers_count; i++) {
		const struct http_header *h = &req->headers[i];

		if (strpbrk(h->name, "\r\n:") != NULL ||
		    strpbrk(h->value, "\r\n") != NULL)
			return ERR_STATE_USAGE;
		/* libcurl's way to send a header without a value is ';'. */
		if (snprintf(line, sizeof(line), "%s%s%s", h->name,
			h->value[0] != 0 ? ": " : ";",
			h->value) >= (int)sizeof(line))
			return ERR_STATE_USAGE;
		if (!add_header(&t->headers, line))
			return ERR_SYS_NOMEM;
		typed |= strcasecmp(h->name, "content-type") == 0;
	}
	/* Without these libcurl would add headers of its own. */
	if (!add_header(&t->headers, "Expect:") ||
	    (!typed && !add_header(&t->headers, "Content-Type:")))
		return ERR_SYS_NOMEM;
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	return 0;
}

/* Trust: roots, pins, both, or (plain http) nothing. */
static int
set_trust(CURL *e, const struct http_client_request *req, bool tls)
{
	const bool roots = req->roots_file != NULL || req->roots_pem != NULL;
	const bool trust = roots || req->spki_pins_count > 0;
	char pins[PIN_TEXT_MAX], b64[WIRE_BASE64_ENCODED_MAX(32)];
	size_t n = 0;

	/* Either something to trust, or the word that nothing is. */
	if (tls && trust == req->any_certificate)
		return ERR_STATE_USAGE;
	if (req->spki_pins_count > PINS_MAX)
		return ERR_STATE_USAGE;
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_CAINFO, req->roots_file);
	if (req->roots_file == NULL && req->roots_pem != NULL) {
		struct curl_blob blob = { (void *)req->roots_pem,
			strlen(req->roots_pem), CURL_BLOB_COPY };

		curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &blob);
	}
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, roots ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, roots ? 2L : 0L);
	for (size_t i = 0; i < req->spki_pins_count; i++) {
		wire_base64_encode(WIRE_BASE64_STD, req->spki_pins[i], 32, b64);
		n += (size_t)snprintf(pins + n, sizeof(pins) - n,
		    "%ssha256//%s", i > 0 ? ";" : "", b64);
	}
	if (n > 0)
		curl_easy_setopt(e, CURLOPT_PINNEDPUBLICKEY, pins);
	return 0;
}

static int
set_address(struct http_transfer *t, const struct http_client_request *req)
{
	char text[NET_ADDR_TEXT_MAX + 2] = "::";

	if (req->unix_path != NULL)
		curl_easy_setopt(
		    t->easy, CURLOPT_UNIX_SOCKET_PATH, req->unix_path);
	if (req->connect_to == NULL)
		return 0;
	t->checked = true;
	t->connect_to = *req->connect_to;
	net_addr_format(&t->connect_to, text + 2, sizeof(text) - 2);
	if (!add_header(&t->connect_list, text))
		return ERR_SYS_NOMEM;
	curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->connect_list);
	return 0;
}

static void
set_method(CURL *e, const struct http_client_request *req)
{
	if (req->method == HTTP_METHOD_HEAD)
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	else if (req->method == HTTP_METHOD_POST || req->body_len > 0)
		curl_easy_setopt(e, CURLOPT_POST, 1L);
	if (req->method == HTTP_METHOD_POST || req->body_len > 0) {
		curl_easy_setopt(
		    e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
		curl_easy_setopt(
		    e, CURLOPT_POSTFIELDS, req->body_len > 0 ? req->body : "");
	}
	if (req->method != HTTP_METHOD_GET && req->method != HTTP_METHOD_HEAD &&
	    req->method != HTTP_METHOD_POST)
		curl_easy_setopt(
		    e, CURLOPT_CUSTOMREQUEST, http_method_name(req->method));
}

static void
set_rest(struct http_transfer *t, const struct http_client_request *req,
    const char *user_agent)
{
	const long timeout = req->timeout_ms > 0 ? (long)req->timeout_ms
						 : HTTP_CLIENT_TIMEOUT_MS;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_URL, req->url);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_USERAGENT, user_agent);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    req->connect_timeout_ms > 0 ? (long)req->connect_timeout_ms
					: timeout);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->resp.detail);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	/* Several connections rather than one with streams: simpler, and the
	 * TLS work spreads over the peer's processors. */
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

int
http_client_transfer_new(const struct http_client_request *req,
    const char *user_agent, struct http_transfer **ret)
{
	struct http_transfer *t;
	bool tls = false;
	int rc = ERR_SYS_NOMEM;

	if (!url_ok(req->url, &tls))
		return ERR_STATE_USAGE;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ERR_SYS_NOMEM;
	base_buf_init(&t->resp.header_text, HEADER_BYTES_MAX);
	base_buf_init(&t->resp.body,
	    (req->response_max > 0 ? req->response_max : RESPONSE_MAX_DEFAULT) +
		1);
	if ((t->easy = curl_easy_init()) == NULL)
		goto fail;
	set_rest(t, req, user_agent);
	set_method(t->easy, req);
	if ((rc = set_trust(t->easy, req, tls)) != 0 ||
	    (rc = set_headers(t, req)) != 0 || (rc = set_address(t, req)) != 0)
		goto fail;
	*ret = t;
	return 0;
fail:
	http_client_transfer_free(t);
	return rc;
}

void
http_client_transfer_free(struct http_transfer *t)
{
	if (t == NULL)
		return;
	if (t->easy != NULL)
		curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connect_list);
	base_buf_free(&t->resp.body);
	base_buf_free(&t->resp.header_text);
	free(t);
}

CURL *
http_client_transfer_easy(const struct http_transfer *t)
{
	return t->easy;
}

static const struct {
	CURLcode result;
	int rc;
} results[] = {
	{ CURLE_OK, 0 },
	{ CURLE_OPERATION_TIMEDOUT, ERR_PEER_TIMEOUT },
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_PEER_NAME },
	{ CURLE_COULDNT_CONNECT, ERR_SYS_NETWORK },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_PEER_UNTRUSTED },
	{ CURLE_SSL_CONNECT_ERROR, ERR_PEER_UNTRUSTED },
	{ CURLE_SSL_CERTPROBLEM, ERR_PEER_UNTRUSTED },
	{ CURLE_SSL_CACERT_BADFILE, ERR_PEER_UNTRUSTED },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, ERR_PEER_UNTRUSTED },
	{ CURLE_SSL_ISSUER_ERROR, ERR_PEER_UNTRUSTED },
	{ CURLE_GOT_NOTHING, ERR_PEER_CLOSED },
	{ CURLE_RECV_ERROR, ERR_PEER_CLOSED },
	{ CURLE_SEND_ERROR, ERR_PEER_CLOSED },
	{ CURLE_PARTIAL_FILE, ERR_PEER_CLOSED },
	{ CURLE_HTTP2_STREAM, ERR_PEER_CLOSED },
	{ CURLE_FILESIZE_EXCEEDED, ERR_PEER_TOO_LARGE },
	{ CURLE_WEIRD_SERVER_REPLY, ERR_PEER_MALFORMED },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_PEER_MALFORMED },
	{ CURLE_HTTP2, ERR_PEER_MALFORMED },
	{ CURLE_BAD_CONTENT_ENCODING, ERR_PEER_MALFORMED },
	{ CURLE_OUT_OF_MEMORY, ERR_SYS_NOMEM },
};

const struct http_response *
http_client_transfer_finish(struct http_transfer *t, CURLcode result)
{
	struct http_response *r = &t->resp;
	long status = 0;

	r->rc = ERR_SYS_NETWORK;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].result == result)
			r->rc = results[i].rc;
	if (r->too_large)
		r->rc = ERR_PEER_TOO_LARGE;
	/* The zero byte that follows the body counts towards its buffer. */
	if (r->rc == 0 && r->body.len == r->body.max)
		r->rc = ERR_PEER_TOO_LARGE;
	if (r->rc == 0) {
		if (base_buf_append(&r->body, "", 1) != 0)
			r->rc = ERR_SYS_NOMEM;
		else
			r->body.len--;
	}
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	r->status = (int)status;
	if (r->rc != 0 && r->detail[0] == 0)
		(void)snprintf(r->detail, sizeof(r->detail), "%s",
		    r->too_large ? "response exceeds its limit"
				 : curl_easy_strerror(result));
	return r;
}

int
http_response_rc(const struct http_response *r)
{
	return r->rc;
}

const char *
http_response_detail(const struct http_response *r)
{
	return r->rc != 0 ? r->detail : "";
}

int
http_response_status(const struct http_response *r)
{
	return r->status;
}

const char *
http_response_header(const struct http_response *r, const char *name)
{
	const char *p = (const char *)r->header_text.data;

	for (size_t i = 0; i < r->headers_count; i++) {
		const char *value = p + strlen(p) + 1;

		if (strcmp(p, name) == 0)
			return value;
		p = value + strlen(value) + 1;
	}
	return NULL;
}

const uint8_t *
http_response_body(const struct http_response *r, size_t *ret_len)
{
	*ret_len = r->rc == 0 ? r->body.len : 0;
	return r->rc == 0 ? r->body.data : (const uint8_t *)"";
}

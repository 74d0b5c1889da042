/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/cert.h"
#include "acme/certid.h"
#include "acme/renewal.h"
#include "base/arena.h"
#include "base/str.h"
#include "http/reply.h"
#include "http/request.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_store.h"
#include "wire/json.h"
#include "wire/time.h"

/*
 * Renewal information (RFC 9773) of a daemon without the rest of ACME: a
 * client whose certificate was revoked learns it while nothing is issued.
 */
#define PATH "/acme/renewal-info/"

enum { ARENA_LEN = 262144 };

static int
look_up(struct ca_serve *s, const char *text, struct acme_cert *ret)
{
	const struct ca_authority_issuer *is;
	struct arena *arena;
	struct acme_certid id;
	struct ca_status status;
	struct ca_cert row;
	struct ca_blob serial;
	int rc;

	if ((rc = acme_certid_parse(text, &id)) != 0)
		return rc;
	is = ca_authority_find_key(s->authority, id.aki, id.aki_len);
	if (is == NULL)
		return ERR_STATE_NOT_FOUND;
	if ((arena = base_arena_new(ARENA_LEN)) == NULL)
		return ERR_SYS_NOMEM;
	serial = (struct ca_blob){ id.serial, id.serial_len };
	rc = s->store->ops->get_cert(s->store, is->id, serial, arena, &row);
	if (rc == 0 && row.state != CA_CERT_ISSUED)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0)
		rc = s->store->ops->get_status(
		    s->store, is->id, serial, &status);
	if (rc == 0)
		*ret = (struct acme_cert){ .not_before = row.not_before,
			.not_after = row.not_after,
			.revoked_at = status.revoked_at };
	base_arena_free(arena);
	return rc;
}

static void
reply(
    struct ca_serve *s, struct http_request *req, const struct acme_cert *cert)
{
	const struct ca_config_acme *c = &s->conf->acme;
	const struct acme_renewal_rule rule = { c->ari_start_s * 1000,
		c->ari_end_s * 1000, (int)c->ari_retry_s };
	struct acme_renewal_window w = acme_renewal_window(cert, &rule);
	char start[WIRE_TIME_TEXT_MAX], end[WIRE_TIME_TEXT_MAX], retry[16];
	const struct http_header h = { "retry-after", retry };
	struct http_reply out = { .status = 200,
		.content_type = "application/json",
		.headers = &h,
		.headers_count = 1 };
	char *text = NULL;
	json_t *o;

	wire_time_format(w.start, start);
	wire_time_format(w.end, end);
	(void)snprintf(retry, sizeof(retry), "%d", rule.retry_s);
	o = json_pack(
	    "{s:{s:s,s:s}}", "suggestedWindow", "start", start, "end", end);
	if (o != NULL)
		text = wire_json_dump(o, &out.body_len);
	json_decref(o);
	out.body = text;
	if (text == NULL)
		out.status = 503;
	http_request_reply(req, &out);
	free(text);
}

bool
ca_serve_renewal(struct ca_serve *s, struct http_request *req)
{
	const char *path = http_request_path(req);
	enum http_method m = http_request_method(req);
	struct acme_cert cert;
	int rc;

	if (!base_str_starts(path, PATH) ||
	    (m != HTTP_METHOD_GET && m != HTTP_METHOD_HEAD))
		return false;
	rc = look_up(s, path + strlen(PATH), &cert);
	if (rc == 0)
		reply(s, req, &cert);
	else if (base_err_class(rc) == ERR_CLASS_SYS)
		http_request_reply_text(
		    req, 503, "text/plain", "the store cannot be read\n");
	else
		return false;
	return true;
}

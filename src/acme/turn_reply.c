/* SPDX-License-Identifier: Apache-2.0 */
/* Building the reply of a turn. */
#include "acme/turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/outcome.h"
#include "acme/problem.h"
#include "acme/turn_internal.h"

const char *
acme_turn_url(const struct acme_turn *t, const char *kind, const char *id,
    const char *suffix)
{
	const char *base = t->base_url;
	size_t len = strlen(base) + strlen(kind) + strlen(suffix) + 16;
	char *out;

	if (id != NULL)
		len += strlen(id);
	out = acme_turn_alloc(t, len);
	if (out != NULL)
		(void)snprintf(out, len, "%s/acme/%s%s%s%s", base, kind,
		    id == NULL ? "" : "/", id == NULL ? "" : id, suffix);
	return out;
}

int
acme_turn_header(struct acme_turn *t, const char *name, const char *value)
{
	struct acme_outcome *o = t->out;

	if (value == NULL)
		return ERR_SYS_NOMEM;
	if (o->n_headers == ACME_HEADERS_MAX)
		return ERR_SYS_LIMIT;
	o->header[o->n_headers].name = name;
	o->header[o->n_headers++].value = value;
	return 0;
}

int
acme_turn_link(struct acme_turn *t, const char *url, const char *rel)
{
	size_t len;
	char *text;

	if (url == NULL)
		return ERR_SYS_NOMEM;
	len = strlen(url) + strlen(rel) + sizeof("<>;rel=\"\"");
	text = acme_turn_alloc(t, len);
	if (text != NULL)
		(void)snprintf(text, len, "<%s>;rel=\"%s\"", url, rel);
	return acme_turn_header(t, "link", text);
}

int
acme_turn_empty(struct acme_turn *t, int status)
{
	t->out->status = status;
	return 0;
}

int
acme_turn_pem(struct acme_turn *t, const char *text, size_t len)
{
	t->out->status = 200;
	t->out->content_type = "application/pem-certificate-chain";
	t->out->body = text;
	t->out->body_len = len;
	return 0;
}

int
acme_turn_json(struct acme_turn *t, int status, json_t *body)
{
	char *text = NULL;

	if (body != NULL)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	t->out->status = status;
	t->out->content_type = "application/json";
	t->out->body_len = strlen(text);
	t->out->body = acme_turn_dup(t, text, t->out->body_len);
	free(text);
	return t->out->body == NULL ? ERR_SYS_NOMEM : 0;
}

void
acme_turn_fail(
    struct acme_turn *t, const struct acme_problem *p, struct acme_outcome *ret)
{
	char *text = acme_problem_encode(p), wait[16];

	t->out = ret;
	ret->status = p->status;
	ret->problem = (int)p->type;
	ret->n_changes = 0;
	ret->n_charges = 0;
	ret->effect = ACME_EFFECT_NONE;
	ret->content_type = "application/problem+json";
	ret->body = NULL;
	if (text != NULL)
		ret->body = acme_turn_dup(t, text, strlen(text));
	free(text);
	if (ret->body == NULL)
		ret->body = "{\"type\":\"urn:ietf:params:acme:error:"
			    "serverInternal\"}";
	ret->body_len = strlen(ret->body);
	(void)snprintf(wait, sizeof(wait), "%d", p->retry_after_s);
	if (p->retry_after_s > 0 &&
	    acme_turn_header(
		t, "retry-after", acme_turn_dup(t, wait, strlen(wait))) != 0)
		ret->status = 500;
}

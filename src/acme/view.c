/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/view.h"

#include <string.h>
#include <time.h>

#include "acme/account.h"
#include "acme/load_authz.h"
#include "acme/load_order.h"
#include "acme/turn_internal.h"

/* RFC 3339, in whole seconds. */
static json_t *
timestamp(int64_t unix_ms)
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	return json_string(text);
}

static json_t *
url(const struct acme_turn *t, const char *kind, const char *id,
    const char *suffix)
{
	const char *s =
	    acme_turn_url(t, kind, id, suffix == NULL ? "" : suffix);

	return s == NULL ? NULL : json_string(s);
}

/* A JSON text from the store. */
static json_t *
stored(const char *text)
{
	return json_loads(text, 0, NULL);
}

static json_t *
finish(json_t *o, int bad)
{
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

json_t *
acme_view_account(struct acme_turn *t, const struct acme_account *a)
{
	json_t *o = json_object();
	int bad;

	bad = json_object_set_new(
	    o, "status", json_string(acme_state_name(a->status)));
	if (a->contact != NULL)
		bad |= json_object_set_new(o, "contact", stored(a->contact));
	bad |=
	    json_object_set_new(o, "orders", url(t, "acct", a->id, "/orders"));
	return finish(o, bad);
}

static int
order_authzs(struct acme_turn *t, json_t *o, const struct acme_order *order)
{
	json_t *list = json_array();
	const char *p = order->authzs, *id;
	size_t len;
	int bad = 0;

	for (; !bad && *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		id = acme_turn_dup(t, p, len);
		bad = id == NULL || json_array_append_new(
					list, url(t, "authz", id, NULL)) != 0;
	}
	return bad | json_object_set_new(o, "authorizations", list);
}

json_t *
acme_view_order(struct acme_turn *t, const struct acme_order *order)
{
	enum acme_state state = acme_load_order_state(order, t->now_ms);
	json_t *o = json_object();
	int bad;

	bad = json_object_set_new(
	    o, "status", json_string(acme_state_name(state)));
	bad |= json_object_set_new(o, "expires", timestamp(order->expires));
	bad |=
	    json_object_set_new(o, "identifiers", stored(order->identifiers));
	if (order->profile != NULL)
		bad |= json_object_set_new(
		    o, "profile", json_string(order->profile));
	if (order->replaces != NULL)
		bad |= json_object_set_new(
		    o, "replaces", json_string(order->replaces));
	bad |= order_authzs(t, o, order);
	bad |= json_object_set_new(
	    o, "finalize", url(t, "order", order->id, "/finalize"));
	if (state == ACME_VALID)
		bad |= json_object_set_new(
		    o, "certificate", url(t, "cert", order->cert_id, NULL));
	if (state == ACME_INVALID && order->error != NULL)
		bad |= json_object_set_new(o, "error", stored(order->error));
	return finish(o, bad);
}

/*
 * RFC 8555 section 7.1.4: of a valid authorization the challenge that was
 * validated, of an invalid one the challenge that failed, else all.
 */
static bool
shown(const struct acme_authz *a, const struct acme_challenge *c)
{
	if (a->status != ACME_VALID && a->status != ACME_INVALID)
		return true;
	return c->status == a->status;
}

json_t *
acme_view_authz(struct acme_turn *t, const struct acme_authz *a,
    const struct acme_challenge *c, size_t n)
{
	json_t *o = json_object(), *list = json_array();
	size_t i;
	int bad;

	bad = json_object_set_new(o, "identifier",
	    json_pack("{s:s,s:s}", "type", a->type, "value", a->value));
	bad |= json_object_set_new(o, "status",
	    json_string(acme_state_name(acme_load_authz_state(a, t->now_ms))));
	bad |= json_object_set_new(o, "expires", timestamp(a->expires));
	for (i = 0; i < n; i++)
		if (shown(a, &c[i]))
			bad |= json_array_append_new(
			    list, acme_view_challenge(t, &c[i]));
	bad |= json_object_set_new(o, "challenges", list);
	if (a->wildcard)
		bad |= json_object_set_new(o, "wildcard", json_true());
	return finish(o, bad);
}

json_t *
acme_view_challenge(struct acme_turn *t, const struct acme_challenge *c)
{
	json_t *o = json_object();
	int bad;

	bad = json_object_set_new(o, "type", json_string(c->type));
	bad |= json_object_set_new(o, "url", url(t, "chall", c->id, NULL));
	bad |= json_object_set_new(
	    o, "status", json_string(acme_state_name(c->status)));
	bad |= json_object_set_new(o, "token", json_string(c->token));
	if (c->validated != 0)
		bad |= json_object_set_new(
		    o, "validated", timestamp(c->validated));
	if (c->error != NULL)
		bad |= json_object_set_new(o, "error", stored(c->error));
	return finish(o, bad);
}

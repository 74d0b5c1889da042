/* SPDX-License-Identifier: Apache-2.0 */
/* Orders and certificates (RFC 8555 sections 7.1.2.1, 7.4, 7.4.2). */
#include "acme/handle.h"

#include <stdio.h>
#include <string.h>

#include "acme/load_order.h"
#include "acme/store.h"
#include "acme/turn_internal.h"
#include "acme/view.h"

int
acme_handle_show_order(
    struct acme_turn *t, int status, const struct acme_order *o)
{
	int rc = acme_turn_header(
	    t, "location", acme_turn_url(t, "order", o->id, ""));

	if (rc == 0 && o->status == ACME_PROCESSING)
		rc = acme_turn_header(t, "retry-after", "1");
	return rc != 0 ? rc : acme_turn_json(t, status, acme_view_order(t, o));
}

int
acme_handle_order(struct acme_turn *t)
{
	struct acme_order o;
	int rc = acme_turn_read(t);

	if (rc == 0)
		rc = acme_load_order(t, t->id, &o);
	return rc != 0 ? rc : acme_handle_show_order(t, 200, &o);
}

static json_t *
urls(struct acme_turn *t, const struct acme_order *o, size_t n)
{
	json_t *list = json_array();
	const char *url;
	size_t i;

	for (i = 0; i < n && list != NULL; i++) {
		/* Section 7.1.2.1: invalid orders need not be listed. */
		if (acme_load_order_state(&o[i], t->now_ms) == ACME_INVALID)
			continue;
		url = acme_turn_url(t, "order", o[i].id, "");
		if (url == NULL ||
		    json_array_append_new(list, json_string(url)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The page after the one that ends with this order (section 7.1.2.1). */
static int
link_next(struct acme_turn *t, const char *last)
{
	size_t len = strlen("/orders?cursor=") + strlen(last) + 1;
	char *suffix = acme_turn_alloc(t, len);

	if (suffix == NULL)
		return ERR_SYS_NOMEM;
	(void)snprintf(suffix, len, "/orders?cursor=%s", last);
	return acme_turn_link(
	    t, acme_turn_url(t, "acct", t->id, suffix), "next");
}

int
acme_handle_orders(struct acme_turn *t)
{
	struct acme_order *o;
	json_t *list;
	size_t n;
	int rc = acme_turn_own(t, t->id);

	if (rc == 0)
		rc = acme_turn_read(t);
	if (rc == 0)
		rc = t->store->ops->orders(
		    t->store->ctx, t->id, t->cursor, t->arena, &o, &n);
	/* A page that is not empty may have a successor. */
	if (rc == 0 && n > 0)
		rc = link_next(t, o[n - 1].id);
	if (rc != 0)
		return rc;
	list = urls(t, o, n);
	return acme_turn_json(
	    t, 200, list == NULL ? NULL : json_pack("{s:o}", "orders", list));
}

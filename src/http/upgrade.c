/* SPDX-License-Identifier: Apache-2.0 */
#include "http/upgrade.h"

#include <string.h>

#include "base/assert.h"
#include "http/attach_internal.h"
#include "http/exchange_internal.h"
#include "http/library_internal.h"
#include "http/request_internal.h"

bool
http_upgrade_offered(const struct http_request *r)
{
	return r->is_upgrade;
}

int
http_upgrade_accept(struct http_request *r,
    const struct http_websocket_opts *opts,
    const struct http_websocket_events *events, void *ctx,
    struct http_websocket **ret)
{
	struct http_websocket *w;

	TROTH_ASSERT(r->is_upgrade);
	TROTH_ASSERT(r->stage == HTTP_STAGE_HANDLING);
	TROTH_ASSERT(r->wsi != NULL);

	w = http_websocket_new(http_exchange_loop(r), opts, events, ctx);
	if (w == NULL)
		return ERR_SYS_NOMEM;
	http_exchange_become(r, w);
	*ret = w;
	return 0;
}

int
http_upgrade_confirm(struct lws *wsi, const char *token)
{
	struct http_session session = { .answered = false };
	struct http_request *r;
	int status = 0;

	if (token == NULL || strcasecmp(token, "websocket") != 0)
		return -1; /* no h2c */
	r = http_exchange_begin(wsi, &session, &status);
	if (r == NULL) {
		http_exchange_gone(wsi, &session);
		return -1;
	}
	r->is_upgrade = true;
	r->session = &session;
	/* Without the upgrade the library does not go on. */
	r->close_after = true;
	if (status == 0)
		status = http_handshake_check(r);
	if (status != 0)
		http_refuse_request(r, status, 0);
	else
		http_exchange_deliver(r);
	/* Who was not answered by now, or not in full, is not answered. */
	http_exchange_gone(wsi, &session);
	return session.upgraded ? 0 : -1;
}

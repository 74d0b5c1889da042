/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "ops/health.h"
#include "ops/metrics.h"
#include "ops/web_internal.h"

#define BODY_MAX (16U << 20)

static int
metrics(const struct ops_web *w, struct buf *b, int *ret_status)
{
	*ret_status = 200;
	return ops_metrics_render(w->metrics, b);
}

static int
health(const struct ops_web *w, struct buf *b, int *ret_status)
{
	*ret_status = ops_health_state(w->health) <= OPS_DEGRADED ? 200 : 503;
	return ops_health_render(w->health, b);
}

static int
ready(const struct ops_web *w, struct buf *b, int *ret_status)
{
	char why[OPS_HEALTH_ISSUE_BYTES_MAX];
	bool fine = ops_health_is_ready(w->health, why, sizeof(why));

	*ret_status = fine ? 200 : 503;
	return base_buf_printf(b, "%s\n", fine ? "ready" : why);
}

static int
startup(const struct ops_web *w, struct buf *b, int *ret_status)
{
	bool fine = ops_health_is_started(w->health);

	*ret_status = fine ? 200 : 503;
	return base_buf_printf(b, "%s\n", fine ? "started" : "starting");
}

int
ops_web_body(
    const struct ops_web *w, enum ops_web_page page, struct ops_web_body *ret)
{
	static int (*const pages[OPS_WEB_PAGES])(
	    const struct ops_web *, struct buf *, int *) = {
		[OPS_WEB_METRICS] = metrics,
		[OPS_WEB_HEALTH] = health,
		[OPS_WEB_READY] = ready,
		[OPS_WEB_STARTUP] = startup,
	};
	struct buf b;
	int rc, status;

	base_buf_init(&b, BODY_MAX);
	if ((rc = pages[page](w, &b, &status)) != 0) {
		base_buf_free(&b);
		return rc;
	}
	ret->status = status;
	ret->data = b.data;
	ret->len = b.len;
	return 0;
}

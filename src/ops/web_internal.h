/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_WEB_INTERNAL_H
#define OPS_WEB_INTERNAL_H

#include <stddef.h>

#include "base/err.h"
#include "ops/web.h"

enum ops_web_page {
	OPS_WEB_METRICS,
	OPS_WEB_HEALTH,
	OPS_WEB_READY,
	OPS_WEB_STARTUP,
	OPS_WEB_PAGES
};

struct ops_web_body {
	int status; /* HTTP */
	void *data; /* malloc'd */
	size_t len;
};

/**
 * ops_web_body(w, page, ret):
 * Make the answer of ${page}.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ops_web_body(
    const struct ops_web *w, enum ops_web_page page, struct ops_web_body *ret);

#endif

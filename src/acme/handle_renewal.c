/* SPDX-License-Identifier: Apache-2.0 */
/* renewalInfo (RFC 9773 section 4). */
#include "acme/handle.h"

#include <stdio.h>
#include <string.h>

#include "acme/cert.h"
#include "acme/load_certid.h"
#include "acme/renewal.h"
#include "acme/server_internal.h"
#include "acme/turn_internal.h"
#include "wire/time.h"

int
acme_handle_renewal(struct acme_turn *t)
{
	const struct acme_renewal_rule *rule = &t->srv->config.renewal;
	char start[WIRE_TIME_TEXT_MAX], end[WIRE_TIME_TEXT_MAX], retry[16];
	struct acme_renewal_window w;
	struct acme_cert cert;
	int rc = acme_load_certid(t, t->id, &cert);

	rc = acme_turn_missing(t, rc, "certificate");
	if (rc != 0)
		return rc;
	w = acme_renewal_window(&cert, rule);
	wire_time_format(w.start, start);
	wire_time_format(w.end, end);
	(void)snprintf(retry, sizeof(retry), "%d", rule->retry_s);
	rc = acme_turn_header(
	    t, "retry-after", acme_turn_dup(t, retry, strlen(retry)));
	return rc != 0 ? rc
		       : acme_turn_json(t, 200,
			     json_pack("{s:{s:s,s:s}}", "suggestedWindow",
				 "start", start, "end", end));
}

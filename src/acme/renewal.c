/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/renewal.h"

#include "acme/cert.h"

enum { DAY_MS = 86400 * 1000, SECOND_MS = 1000 };

struct acme_renewal_window
acme_renewal_window(
    const struct acme_cert *cert, const struct acme_renewal_rule *rule)
{
	/* RFC 5280 section 4.1.2.5: notAfter is inclusive. */
	int64_t life = cert->not_after + SECOND_MS - cert->not_before;
	struct acme_renewal_window w;

	if (cert->revoked_at != 0) {
		w.start = cert->revoked_at;
		w.end = w.start + SECOND_MS;
		return w;
	}
	if (life > DAY_MS)
		life = DAY_MS;
	w.start = cert->not_after - rule->start_ms * life / DAY_MS;
	w.end = cert->not_after - rule->end_ms * life / DAY_MS;
	return w;
}

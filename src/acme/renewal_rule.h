/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_RENEWAL_RULE_H
#define ACME_RENEWAL_RULE_H

#include <stdint.h>

/* When renewal is suggested, before the end of a life of 24 hours; of a
 * shorter one, as much sooner as it is shorter. */
struct acme_renewal_rule {
	int64_t start_ms, end_ms; /* before notAfter; end < start */
	int retry_s;		  /* until one should ask again */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs.h"

#include "pki/cert.h"
#include "pki/profile.h"

enum { HOUR_MS = 3600000 };

int
pki_tbs_serial(uint8_t random[PKI_SERIAL_LEN])
{

	random[0] &= 0x7f;
	return random[0] != 0 ? 0 : ERR_STATE_REFUSED;
}

int
pki_tbs_leaf_times(struct pki_tbs_leaf *in, int64_t now_ms, uint32_t validity_s)
{
	int64_t from, to, end = pki_cert_not_after_ms(in->issuer);

	if (validity_s == 0 || validity_s > in->profile->validity_s)
		validity_s = in->profile->validity_s;
	from = (now_ms / 1000 - in->profile->backdate_s) * 1000;
	to = from + ((int64_t)validity_s - 1) * 1000;
	if (to > end) {
		/* Identity spec section 4: below 1 h = issuer_expiring. */
		if (end - now_ms < HOUR_MS)
			return ERR_STATE_EXPIRED;
		to = end;
	}
	in->not_before_ms = from;
	in->not_after_ms = to;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/policy.h"

#include <string.h>

#include "base/str.h"
#include "pki/der.h"
#include "pki/profile.h"
#include "pki/tbs_internal.h"

/* An identifier's length and its content octets. */
enum { POLICIES_MAX = 8, POLICY_LEN = 32 };

/* Append one number, seven bits an octet (X.690 section 8.19). */
static int
append(uint8_t p[POLICY_LEN], uint64_t v)
{
	unsigned shift = 0, n;

	while (shift < 63 && v >> (shift + 7) != 0)
		shift += 7;
	for (n = shift / 7 + 1; n > 0; n--, shift -= 7) {
		if (p[0] == POLICY_LEN - 1)
			return ERR_PEER_TOO_LARGE;
		p[++p[0]] = (uint8_t)((v >> shift & 0x7f) | (n > 1 ? 0x80 : 0));
	}
	return 0;
}

static int
parse(const char *text, uint8_t p[POLICY_LEN])
{
	uint64_t v, first = 0;
	unsigned i = 0;
	size_t n;
	int rc;

	memset(p, 0, POLICY_LEN);
	for (;; i++, text += n + 1) {
		n = strcspn(text, ".");
		if (base_str_u64(text, n, &v) != 0 || v > UINT32_MAX)
			return ERR_PEER_MALFORMED;
		if (i == 0) {
			first = v;
			rc = v <= 2 ? 0 : ERR_PEER_MALFORMED;
		} else if (i == 1) {
			rc = first == 2 || v <= 39 ? append(p, first * 40 + v)
						   : ERR_PEER_MALFORMED;
		} else {
			rc = append(p, v);
		}
		if (rc != 0)
			return rc;
		if (text[n] == '\0')
			return i >= 2 ? 0 : ERR_PEER_MALFORMED;
	}
}

int
pki_policy_add(struct pki_profile *profile, const char *text)
{
	uint8_t p[POLICY_LEN];
	size_t i;
	int rc;

	if ((rc = parse(text, p)) != 0)
		return rc;
	for (i = 0; i < profile->n_policies; i++)
		if (memcmp(profile->policy[i], p, POLICY_LEN) == 0)
			return ERR_PEER_DUPLICATE;
	if (profile->n_policies == POLICIES_MAX)
		return ERR_PEER_TOO_LARGE;
	memcpy(profile->policy[profile->n_policies++], p, POLICY_LEN);
	return 0;
}

void
pki_tbs_ext_policies(struct pki_der *w, const struct pki_profile *profile)
{
	size_t i;

	if (profile->n_policies == 0)
		return;
	pki_tbs_ext_begin(w, PKI_OID_POLICIES, false);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	for (i = 0; i < profile->n_policies; i++) {
		pki_der_open(w, PKI_TAG_SEQUENCE);
		pki_der_put(w, PKI_TAG_OID, profile->policy[i] + 1,
		    profile->policy[i][0]);
		pki_der_close(w);
	}
	pki_der_close(w);
	pki_tbs_ext_end(w);
}

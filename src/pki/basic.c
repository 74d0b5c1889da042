/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/basic.h"

#include "pki/tlv.h"

int
pki_basic_parse(struct pki_bytes v, bool *ret_ca, int *ret_pathlen)
{
	struct pki_tlv seq, t;
	int rc;

	*ret_ca = false;
	*ret_pathlen = -1;
	if ((rc = pki_tlv_expect(&v, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (pki_tlv_optional(&seq.val, PKI_TAG_BOOLEAN, &t)) {
		if (t.val.len != 1 || t.val.data[0] != 0xff)
			return ERR_PEER_ENCODING;
		*ret_ca = true;
	}
	if (pki_tlv_optional(&seq.val, PKI_TAG_INTEGER, &t)) {
		if (!*ret_ca || t.val.len != 1 || t.val.data[0] > 127)
			return ERR_PEER_MALFORMED;
		*ret_pathlen = t.val.data[0];
	}
	return seq.val.len == 0 ? 0 : ERR_PEER_MALFORMED;
}

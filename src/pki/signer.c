/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/signer.h"

#include <stddef.h>

#include "pki/pubkey.h"

static const struct {
	enum pki_key_type type;
	enum pki_oid algorithm;
} table[] = {
	{ PKI_KEY_P256, PKI_OID_ECDSA_SHA256 },
	{ PKI_KEY_P384, PKI_OID_ECDSA_SHA384 },
	{ PKI_KEY_ED25519, PKI_OID_ED25519 },
	{ PKI_KEY_MLDSA44, PKI_OID_MLDSA44 },
	{ PKI_KEY_MLDSA65, PKI_OID_MLDSA65 },
	{ PKI_KEY_MLDSA87, PKI_OID_MLDSA87 },
};

int
pki_signer_algorithm(struct pki_bytes spki, enum pki_oid *ret)
{
	enum pki_key_type type;
	size_t i;
	int rc;

	if ((rc = pki_pubkey_type(spki, &type)) != 0)
		return rc;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].type == type) {
			*ret = table[i].algorithm;
			return 0;
		}
	return ERR_PEER_UNSUPPORTED;
}

unsigned
pki_signer_allows(struct pki_bytes spki, unsigned kinds)
{
	enum pki_key_type type;

	if (pki_pubkey_type(spki, &type) == 0 && (type & PKI_KEY_MLDSA) != 0)
		return kinds;
	return kinds & ~(unsigned)PKI_KEY_MLDSA;
}

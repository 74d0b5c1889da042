/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_root_name.h"

#include "pki/cert.h"
#include "pki/pubkey.h"
#include "pki/signer.h"

const char *
ca_root_name_of(const struct pki_cert *root)
{
	unsigned kinds = pki_signer_allows(pki_cert_spki(root), PKI_KEY_ANY);

	return (kinds & PKI_KEY_MLDSA) != 0 ? CA_ROOT_NAME_PQ : CA_ROOT_NAME;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ct.h"

#include <stdlib.h>
#include <string.h>

#include "pki/pubkey.h"

enum {
	HASH_SHA256 = 4, /* RFC 5246 section 7.4.1.4.1 */
	SIG_RSA = 1,
	SIG_ECDSA = 3
};

int
pki_ct_key_hash(struct pki_bytes spki, uint8_t out[32])
{

	return pki_pubkey_sha256(spki, out);
}

/* RFC 6962 section 2.1.4: P-256 or RSA, both with SHA-256. */
static int
check_algorithms(const struct pki_ct_sct *sct, struct pki_bytes log_spki)
{
	enum pki_key_type type;
	int rc;

	if ((rc = pki_pubkey_type(log_spki, &type)) != 0)
		return rc;
	if (sct->hash_alg != HASH_SHA256)
		return ERR_PEER_UNSUPPORTED;
	if ((type == PKI_KEY_P256 && sct->sig_alg == SIG_ECDSA) ||
	    (type == PKI_KEY_RSA && sct->sig_alg == SIG_RSA))
		return 0;
	return ERR_PEER_UNSUPPORTED;
}

int
pki_ct_sct_verify(const struct pki_ct_sct *sct,
    const struct pki_ct_entry *entry, struct pki_bytes log_spki)
{
	struct pki_bytes ext = { sct->ext, sct->ext_len };
	struct pki_bytes sig = { sct->sig, sct->sig_len };
	size_t cap = entry->cert.len + PKI_CT_EXT_MAX + 64, len;
	uint8_t id[32], *input;
	int rc;

	if ((rc = pki_pubkey_sha256(log_spki, id)) != 0)
		return rc;
	if (memcmp(id, sct->log_id, sizeof(id)) != 0)
		return ERR_PEER_MISMATCH;
	if ((rc = check_algorithms(sct, log_spki)) != 0)
		return rc;
	if ((input = malloc(cap)) == NULL)
		return ERR_SYS_NOMEM;
	rc = pki_ct_signed_input(
	    entry, sct->timestamp_ms, ext, input, cap, &len);
	if (rc == 0)
		rc = pki_pubkey_verify(
		    log_spki, (struct pki_bytes){ input, len }, sig);
	free(input);
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "pki/ocsp.h"
#include "pki/ossl_internal.h"
#include "pki/tlv.h"

static int
hash_of(struct pki_bytes in, enum pki_ocsp_hash hash, uint8_t out[32],
    size_t *ret_len)
{
	const EVP_MD *md;
	unsigned len;

	if (hash == PKI_OCSP_HASH_OTHER)
		return ERR_PEER_UNSUPPORTED;
	md = hash == PKI_OCSP_SHA1 ? EVP_sha1() : EVP_sha256();
	if (EVP_Digest(in.data, in.len, out, &len, md, NULL) != 1)
		return pki_ossl_rc(ERR_SYS_CRYPTO);
	*ret_len = len;
	return 0;
}

int
pki_ocsp_name_hash(struct pki_bytes name, enum pki_ocsp_hash hash,
    uint8_t out[32], size_t *ret_len)
{
	return hash_of(name, hash, out, ret_len);
}

int
pki_ocsp_key_hash(struct pki_bytes spki, enum pki_ocsp_hash hash,
    uint8_t out[32], size_t *ret_len)
{
	struct pki_tlv all, alg, bits;
	int rc;

	if ((rc = pki_tlv_expect(&spki, PKI_TAG_SEQUENCE, &all)) != 0 ||
	    (rc = pki_tlv_expect(&all.val, PKI_TAG_SEQUENCE, &alg)) != 0 ||
	    (rc = pki_tlv_expect(&all.val, PKI_TAG_BIT_STRING, &bits)) != 0)
		return rc;
	if (bits.val.len == 0)
		return ERR_PEER_MALFORMED;
	/* Without the octet that counts the unused bits. */
	bits.val.data++;
	bits.val.len--;
	return hash_of(bits.val, hash, out, ret_len);
}

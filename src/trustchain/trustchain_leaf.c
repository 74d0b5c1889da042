/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_leaf.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/pkey.h"

int
trustchain_leaf_csr(
    const struct crypto_pkey *key, uint8_t **ret, size_t *ret_len)
{
	EVP_PKEY *evp = crypto_pkey_evp(key);
	/* Ed25519 has its digest built in. */
	const EVP_MD *md =
	    crypto_pkey_type(key) == CRYPTO_KEY_ED25519 ? NULL : EVP_sha256();
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	int len = -1;

	if (req != NULL && X509_REQ_set_version(req, 0) == 1 &&
	    X509_REQ_set_pubkey(req, evp) == 1 &&
	    X509_REQ_sign(req, evp, md) > 0)
		len = i2d_X509_REQ(req, &der);
	X509_REQ_free(req);
	if (len <= 0)
		return ERR_SYS_CRYPTO;
	*ret = der;
	*ret_len = (size_t)len;
	return 0;
}

char *
trustchain_leaf_key_pem(const struct crypto_pkey *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data, *out = NULL;
	long len;

	if (bio != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(
		bio, crypto_pkey_evp(key), NULL, NULL, 0, NULL, NULL) == 1 &&
	    (len = BIO_get_mem_data(bio, &data)) > 0)
		out = strndup(data, (size_t)len);
	BIO_free(bio);
	return out;
}

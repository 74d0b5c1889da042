/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/known.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "pki/cert.h"
#include "pki/cert_internal.h"
#include "pki/ossl_internal.h"
#include "pki/pubkey.h"

enum { DIGEST_LEN = 32 };

struct cert_slot {
	uint8_t digest[DIGEST_LEN];
	struct pki_cert *cert; /* NULL: empty */
};

struct path_slot {
	uint8_t digest[DIGEST_LEN];
	bool used;
};

struct pki_known {
	CRYPTO_RWLOCK *lock; /* guards the slots */
	struct cert_slot cert[PKI_KNOWN_CERTS_MAX];
	struct path_slot path[PKI_KNOWN_PATHS_MAX];
};

int
pki_known_new(struct pki_known **ret)
{
	struct pki_known *k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return ERR_SYS_NOMEM;
	if ((k->lock = CRYPTO_THREAD_lock_new()) == NULL) {
		free(k);
		return ERR_SYS_NOMEM;
	}
	*ret = k;
	return 0;
}

void
pki_known_free(struct pki_known *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < PKI_KNOWN_CERTS_MAX; i++)
		pki_cert_free(k->cert[i].cert);
	CRYPTO_THREAD_lock_free(k->lock);
	free(k);
}

/* Digests spread evenly: their first octets choose the slot. */
static size_t
slot_of(const uint8_t digest[DIGEST_LEN], size_t slots)
{

	return ((size_t)digest[0] << 8 | digest[1]) % slots;
}

struct pki_cert *
pki_known_cert(struct pki_known *k, struct pki_bytes der)
{
	uint8_t digest[DIGEST_LEN];
	struct pki_cert *c = NULL;
	struct cert_slot *s;

	if (der.len > PKI_KNOWN_DER_MAX || pki_pubkey_sha256(der, digest) != 0)
		return NULL;
	s = &k->cert[slot_of(digest, PKI_KNOWN_CERTS_MAX)];
	if (CRYPTO_THREAD_read_lock(k->lock) != 1)
		return NULL;
	if (s->cert != NULL && memcmp(s->digest, digest, DIGEST_LEN) == 0)
		c = pki_cert_ref(s->cert);
	CRYPTO_THREAD_unlock(k->lock);
	return c;
}

void
pki_known_keep(struct pki_known *k, const struct pki_cert *c)
{
	struct pki_cert *old = NULL;
	uint8_t digest[DIGEST_LEN];
	struct cert_slot *s;

	if (pki_cert_der(c).len > PKI_KNOWN_DER_MAX ||
	    pki_pubkey_sha256(pki_cert_der(c), digest) != 0)
		return;
	s = &k->cert[slot_of(digest, PKI_KNOWN_CERTS_MAX)];
	if (CRYPTO_THREAD_write_lock(k->lock) != 1)
		return;
	if (s->cert == NULL || memcmp(s->digest, digest, DIGEST_LEN) != 0) {
		old = s->cert;
		s->cert = pki_cert_ref(c);
		memcpy(s->digest, digest, DIGEST_LEN);
	}
	CRYPTO_THREAD_unlock(k->lock);
	pki_cert_free(old);
}

/* One digest of all certificates, each with its length before it. */
static bool
digest_path(
    const struct pki_cert *const *path, size_t n, uint8_t ret[DIGEST_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct pki_bytes der;
	size_t i;
	bool ok;

	ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	for (i = 0; i < n && ok; i++) {
		der = pki_cert_der(path[i]);
		ok = EVP_DigestUpdate(ctx, &der.len, sizeof(der.len)) == 1 &&
		     EVP_DigestUpdate(ctx, der.data, der.len) == 1;
	}
	ok = ok && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	(void)pki_ossl_rc(0);
	return ok;
}

bool
pki_known_path(
    struct pki_known *k, const struct pki_cert *const *path, size_t n)
{
	uint8_t digest[DIGEST_LEN];
	const struct path_slot *s;
	bool known;

	if (!digest_path(path, n, digest))
		return false;
	s = &k->path[slot_of(digest, PKI_KNOWN_PATHS_MAX)];
	if (CRYPTO_THREAD_read_lock(k->lock) != 1)
		return false;
	known = s->used && memcmp(s->digest, digest, DIGEST_LEN) == 0;
	CRYPTO_THREAD_unlock(k->lock);
	return known;
}

void
pki_known_keep_path(
    struct pki_known *k, const struct pki_cert *const *path, size_t n)
{
	uint8_t digest[DIGEST_LEN];
	struct path_slot *s;

	if (!digest_path(path, n, digest))
		return;
	s = &k->path[slot_of(digest, PKI_KNOWN_PATHS_MAX)];
	if (CRYPTO_THREAD_write_lock(k->lock) != 1)
		return;
	memcpy(s->digest, digest, DIGEST_LEN);
	s->used = true;
	CRYPTO_THREAD_unlock(k->lock);
}

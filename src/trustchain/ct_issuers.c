/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_issuers.h"

#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "pki/cert.h"
#include "store/file.h"
#include "wire/hex.h"

struct issuer {
	uint8_t fingerprint[32];
	struct pki_cert *cert;
};

struct ct_issuers {
	pthread_mutex_t lock; /* guards n; issuers below it do not change */
	size_t n;
	struct issuer v[CT_ISSUERS_MAX];
};

int
ct_issuers_new(struct ct_issuers **ret)
{
	struct ct_issuers *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_SYS_NOMEM;
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return ERR_SYS_OS;
	}
	*ret = s;
	return 0;
}

void
ct_issuers_free(struct ct_issuers *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		pki_cert_free(s->v[i].cert);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

static size_t
count(struct ct_issuers *s)
{
	size_t n;

	(void)pthread_mutex_lock(&s->lock);
	n = s->n;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

static bool
has(const struct ct_issuers *s, size_t from, size_t to, const uint8_t *print)
{
	size_t i;

	for (i = from; i < to; i++)
		if (memcmp(s->v[i].fingerprint, print, 32) == 0)
			return true;
	return false;
}

void
ct_issuers_add(
    struct ct_issuers *s, struct pki_bytes der, const uint8_t fingerprint[32])
{
	size_t n = count(s);
	struct pki_cert *cert;

	if (n == CT_ISSUERS_MAX || has(s, 0, n, fingerprint) ||
	    pki_cert_parse(der, &cert) != 0)
		return;
	(void)pthread_mutex_lock(&s->lock);
	if (s->n < CT_ISSUERS_MAX && !has(s, n, s->n, fingerprint)) {
		memcpy(s->v[s->n].fingerprint, fingerprint, 32);
		s->v[s->n++].cert = cert;
		cert = NULL;
	}
	(void)pthread_mutex_unlock(&s->lock);
	pki_cert_free(cert);
}

static void
load_one(struct ct_issuers *s, const char *dir, const char *name)
{
	uint8_t want[CRYPTO_SHA256_LEN], have[CRYPTO_SHA256_LEN], *data;
	char path[PATH_MAX];
	size_t len;

	if (strlen(name) != 64 ||
	    wire_hex_decode(name, 64, want, sizeof(want), &len) != 0 ||
	    base_str_format(path, sizeof(path), "%s/%s", dir, name) != 0 ||
	    store_file_load(path, PKI_CERT_DER_MAX, &data, &len) != 0)
		return;
	crypto_sha2_256(data, len, have);
	if (memcmp(want, have, sizeof(want)) == 0)
		ct_issuers_add(s, (struct pki_bytes){ data, len }, have);
	free(data);
}

void
ct_issuers_load(struct ct_issuers *s, const char *shard_dir)
{
	char dir[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (base_str_format(dir, sizeof(dir), "%s/issuer", shard_dir) != 0 ||
	    (d = opendir(dir)) == NULL)
		return;
	while (count(s) < CT_ISSUERS_MAX && (e = readdir(d)) != NULL)
		load_one(s, dir, e->d_name);
	closedir(d);
}

/* Who signed the certificate, or NULL: of equal names only the key tells. */
static const struct pki_cert *
find(struct ct_issuers *s, const struct pki_cert *c)
{
	size_t n = count(s), i;

	for (i = 0; i < n; i++)
		if (pki_bytes_equal(
			pki_cert_subject(s->v[i].cert), pki_cert_issuer(c)) &&
		    pki_cert_verify(c, s->v[i].cert) == 0)
			return s->v[i].cert;
	return NULL;
}

size_t
ct_issuers_complete(
    struct ct_issuers *s, struct pki_bytes *der, size_t n, size_t max)
{
	struct pki_cert *own = NULL;
	const struct pki_cert *last;

	if (n == 0 || n >= max || pki_cert_parse(der[n - 1], &own) != 0)
		return n;
	last = own;
	/* A root needs no issuer, and is its own. */
	while (
	    n < max &&
	    !pki_bytes_equal(pki_cert_issuer(last), pki_cert_subject(last)) &&
	    (last = find(s, last)) != NULL)
		der[n++] = pki_cert_der(last);
	pki_cert_free(own);
	return n;
}

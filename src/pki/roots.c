/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/roots.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "pki/cert.h"
#include "pki/cert_internal.h"
#include "pki/known.h"
#include "pki/roots_internal.h"

enum { ROOTS_MAX = 256 };

struct pki_roots {
	X509_STORE *store;
	struct pki_known *known;
	size_t n;
	struct pki_cert *cert[ROOTS_MAX];
};

int
pki_roots_new(struct pki_roots **ret)
{
	struct pki_roots *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return ERR_SYS_NOMEM;
	if ((r->store = X509_STORE_new()) == NULL ||
	    pki_known_new(&r->known) != 0) {
		pki_roots_free(r);
		return ERR_SYS_NOMEM;
	}
	*ret = r;
	return 0;
}

void
pki_roots_free(struct pki_roots *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++)
		pki_cert_free(r->cert[i]);
	X509_STORE_free(r->store);
	pki_known_free(r->known);
	free(r);
}

int
pki_roots_add(struct pki_roots *r, struct pki_bytes der)
{
	struct pki_cert *c;
	size_t i;
	int rc;

	if ((rc = pki_cert_parse(der, &c)) != 0)
		return rc;
	for (i = 0; i < r->n; i++)
		if (pki_bytes_equal(pki_cert_der(r->cert[i]), der)) {
			pki_cert_free(c);
			return 0;
		}
	if (r->n == ROOTS_MAX)
		rc = ERR_SYS_LIMIT;
	else if (!pki_cert_is_ca(c, NULL) ||
		 !pki_bytes_equal(pki_cert_issuer(c), pki_cert_subject(c)))
		rc = ERR_STATE_REFUSED;
	else if ((rc = pki_cert_verify(c, c)) == ERR_PEER_SIGNATURE)
		rc = ERR_STATE_REFUSED;
	else if (rc == 0 &&
		 X509_STORE_add_cert(r->store, pki_cert_x509(c)) != 1)
		rc = ERR_SYS_NOMEM;
	ERR_clear_error();
	if (rc != 0)
		pki_cert_free(c);
	else
		r->cert[r->n++] = c;
	return rc;
}

size_t
pki_roots_count(const struct pki_roots *r)
{

	return r->n;
}

const struct pki_cert *
pki_roots_get(const struct pki_roots *r, size_t i)
{

	return i < r->n ? r->cert[i] : NULL;
}

X509_STORE *
pki_roots_store(const struct pki_roots *r)
{

	return r->store;
}

const struct pki_cert *
pki_roots_find(const struct pki_roots *r, const X509 *x)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (pki_cert_x509(r->cert[i]) == x)
			return r->cert[i];
	return NULL;
}

struct pki_known *
pki_roots_known(const struct pki_roots *r)
{

	return r->known;
}

int
pki_roots_parse(
    const struct pki_roots *r, struct pki_bytes der, struct pki_cert **ret)
{
	struct pki_cert *c = pki_known_cert(r->known, der);

	if (c == NULL)
		return pki_cert_parse(der, ret);
	*ret = c;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/roots.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "pki/cert.h"
#include "pki/cert_internal.h"
#include "pki/roots_internal.h"
#include "wire/pem.h"

enum { ROOTS_MAX = 256 };

struct pki_roots {
	X509_STORE *store;
	size_t n;
	struct pki_cert *cert[ROOTS_MAX];
};

int
pki_roots_new(struct pki_roots **ret)
{
	struct pki_roots *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return ERR_SYS_NOMEM;
	if ((r->store = X509_STORE_new()) == NULL) {
		free(r);
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

int
pki_roots_add_pem(struct pki_roots *r, struct pki_bytes pem, size_t *ret_n)
{
	size_t pos = 0, n = 0;
	struct buf der;
	int rc;

	base_buf_init(&der, PKI_CERT_DER_MAX);
	for (;;) {
		base_buf_free(&der);
		base_buf_init(&der, PKI_CERT_DER_MAX);
		rc = wire_pem_next(
		    (const char *)pem.data, pem.len, &pos, "CERTIFICATE", &der);
		if (rc != 0)
			break;
		rc = pki_roots_add(r, (struct pki_bytes){ der.data, der.len });
		if (rc != 0)
			break;
		n++;
	}
	base_buf_free(&der);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = n > 0 ? 0 : ERR_PEER_MALFORMED;
	if (rc == 0 && ret_n != NULL)
		*ret_n = n;
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

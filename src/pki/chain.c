/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/chain.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"
#include "pki/cert_internal.h"
#include "pki/ossl_internal.h"
#include "pki/roots_internal.h"

/*
 * OpenSSL does not know the critical CT poison.  A leaf is excused from that
 * error alone, and only when each other critical extension is one that
 * X509_verify_cert does handle.
 */
static int
excuse_poison(int ok, X509_STORE_CTX *ctx)
{
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	X509_EXTENSION *e;
	int i, n;

	if (ok ||
	    X509_STORE_CTX_get_error(ctx) !=
		X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION ||
	    X509_STORE_CTX_get_error_depth(ctx) != 0)
		return ok;
	n = X509_get_ext_count(x);
	for (i = 0; i < n; i++) {
		e = X509_get_ext(x, i);
		if (!X509_EXTENSION_get_critical(e) ||
		    OBJ_obj2nid(X509_EXTENSION_get_object(e)) ==
			NID_ct_precert_poison)
			continue;
		if (!X509_supported_extension(e))
			return 0;
	}
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static int
map_error(int err)
{

	switch (err) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return ERR_PEER_UNTRUSTED;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return ERR_PEER_SIGNATURE;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return ERR_STATE_EXPIRED;
	case X509_V_ERR_OUT_OF_MEM:
		return ERR_SYS_NOMEM;
	default:
		return ERR_PEER_MISMATCH;
	}
}

/* The verified path uses what was sent, in that order, then a root. */
static int
copy_path(X509_STORE_CTX *ctx, const struct pki_cert *const *chain, size_t n,
    struct pki_path *ret)
{
	STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
	struct pki_path p = { 0, { NULL } };
	size_t len = (size_t)sk_X509_num(path), i;
	uint8_t *der;
	int rc = 0, l;

	if (len < n || len > n + 1)
		return ERR_PEER_MISMATCH;
	for (i = 0; i < n && rc == 0; i++)
		if (X509_cmp(sk_X509_value(path, (int)i),
			pki_cert_x509(chain[i])) != 0)
			rc = ERR_PEER_MISMATCH;
	for (i = 0; i < len && rc == 0 && ret != NULL; i++) {
		der = NULL;
		l = i2d_X509(sk_X509_value(path, (int)i), &der);
		if (l < 0)
			rc = ERR_SYS_NOMEM;
		else
			rc = pki_cert_parse(
			    (struct pki_bytes){ der, (size_t)l }, &p.cert[i]);
		if (rc == 0)
			p.n++;
		OPENSSL_free(der);
	}
	if (rc != 0)
		pki_path_fini(&p);
	else if (ret != NULL)
		*ret = p;
	return rc;
}

static int
verify(X509_STORE_CTX *ctx, int64_t at_ms)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags = 0;
	int rc = 0;

	if (at_ms < 0)
		flags |= X509_V_FLAG_NO_CHECK_TIME;
	else
		X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
	X509_VERIFY_PARAM_set_depth(param, PKI_CHAIN_LEN_MAX);
	X509_STORE_CTX_set_verify_cb(ctx, excuse_poison);
	if (X509_VERIFY_PARAM_set_flags(param, flags) != 1)
		return ERR_SYS_NOMEM;
	if (X509_verify_cert(ctx) != 1)
		rc = map_error(X509_STORE_CTX_get_error(ctx));
	return rc;
}

int
pki_chain_verify(const struct pki_roots *roots,
    const struct pki_cert *const *chain, size_t n, int64_t at_ms,
    struct pki_path *ret)
{
	STACK_OF(X509) *rest = NULL;
	X509_STORE_CTX *ctx = NULL;
	int rc = ERR_SYS_NOMEM;
	size_t i;

	if (n == 0)
		return ERR_PEER_UNTRUSTED;
	if (n > PKI_CHAIN_LEN_MAX)
		return ERR_PEER_TOO_LARGE;
	/* OpenSSL would take keyCertSign alone for a sign of a CA. */
	for (i = 1; i < n; i++)
		if (!pki_cert_is_ca(chain[i], NULL))
			return ERR_PEER_MISMATCH;
	if ((rest = sk_X509_new_null()) == NULL)
		goto out;
	for (i = 1; i < n; i++)
		if (sk_X509_push(rest, pki_cert_x509(chain[i])) <= 0)
			goto out;
	if ((ctx = X509_STORE_CTX_new()) == NULL ||
	    X509_STORE_CTX_init(ctx, pki_roots_store(roots),
		pki_cert_x509(chain[0]), rest) != 1)
		goto out;
	if ((rc = verify(ctx, at_ms)) == 0)
		rc = copy_path(ctx, chain, n, ret);
out:
	X509_STORE_CTX_free(ctx);
	sk_X509_free(rest);
	return pki_ossl_rc(rc);
}

void
pki_path_fini(struct pki_path *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		pki_cert_free(p->cert[i]);
	p->n = 0;
}

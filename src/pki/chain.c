/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/chain.h"

#include <stdbool.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"
#include "pki/cert_internal.h"
#include "pki/known.h"
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

/* What one call works on; the store's context leads to it. */
struct run {
	const struct pki_roots *roots;
	const struct pki_cert *const *chain;
	size_t n;
	X509_STORE_CTX_verify_fn verify; /* OpenSSL's own */
};

/*
 * The verified path as our certificates: it uses what was sent, in that
 * order, then a root.  The first ${n} are those of the call, and the caller's.
 */
static int
take_path(const struct run *r, X509_STORE_CTX *ctx, struct pki_path *ret)
{
	STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
	size_t len = (size_t)sk_X509_num(path), i;
	const struct pki_cert *root;

	if (len < r->n || len > r->n + 1)
		return ERR_PEER_MISMATCH;
	for (i = 0; i < r->n; i++) {
		if (X509_cmp(sk_X509_value(path, (int)i),
			pki_cert_x509(r->chain[i])) != 0)
			return ERR_PEER_MISMATCH;
		ret->cert[i] = (struct pki_cert *)(uintptr_t)r->chain[i];
	}
	ret->n = len;
	if (len == r->n)
		return 0;
	root = pki_roots_find(r->roots, sk_X509_value(path, (int)len - 1));
	ret->cert[len - 1] = (struct pki_cert *)(uintptr_t)root;
	return root != NULL ? 0 : ERR_PEER_MISMATCH;
}

/* The leaf's own signature; OpenSSL says what is wrong if it is. */
static bool
leaf_signed(const struct pki_path *path)
{
	X509 *issuer = pki_cert_x509(path->cert[1]);
	EVP_PKEY *key = X509_get0_pubkey(issuer);

	/* RFC 5280 section 6.1.4 (n). */
	if (key == NULL || (X509_get_key_usage(issuer) & KU_KEY_CERT_SIGN) == 0)
		return false;
	return X509_verify(pki_cert_x509(path->cert[0]), key) == 1;
}

/*
 * In place of OpenSSL's check of signatures and times along the path, which
 * comes after those of extensions and trust and before those of names: the
 * signatures above the leaf may be known to verify, since only that path's
 * octets decide about them.  Without times nothing else is checked there.
 */
static int
verify_signatures(X509_STORE_CTX *ctx)
{
	const struct run *r = X509_STORE_CTX_get_app_data(ctx);
	struct pki_known *known = pki_roots_known(r->roots);
	struct pki_path path = { 0, { NULL } };
	const struct pki_cert *const *above;
	unsigned long flags;
	size_t i;

	if (take_path(r, ctx, &path) != 0 || path.n < 2)
		return r->verify(ctx);
	above = (const struct pki_cert *const *)path.cert + 1;
	flags = X509_VERIFY_PARAM_get_flags(X509_STORE_CTX_get0_param(ctx));
	if ((flags & X509_V_FLAG_NO_CHECK_TIME) != 0 &&
	    pki_known_path(known, above, path.n - 1) && leaf_signed(&path))
		return 1;
	if (r->verify(ctx) != 1)
		return 0;
	pki_known_keep_path(known, above, path.n - 1);
	for (i = 1; i < path.n; i++)
		pki_known_keep(known, path.cert[i]);
	return 1;
}

static int
verify(struct run *r, X509_STORE_CTX *ctx, int64_t at_ms)
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
	r->verify = X509_STORE_CTX_get_verify(ctx);
	X509_STORE_CTX_set_verify(ctx, verify_signatures);
	if (X509_STORE_CTX_set_app_data(ctx, r) != 1)
		return ERR_SYS_NOMEM;
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
	struct run r = { roots, chain, n, NULL };
	struct pki_path path = { 0, { NULL } };
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
	if ((rc = verify(&r, ctx, at_ms)) == 0)
		rc = take_path(&r, ctx, &path);
	if (rc == 0 && ret != NULL) {
		for (i = 0; i < path.n; i++)
			ret->cert[i] = pki_cert_ref(path.cert[i]);
		ret->n = path.n;
	}
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

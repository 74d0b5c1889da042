/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "http/dial_internal.h"
#include "http/websocket_client.h"
#include "net/tls.h"

/*
 * One TLS context serves connections with different trust, so certificates are
 * verified by us, for the connection that the handshake belongs to.
 */
static struct http_dial *
dial_of(const struct http_websocket_client *c, const SSL *ssl)
{
	struct http_dial *d;
	const struct list *it;

	for (it = c->dials.next; it != &c->dials; it = it->next) {
		d = LIST_ENTRY(it, struct http_dial, node);
		if (d->wsi != NULL && lws_get_ssl(d->wsi) == ssl)
			return d;
	}
	return NULL;
}

static bool
is_pinned(const struct http_dial *d, X509 *leaf)
{
	uint8_t hash[32], *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &der);
	bool ok = len > 0 && EVP_Digest(der, (size_t)len, hash, NULL,
				 EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	for (size_t i = 0; ok && i < d->pins_count; i++)
		if (memcmp(d->pins[i], hash, sizeof(hash)) == 0)
			return true;
	return false;
}

/* RFC 5280 section 6, and RFC 9525 for the name. */
static bool
chains_up(const struct http_dial *d, X509 *leaf, STACK_OF(X509) * sent)
{
	X509_STORE_CTX *v = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	bool ok = v != NULL &&
		  X509_STORE_CTX_init(v, d->roots, leaf, sent) == 1 &&
		  X509_STORE_CTX_set_default(v, "ssl_server") == 1;

	if (ok) {
		param = X509_STORE_CTX_get0_param(v);
		X509_VERIFY_PARAM_set_hostflags(
		    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		ok = (d->is_ip ? X509_VERIFY_PARAM_set1_ip_asc(param, d->host)
			       : X509_VERIFY_PARAM_set1_host(
				     param, d->host, 0)) == 1 &&
		     X509_verify_cert(v) == 1;
	}
	X509_STORE_CTX_free(v);
	return ok;
}

static int
on_verify(X509_STORE_CTX *ctx, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
	struct http_dial *d = dial_of(arg, ssl);
	bool ok = d != NULL && leaf != NULL &&
		  (d->pins_count > 0 || d->roots != NULL);

	if (ok && d->pins_count > 0)
		ok = is_pinned(d, leaf);
	if (ok && d->roots != NULL)
		ok = chains_up(d, leaf, X509_STORE_CTX_get0_untrusted(ctx));
	if (d != NULL)
		d->untrusted = !ok;
	X509_STORE_CTX_set_error(
	    ctx, ok ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
	return ok ? 1 : 0;
}

/* The server asks who we are. */
static int
on_cert(SSL *ssl, void *arg)
{
	struct http_dial *d = dial_of(arg, ssl);

	if (d == NULL || d->cert == NULL)
		return 1;
	return SSL_use_cert_and_key(ssl, d->cert, d->key, d->chain, 1);
}

int
http_dial_tls_new(struct http_websocket_client *c)
{
	c->tls = SSL_CTX_new(TLS_client_method());
	if (c->tls == NULL || net_tls_setup_client_ctx(c->tls) != 0)
		return ERR_SYS_CRYPTO;
	/* A resumed session would not be verified again. */
	SSL_CTX_set_options(c->tls, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(c->tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(c->tls, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(c->tls, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(c->tls, on_verify, c);
	SSL_CTX_set_cert_cb(c->tls, on_cert, c);
	return 0;
}

/* Read PEM certificates to the end; NULL when there is none. */
static STACK_OF(X509) * read_certs(const char *pem)
{
	STACK_OF(X509) *list = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x;

	while (list != NULL && bio != NULL &&
	       (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(list, x) == 0)
			X509_free(x);
	BIO_free(bio);
	ERR_clear_error();
	if (list != NULL && sk_X509_num(list) == 0) {
		sk_X509_free(list);
		list = NULL;
	}
	return list;
}

static int
set_roots(struct http_dial *d, const char *pem)
{
	STACK_OF(X509) *list = read_certs(pem);
	int rc = list == NULL ? ERR_STATE_CONFIG : 0;

	d->roots = X509_STORE_new();
	if (rc == 0 && d->roots == NULL)
		rc = ERR_SYS_NOMEM;
	for (int i = 0; rc == 0 && i < sk_X509_num(list); i++)
		if (X509_STORE_add_cert(d->roots, sk_X509_value(list, i)) != 1)
			rc = ERR_SYS_CRYPTO;
	sk_X509_pop_free(list, X509_free);
	return rc;
}

static int
set_own(struct http_dial *d, const struct http_websocket_dial *dial)
{
	BIO *bio = BIO_new_mem_buf(dial->key_pem, -1);

	if (bio != NULL)
		d->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	d->chain = read_certs(dial->cert_pem);
	if (d->chain != NULL)
		d->cert = sk_X509_shift(d->chain);
	ERR_clear_error();
	if (d->key == NULL || d->cert == NULL ||
	    X509_check_private_key(d->cert, d->key) != 1)
		return ERR_STATE_CONFIG;
	return 0;
}

int
http_dial_trust(struct http_dial *d, const struct http_websocket_dial *dial)
{
	int rc = 0;

	if (dial->spki_pins_count > HTTP_DIAL_PINS_MAX ||
	    (d->is_tls && dial->roots_pem == NULL &&
		dial->spki_pins_count == 0) ||
	    (dial->cert_pem == NULL) != (dial->key_pem == NULL))
		return ERR_STATE_USAGE;
	d->pins_count = dial->spki_pins_count;
	if (d->pins_count > 0)
		memcpy(d->pins, dial->spki_pins, d->pins_count * 32);
	if (dial->roots_pem != NULL)
		rc = set_roots(d, dial->roots_pem);
	if (rc == 0 && dial->cert_pem != NULL)
		rc = set_own(d, dial);
	return rc;
}

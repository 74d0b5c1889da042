/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "base/fault.h"
#include "base/str.h"
#include "base/wipe.h"

#define SUITES                                                                 \
	"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"                 \
	"TLS_AES_128_GCM_SHA256"
#define GROUPS "X25519MLKEM768:X25519:P-256"
#define GROUPS_OLD_LIBRARY "X25519:P-256"
#define TICKET_KEY_LIFE_S 3600
#define CHAIN_MAX 10

struct net_tls {
	unsigned refs;
	enum net_tls_client_cert client_cert;
	char *cert_pem;
	X509 *leaf;
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
	X509_STORE *client_roots;
	STACK_OF(X509) * client_roots_list;
	time_t ticket_key_made_s;
};

/* Parse all certificates of ${pem}, at least one and at most ${max}. */
static STACK_OF(X509) * certs_parse(const char *pem, int max)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = NULL;
	bool end;

	if (certs == NULL || bio == NULL)
		goto fail;
	while ((x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_num(certs) >= max || sk_X509_push(certs, x) == 0) {
			X509_free(x);
			goto fail;
		}
	end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	if (!end || sk_X509_num(certs) == 0)
		goto fail;
	BIO_free(bio);
	return certs;

fail:
	ERR_clear_error();
	BIO_free(bio);
	sk_X509_pop_free(certs, X509_free);
	return NULL;
}

static EVP_PKEY *
key_parse(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key;
	char none[] = "";

	if (bio == NULL)
		return NULL;
	/* The empty passphrase keeps OpenSSL from asking at a terminal. */
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, none);
	ERR_clear_error();
	BIO_free(bio);
	return key;
}

int
net_tls_set_cert(struct net_tls *t, const char *cert_pem, const char *key_pem,
    struct fault *f)
{
	STACK_OF(X509) *chain = certs_parse(cert_pem, CHAIN_MAX);
	EVP_PKEY *key = key_parse(key_pem);
	char *pem = base_str_dup(cert_pem);
	int rc = ERR_STATE_CONFIG;
	X509 *leaf;

	if (chain == NULL)
		base_fault_set(f, rc, "TLS certificate chain is not PEM");
	else if (key == NULL)
		base_fault_set(f, rc, "TLS key is not an unencrypted PEM key");
	else if (X509_check_private_key(sk_X509_value(chain, 0), key) != 1)
		base_fault_set(f, rc, "TLS key does not belong to certificate");
	else if (pem == NULL)
		rc = base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	else
		rc = 0;
	if (rc != 0) {
		ERR_clear_error();
		sk_X509_pop_free(chain, X509_free);
		EVP_PKEY_free(key);
		free(pem);
		return rc;
	}
	leaf = sk_X509_shift(chain);
	X509_free(t->leaf);
	EVP_PKEY_free(t->key);
	sk_X509_pop_free(t->chain, X509_free);
	free(t->cert_pem);
	t->leaf = leaf;
	t->key = key;
	t->chain = chain;
	t->cert_pem = pem;
	return 0;
}

static int
set_client_roots(struct net_tls *t, const char *pem)
{
	t->client_roots = X509_STORE_new();
	t->client_roots_list = certs_parse(pem, 1000);
	if (t->client_roots == NULL || t->client_roots_list == NULL)
		return ERR_STATE_CONFIG;
	for (int i = 0; i < sk_X509_num(t->client_roots_list); i++)
		if (X509_STORE_add_cert(t->client_roots,
			sk_X509_value(t->client_roots_list, i)) != 1)
			return ERR_SYS_CRYPTO;
	return 0;
}

int
net_tls_new(
    const struct net_tls_opts *opts, struct net_tls **ret, struct fault *f)
{
	struct net_tls *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (t == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	t->refs = 1;
	t->client_cert = opts->client_cert;
	if (opts->cert_pem != NULL)
		rc = net_tls_set_cert(t, opts->cert_pem, opts->key_pem, f);
	if (rc == 0 && opts->client_roots_pem != NULL) {
		rc = set_client_roots(t, opts->client_roots_pem);
		if (rc != 0)
			base_fault_set(f, rc, "client roots are not PEM");
	}
	if (rc != 0) {
		net_tls_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

void
net_tls_free(struct net_tls *t)
{
	if (t == NULL || --t->refs > 0)
		return;
	X509_free(t->leaf);
	EVP_PKEY_free(t->key);
	sk_X509_pop_free(t->chain, X509_free);
	X509_STORE_free(t->client_roots);
	sk_X509_pop_free(t->client_roots_list, X509_free);
	free(t->cert_pem);
	free(t);
}

struct net_tls *
net_tls_ref(struct net_tls *t)
{
	t->refs++;
	return t;
}

const char *
net_tls_cert_pem(const struct net_tls *t)
{
	return t->cert_pem;
}

/* Choose the certificate in use now; OpenSSL takes its own references. */
static int
on_cert(SSL *ssl, void *arg)
{
	struct net_tls *t = arg;

	if (t->leaf == NULL)
		return 0;
	return SSL_use_cert_and_key(ssl, t->leaf, t->key, t->chain, 1);
}

static time_t
monotonic_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Before a ticket is looked at, replace a ticket key that has served its
 * time: tickets under it are then not accepted and cost a full handshake. */
static int
on_client_hello(SSL *ssl, int *alert, void *arg)
{
	struct net_tls *t = arg;
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	unsigned char keys[256];
	long len = SSL_CTX_get_tlsext_ticket_keys(ctx, NULL, 0);
	time_t now_s = monotonic_s();

	(void)alert;
	if (now_s - t->ticket_key_made_s < TICKET_KEY_LIFE_S)
		return SSL_CLIENT_HELLO_SUCCESS;
	if (len <= 0 || len > (long)sizeof(keys) ||
	    RAND_priv_bytes(keys, (int)len) != 1 ||
	    SSL_CTX_set_tlsext_ticket_keys(ctx, keys, len) != 1)
		return SSL_CLIENT_HELLO_ERROR;
	base_wipe(keys, sizeof(keys));
	t->ticket_key_made_s = now_s;
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* Without roots every certificate passes: the handler knows whom it wants. */
static int
accept_any(int preverified, X509_STORE_CTX *store)
{
	(void)preverified;
	(void)store;
	return 1;
}

static int
setup_client_cert(
    struct net_tls *t, SSL_CTX *ctx, enum net_tls_client_cert wanted)
{
	int mode = SSL_VERIFY_PEER;

	if (wanted == NET_TLS_CLIENT_CERT_NONE) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		return 0;
	}
	if (wanted == NET_TLS_CLIENT_CERT_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(
	    ctx, mode, t->client_roots == NULL ? accept_any : NULL);
	if (t->client_roots == NULL)
		return 0;
	SSL_CTX_set1_cert_store(ctx, t->client_roots);
	for (int i = 0; i < sk_X509_num(t->client_roots_list); i++)
		if (SSL_CTX_add_client_CA(
			ctx, sk_X509_value(t->client_roots_list, i)) != 1)
			return ERR_SYS_CRYPTO;
	return 0;
}

int
net_tls_setup_client_ctx(struct ssl_ctx_st *ctx)
{
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_ciphersuites(ctx, SUITES) != 1)
		return ERR_SYS_CRYPTO;
	if (SSL_CTX_set1_groups_list(ctx, GROUPS) != 1 &&
	    SSL_CTX_set1_groups_list(ctx, GROUPS_OLD_LIBRARY) != 1)
		return ERR_SYS_CRYPTO;
	ERR_clear_error();
	return 0;
}

int
net_tls_setup_ctx(struct net_tls *t, struct ssl_ctx_st *ctx)
{
	static const unsigned char session_context[] = "troth";
	int rc;

	rc = net_tls_setup_client_ctx(ctx);
	if (rc != 0)
		return rc;
	SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_max_early_data(ctx, 0);
	SSL_CTX_set_tlsext_servername_callback(ctx, NULL);
	if (SSL_CTX_set_session_id_context(
		ctx, session_context, sizeof(session_context) - 1) != 1)
		return ERR_SYS_CRYPTO;
	SSL_CTX_set_cert_cb(ctx, on_cert, t);
	t->ticket_key_made_s = monotonic_s();
	SSL_CTX_set_client_hello_cb(ctx, on_client_hello, t);
	return setup_client_cert(t, ctx, t->client_cert);
}

int
net_tls_setup_listener(
    struct net_tls *t, struct ssl_ctx_st *ctx, enum net_tls_client_cert wanted)
{
	int rc = net_tls_setup_ctx(t, ctx);

	return rc != 0 || wanted == NET_TLS_CLIENT_CERT_NONE
		   ? rc
		   : setup_client_cert(t, ctx, wanted);
}

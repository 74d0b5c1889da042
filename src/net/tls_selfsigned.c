/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/tls.h"

#define NAMES_TEXT_MAX 8192
#define DAY_S 86400L

/* Write what X509V3_EXT_conf_nid takes: "DNS:a,IP:b". */
static int
alt_names(const char *const *names, size_t count, struct buf *text)
{
	struct net_addr a;
	const char *kind;
	int rc;

	for (size_t i = 0; i < count; i++) {
		kind = net_addr_parse_ip(names[i], 0, &a) == 0 ? "IP" : "DNS";
		/* A comma would begin another name. */
		if (strpbrk(names[i], ",:") != NULL && kind[0] == 'D')
			return ERR_STATE_USAGE;
		rc = base_buf_printf(
		    text, "%s%s:%s", i == 0 ? "" : ",", kind, names[i]);
		if (rc != 0)
			return rc;
	}
	return base_buf_append(text, "", 1);
}

static int
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int ok;

	if (e == NULL)
		return 0;
	ok = X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return ok;
}

static int
set_serial(X509 *x)
{
	unsigned char bytes[16];
	BIGNUM *bn;
	int ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return 0;
	bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40);
	bn = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = bn != NULL &&
	     BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) != NULL;
	BN_free(bn);
	return ok;
}

static X509 *
make_cert(EVP_PKEY *key, const char *subject, const char *alt, unsigned days)
{
	X509 *x = X509_new();
	X509_NAME *name = x == NULL ? NULL : X509_get_subject_name(x);

	if (x == NULL)
		return NULL;
	if (X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -3600) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x), DAY_S * (long)days) !=
		NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		(const unsigned char *)subject, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 &&
	    X509_set_pubkey(x, key) == 1 &&
	    add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, NID_ext_key_usage, "serverAuth") &&
	    add_extension(x, NID_subject_alt_name, alt) &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* The text a BIO holds, as a string of its own. */
static char *
bio_string(BIO *bio)
{
	char *data, *s;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return NULL;
	s = malloc((size_t)len + 1);
	if (s == NULL)
		return NULL;
	memcpy(s, data, (size_t)len);
	s[len] = '\0';
	return s;
}

static int
to_pem(X509 *x, EVP_PKEY *key, char **ret_cert_pem, char **ret_key_pem)
{
	BIO *cert_bio = BIO_new(BIO_s_mem());
	BIO *key_bio = BIO_new(BIO_s_secmem());
	char *cert_pem = NULL, *key_pem = NULL;

	if (cert_bio != NULL && key_bio != NULL &&
	    PEM_write_bio_X509(cert_bio, x) == 1 &&
	    PEM_write_bio_PKCS8PrivateKey(
		key_bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
		cert_pem = bio_string(cert_bio);
		key_pem = bio_string(key_bio);
	}
	BIO_free(cert_bio);
	BIO_free(key_bio);
	if (cert_pem == NULL || key_pem == NULL) {
		free(cert_pem);
		free(key_pem);
		return ERR_SYS_NOMEM;
	}
	*ret_cert_pem = cert_pem;
	*ret_key_pem = key_pem;
	return 0;
}

int
net_tls_self_signed(const char *const *names, size_t count, unsigned days,
    char **ret_cert_pem, char **ret_key_pem)
{
	EVP_PKEY *key = NULL;
	X509 *x = NULL;
	char subject[65];
	struct buf alt;
	int rc;

	if (count == 0)
		return ERR_STATE_USAGE;
	/* RFC 5280 ub-common-name; verifiers read the SANs. */
	snprintf(subject, sizeof(subject), "%s", names[0]);
	base_buf_init(&alt, NAMES_TEXT_MAX);
	rc = alt_names(names, count, &alt);
	if (rc == 0) {
		key = EVP_EC_gen("P-256");
		x = key == NULL
			? NULL
			: make_cert(key, subject, (char *)alt.data, days);
		rc = x == NULL ? ERR_SYS_CRYPTO
			       : to_pem(x, key, ret_cert_pem, ret_key_pem);
	}
	ERR_clear_error();
	X509_free(x);
	EVP_PKEY_free(key);
	base_buf_free(&alt);
	return rc;
}

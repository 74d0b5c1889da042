/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Make request bodies for http_load, one JSON object a line, with a key pair
 * and name of its own in each:
 *
 *   make_bodies csr N [ALGORITHM]       {"csr": PEM} for our REST interface;
 *                                       P-256, or "ML-DSA-65" and so on
 *   make_bodies cfssl N                 {"certificate_request": PEM, "hosts"}
 *   make_bodies chain N CERT KEY DAYS   {"chain": [leaf, CERT]} for add-chain;
 *                                       the leaves live DAYS days
 *   make_bodies prechain N CERT KEY DAYS   the same of precertificates, for
 *                                       add-pre-chain
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static void
check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "make_bodies: %s failed\n", what);
	exit(1);
}

/* Print a PEM text as the inside of a JSON string. */
static void
print_pem(BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	for (long i = 0; i < len; i++) {
		if (text[i] == '\n')
			fputs("\\n", stdout);
		else
			putchar(text[i]);
	}
}

static void
print_der_base64(X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	char *text;

	check(len > 0, "i2d_X509");
	text = malloc((size_t)len * 2 + 4);
	check(text != NULL, "malloc");
	EVP_EncodeBlock((unsigned char *)text, der, len);
	printf("\"%s\"", text);
	free(text);
	OPENSSL_free(der);
}

static GENERAL_NAMES *
alt_name(const char *name)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *gn = GENERAL_NAME_new();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();

	check(names != NULL && gn != NULL && s != NULL, "allocation");
	check(ASN1_STRING_set(s, name, -1), "ASN1_STRING_set");
	GENERAL_NAME_set0_value(gn, GEN_DNS, s);
	check(sk_GENERAL_NAME_push(names, gn) > 0, "push");
	return names;
}

static void
make_csr(EVP_PKEY *key, const char *name, int cfssl)
{
	STACK_OF(X509_EXTENSION) *exts = NULL;
	GENERAL_NAMES *names = alt_name(name);
	BIO *bio = BIO_new(BIO_s_mem());
	X509_REQ *req = X509_REQ_new();

	check(bio != NULL && req != NULL, "allocation");
	check(X509V3_add1_i2d(&exts, NID_subject_alt_name, names, 0, 0) == 1,
	    "subjectAltName");
	check(X509_REQ_add_extensions(req, exts), "extensions");
	check(X509_REQ_set_pubkey(req, key), "public key");
	check(X509_REQ_sign(req, key,
		  EVP_PKEY_is_a(key, "EC") ? EVP_sha256() : NULL) > 0,
	    "signature");
	check(PEM_write_bio_X509_REQ(bio, req), "PEM");
	printf(cfssl ? "{\"certificate_request\":\"" : "{\"csr\":\"");
	print_pem(bio);
	if (cfssl)
		printf("\",\"hosts\":[\"%s\"]}\n", name);
	else
		printf("\"}\n");
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	GENERAL_NAMES_free(names);
	X509_REQ_free(req);
	BIO_free(bio);
}

struct issuer {
	X509 *cert;
	EVP_PKEY *key;
	int days, poison; /* of its leaves */
};

static void
make_leaf(EVP_PKEY *key, const char *name, const struct issuer *by, long serial)
{
	X509_EXTENSION *usage = X509V3_EXT_conf_nid(
	    NULL, NULL, NID_ext_key_usage, "serverAuth");
	ASN1_NULL *null = ASN1_NULL_new();
	X509_NAME *subject = X509_NAME_new();
	X509 *x = X509_new();

	check(null != NULL && x != NULL && subject != NULL, "allocation");
	check(X509_set_version(x, X509_VERSION_3), "version");
	check(ASN1_INTEGER_set(X509_get_serialNumber(x), serial), "serial");
	check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
		  (const unsigned char *)name, -1, -1, 0),
	    "subject");
	check(X509_set_subject_name(x, subject), "subject");
	check(X509_set_issuer_name(x, X509_get_subject_name(by->cert)), "issuer");
	check(X509_gmtime_adj(X509_getm_notBefore(x), -60) != NULL, "time");
	check(X509_gmtime_adj(X509_getm_notAfter(x), by->days * 86400L) != NULL,
	    "time");
	check(X509_set_pubkey(x, key), "public key");
	check(usage != NULL && X509_add_ext(x, usage, -1), "key usage");
	check(!by->poison || X509_add1_ext_i2d(x, NID_ct_precert_poison, null, 1,
			     X509V3_ADD_DEFAULT) == 1,
	    "poison");
	check(X509_sign(x, by->key, EVP_sha256()) > 0, "signature");
	printf("{\"chain\":[");
	print_der_base64(x);
	putchar(',');
	print_der_base64(by->cert);
	printf("]}\n");
	X509_EXTENSION_free(usage);
	ASN1_NULL_free(null);
	X509_NAME_free(subject);
	X509_free(x);
}

static FILE *
open_file(const char *path)
{
	FILE *f = fopen(path, "r");

	check(f != NULL, path);
	return f;
}

int
main(int argc, char **argv)
{
	struct issuer by = { 0 };
	EVP_PKEY *key;
	const char *algorithm = NULL;
	char name[64];
	FILE *f;
	int leaf;
	long n;

	by.poison = argc > 1 && strcmp(argv[1], "prechain") == 0;
	leaf = by.poison || (argc > 1 && strcmp(argv[1], "chain") == 0);
	if (argc < 3 || (leaf && argc < 6)) {
		fprintf(stderr, "usage: make_bodies csr|cfssl N [ALGORITHM]\n"
				"       make_bodies chain|prechain N CERT KEY "
				"DAYS\n");
		return 2;
	}
	n = strtol(argv[2], NULL, 10);
	if (strcmp(argv[1], "csr") == 0 && argc > 3)
		algorithm = argv[3];
	if (leaf) {
		f = open_file(argv[3]);
		by.cert = PEM_read_X509(f, NULL, NULL, NULL);
		fclose(f);
		f = open_file(argv[4]);
		by.key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		fclose(f);
		check(by.cert != NULL && by.key != NULL, "CERT or KEY");
		by.days = (int)strtol(argv[5], NULL, 10);
	}
	for (long i = 0; i < n; i++) {
		key = algorithm != NULL
			  ? EVP_PKEY_Q_keygen(NULL, NULL, algorithm)
			  : EVP_EC_gen("P-256");
		check(key != NULL, "key");
		snprintf(name, sizeof(name), "host-%ld.bench.test", i);
		if (leaf)
			make_leaf(key, name, &by, i + 1);
		else
			make_csr(key, name, strcmp(argv[1], "cfssl") == 0);
		EVP_PKEY_free(key);
	}
	X509_free(by.cert);
	EVP_PKEY_free(by.key);
	return 0;
}

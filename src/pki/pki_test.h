/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PKI_TEST_H
#define PKI_PKI_TEST_H

/* What the tests share: keys by OpenSSL, a hierarchy by our TBS writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "pki/cert.h"
#include "pki/profile.h"
#include "pki/san.h"
#include "pki/tbs.h"

#define B(p, l) ((struct pki_bytes){ (const uint8_t *)(p), (l) })

/* 2026-11-21T12:00:00Z */
#define NOW_MS INT64_C(1795262400000)
#define DAY_MS INT64_C(86400000)

struct der {
	uint8_t data[65536];
	size_t len;
};

/**
 * bytes(d):
 * View a buffer as pki_bytes.
 */
static inline struct pki_bytes
bytes(const struct der *d)
{

	return B(d->data, d->len);
}

/**
 * new_ec(curve):
 * Make a key on "P-256" or "P-384".
 */
static inline EVP_PKEY *
new_ec(const char *curve)
{
	EVP_PKEY *k = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);

	assert_non_null(k);
	return k;
}

/**
 * spki_of(k, out):
 * Write the SubjectPublicKeyInfo.
 */
static inline void
spki_of(EVP_PKEY *k, struct der *out)
{
	uint8_t *p = out->data;

	out->len = (size_t)i2d_PUBKEY(k, &p);
}

/**
 * sign_with(k, md, in, out):
 * Sign by OpenSSL.
 */
static inline void
sign_with(EVP_PKEY *k, const EVP_MD *md, struct pki_bytes in, struct der *out)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	out->len = sizeof(out->data);
	assert_int_equal(EVP_DigestSignInit(c, NULL, md, NULL, k), 1);
	assert_int_equal(
	    EVP_DigestSign(c, out->data, &out->len, in.data, in.len), 1);
	EVP_MD_CTX_free(c);
}

/**
 * certify(k, md, tbs):
 * Sign a TBS and parse the certificate.
 */
static inline struct pki_cert *
certify(EVP_PKEY *k, const EVP_MD *md, const struct der *tbs)
{
	struct der *sig = malloc(sizeof(*sig)), *out = malloc(sizeof(*out));
	struct pki_cert *c;

	sign_with(k, md, bytes(tbs), sig);
	assert_int_equal(pki_cert_assemble(bytes(tbs), bytes(sig), out->data,
			     sizeof(out->data), &out->len),
	    0);
	assert_int_equal(pki_cert_parse(bytes(out), &c), 0);
	free(sig);
	free(out);
	return c;
}

struct pki_world {
	EVP_PKEY *root_key, *issuer_key, *leaf_key;
	struct pki_cert *root, *issuer;
	struct der leaf_spki;
	struct pki_san_list sans;
	struct pki_tbs_leaf leaf;
};

/**
 * serial_for(s, n):
 * Make a serial that differs by ${n}.
 */
static inline void
serial_for(uint8_t s[PKI_SERIAL_LEN], uint8_t n)
{

	memset(s, n, PKI_SERIAL_LEN);
	s[0] = 0x41;
}

/**
 * world_new():
 * Make a root, an intermediate and the input of a leaf.
 */
static inline struct pki_world *
world_new(void)
{
	struct pki_world *w = calloc(1, sizeof(*w));
	struct der *tbs = malloc(sizeof(*tbs)), *spki = malloc(sizeof(*spki));
	struct pki_tbs_ca ca = { .cn = "TrustChain Root CA",
		.c = "US",
		.o = "HyperMesh",
		.ou = "Test",
		.not_before_ms = NOW_MS - DAY_MS,
		.not_after_ms = NOW_MS + 3650 * DAY_MS,
		.pathlen = 1 };

	w->root_key = new_ec("P-384");
	w->issuer_key = new_ec("P-256");
	w->leaf_key = new_ec("P-256");
	serial_for(ca.serial, 1);
	spki_of(w->root_key, spki);
	ca.spki = bytes(spki);
	assert_int_equal(
	    pki_tbs_ca(&ca, tbs->data, sizeof(tbs->data), &tbs->len), 0);
	w->root = certify(w->root_key, EVP_sha384(), tbs);
	serial_for(ca.serial, 2);
	spki_of(w->issuer_key, spki);
	ca.spki = bytes(spki);
	ca.cn = "TrustChain Intermediate CA 1";
	ca.c = ca.o = NULL;
	ca.issuer = w->root;
	ca.pathlen = 0;
	ca.aia_url = "http://status.test/aia/root.cer";
	ca.not_after_ms = NOW_MS + 1095 * DAY_MS;
	assert_int_equal(
	    pki_tbs_ca(&ca, tbs->data, sizeof(tbs->data), &tbs->len), 0);
	w->issuer = certify(w->root_key, EVP_sha384(), tbs);
	spki_of(w->leaf_key, &w->leaf_spki);
	assert_int_equal(pki_san_add_text(&w->sans, "a.example.test"), 0);
	assert_int_equal(pki_san_add_text(&w->sans, "2001:db8::1"), 0);
	w->leaf.profile = pki_profile_builtin(0);
	w->leaf.issuer = w->issuer;
	serial_for(w->leaf.serial, 3);
	w->leaf.sans = &w->sans;
	w->leaf.spki = bytes(&w->leaf_spki);
	w->leaf.status_url = "http://status.test";
	w->leaf.issuer_id = "ca1";
	w->leaf.crl_shard = 7;
	assert_int_equal(pki_tbs_leaf_times(&w->leaf, NOW_MS, 0), 0);
	free(tbs);
	free(spki);
	return w;
}

/**
 * world_free(w):
 * Free what world_new made.
 */
static inline void
world_free(struct pki_world *w)
{

	pki_cert_free(w->root);
	pki_cert_free(w->issuer);
	EVP_PKEY_free(w->root_key);
	EVP_PKEY_free(w->issuer_key);
	EVP_PKEY_free(w->leaf_key);
	free(w);
}

#endif

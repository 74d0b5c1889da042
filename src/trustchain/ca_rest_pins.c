/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients may pin (ruling R9): hashes of the keys of root and
 * intermediates, since leaves live for a day.
 */
#include <string.h>

#include <openssl/x509.h>

#include "crypto/sha2.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_rest_internal.h"
#include "wire/hex.h"

#define MAX_AGE_S 86400
#define SUBJECT_MAX 512

static void
subject_of(const struct pki_cert *c, char out[SUBJECT_MAX])
{
	struct pki_bytes der = pki_cert_subject(c);
	const unsigned char *p = der.data;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)der.len);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len = 0;

	if (name != NULL && bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
		XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		len = BIO_get_mem_data(bio, &text);
	if (len < 0 || len >= SUBJECT_MAX)
		len = 0;
	if (len > 0)
		memcpy(out, text, (size_t)len);
	out[len] = '\0';
	BIO_free(bio);
	X509_NAME_free(name);
}

/* Once, however many issuers share it. */
static void
add(json_t *pins, const struct pki_cert *c, const char *role)
{
	char hex[2 * CRYPTO_SHA256_LEN + 1], subject[SUBJECT_MAX];
	struct pki_bytes spki = pki_cert_spki(c);
	uint8_t hash[CRYPTO_SHA256_LEN];
	const char *have;
	size_t i;

	crypto_sha2_256(spki.data, spki.len, hash);
	wire_hex_encode(hash, sizeof(hash), hex);
	for (i = 0; i < json_array_size(pins); i++) {
		have = json_string_value(
		    json_object_get(json_array_get(pins, i), "spki_sha256"));
		if (have != NULL && strcmp(have, hex) == 0)
			return;
	}
	subject_of(c, subject);
	(void)json_array_append_new(
	    pins, json_pack("{s:s, s:s, s:s}", "spki_sha256", hex, "subject",
		      subject, "role", role));
}

void
ca_rest_pins(struct ca_rest *r, struct http_request *req)
{
	const struct ca_authority *a = r->o.authority;
	json_t *pins = json_array();
	size_t i, k;

	for (i = 0; pins != NULL && i < a->n_issuers; i++) {
		add(pins, a->issuer[i].root, "root");
		for (k = 0; k < a->issuer[i].chain_len; k++)
			add(pins, a->issuer[i].chain[k], "intermediate");
	}
	ca_rest_json(r, req, 200,
	    pins == NULL
		? NULL
		: json_pack("{s:o, s:i}", "pins", pins, "max_age", MAX_AGE_S),
	    NULL);
}

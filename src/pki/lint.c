/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pki/cert.h"
#include "pki/lint_internal.h"

enum { SPAN_MAX_MS = 86400000, TBS_LEN_MAX = 16384, SERIAL_LEN = 16 };

static const char *const texts[PKI_LINT_COUNT] = {
	"version is not 3",
	"serial is not 16 octets, positive and random",
	"validity span or end out of bounds",
	"common name is not among the subject alternative names",
	"subjectAltName missing, of wrong criticality or with duplicates",
	"a name breaks the rules for names",
	"key usage or extended key usage differ from the profile",
	"not marked as an end entity",
	"key identifiers do not match the keys",
	"status pointers differ from the profile",
	"unknown critical extension",
	"extensions out of order or repeated",
	"time in the wrong encoding",
	"signature algorithm differs from the issuer's key",
	"subject public key is not acceptable",
	"a name breaks the issuer's name constraints",
	"precertificate and certificate differ",
	"an SCT does not verify, or there are too few",
	"not canonical DER",
	"larger than 16 KiB",
};

const char *
pki_lint_text(unsigned n)
{

	return n >= 1 && n <= PKI_LINT_COUNT ? texts[n - 1] : "no such lint";
}

void
pki_lint_ids(uint32_t hits, char out[PKI_LINT_TEXT_MAX])
{
	size_t len = 0;
	unsigned n;

	out[0] = '\0';
	for (n = 1; n <= PKI_LINT_COUNT; n++)
		if ((hits & PKI_LINT_BIT(n)) != 0)
			len +=
			    (size_t)snprintf(out + len, PKI_LINT_TEXT_MAX - len,
				"%sL%02u", len > 0 ? " " : "", n);
}

static bool
l02_serial(const struct pki_lint_view *v)
{

	return v->serial.len == SERIAL_LEN && v->serial.data[0] > 0 &&
	       v->serial.data[0] < 0x80;
}

static bool
l03_span(const struct pki_lint_view *v)
{

	/* An unreadable time is L13's. */
	return !v->times_ok ||
	       (v->to_ms > v->from_ms &&
		   v->to_ms - v->from_ms + 1000 <= SPAN_MAX_MS &&
		   v->to_ms <= v->issuer_end_ms);
}

static bool
l16_constraints(const struct pki_lint_view *v, const struct pki_cert *parsed)
{
	NAME_CONSTRAINTS *nc;
	const uint8_t *der;
	X509 *x = NULL;
	bool ok = true;

	/* What cannot be parsed is another lint's. */
	if (parsed == NULL)
		return true;
	nc = X509_get_ext_d2i(
	    pki_cert_x509(v->in->issuer), NID_name_constraints, NULL, NULL);
	if (nc != NULL) {
		der = pki_cert_der(parsed).data;
		x = d2i_X509(NULL, &der, (long)pki_cert_der(parsed).len);
	}
	/* The check looks at names that OpenSSL only reads on this call. */
	if (nc != NULL && (x == NULL || X509_check_purpose(x, -1, 0) < 0))
		ok = false;
	else if (nc != NULL)
		ok = NAME_CONSTRAINTS_check(x, nc) == X509_V_OK;
	X509_free(x);
	NAME_CONSTRAINTS_free(nc);
	ERR_clear_error();
	return ok;
}

/* L19 is what the strict reader and OpenSSL call not canonical. */
static bool
l19_der(int parse_rc)
{

	return parse_rc != ERR_PEER_ENCODING &&
	       parse_rc != ERR_PEER_TRUNCATED &&
	       parse_rc != ERR_PEER_TRAILING && parse_rc != ERR_PEER_DEPTH;
}

static uint32_t
run(const struct pki_lint_view *v, const struct pki_cert *parsed, int parse_rc)
{
	const bool pass[PKI_LINT_COUNT + 1] = {
		[1] = v->v3,
		[2] = l02_serial(v),
		[3] = l03_span(v),
		[4] = pki_lint_l04(v),
		[5] = pki_lint_l05(v),
		[6] = pki_lint_l06(v),
		[7] = pki_lint_l07(v),
		[8] = pki_lint_l08(v),
		[9] = pki_lint_l09(v),
		[10] = pki_lint_l10(v),
		[11] = pki_lint_l11(v),
		[12] = pki_lint_l12(v),
		[13] = v->times_ok,
		[14] = pki_lint_l14(v),
		[15] = pki_lint_l15(v),
		[16] = l16_constraints(v, parsed),
		[17] = true, /* pki_lint_pair */
		[18] = true, /* pki_lint_scts */
		[19] = l19_der(parse_rc),
		[20] = v->in->tbs.len <= TBS_LEN_MAX,
	};
	uint32_t hits = 0;
	unsigned n;

	for (n = 1; n <= PKI_LINT_COUNT; n++)
		if (!pass[n])
			hits |= PKI_LINT_BIT(n);
	return hits;
}

/* Read the names and the certificate, then run. */
static int
lint(struct pki_lint_view *v, uint32_t *ret_hits)
{
	const struct pki_cert *cert = v->in->cert;
	struct pki_cert *parsed = NULL;
	int rc = 0;

	v->issuer_name = pki_cert_subject(v->in->issuer);
	v->issuer_spki = pki_cert_spki(v->in->issuer);
	v->issuer_end_ms = pki_cert_not_after_ms(v->in->issuer);
	if ((v->names = pki_lint_names(v)) == NULL)
		return ERR_SYS_NOMEM;
	/* Parsing is what L19 is about; it is done once for the same octets. */
	if (cert == NULL || !pki_bytes_equal(pki_cert_tbs(cert), v->in->tbs)) {
		rc = pki_cert_parse_tbs(v->in->tbs, &parsed);
		cert = parsed;
	}
	if (base_err_class(rc) != ERR_CLASS_SYS) {
		*ret_hits = run(v, cert, rc);
		rc = 0;
	}
	pki_cert_free(parsed);
	free(v->names);
	return rc;
}

int
pki_lint_tbs(const struct pki_lint_input *in, uint32_t *ret_hits)
{
	struct pki_lint_view *v;
	int rc = 0;

	if ((v = malloc(sizeof(*v))) == NULL)
		return ERR_SYS_NOMEM;
	if (pki_lint_take(in, v) != 0)
		*ret_hits = PKI_LINT_BIT(19);
	else
		rc = lint(v, ret_hits);
	free(v);
	return rc;
}

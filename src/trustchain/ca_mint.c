/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_mint.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/rng.h"
#include "crypto/pkey_sign.h"
#include "pki/cert.h"
#include "pki/tbs.h"

#define DAY_MS 86400000LL
#define ROOT_DAYS 3650
#define BACKDATE_MS 60000
#define SERIAL_TRIES 64
#define CERT_MAX 16384

static int
draw_serial(const struct rng *rng, uint8_t serial[PKI_SERIAL_LEN])
{
	int rc, i;

	for (i = 0; i < SERIAL_TRIES; i++) {
		if ((rc = base_rng_fill(rng, serial, PKI_SERIAL_LEN)) != 0)
			return rc;
		if (pki_tbs_serial(serial) == 0)
			return 0;
	}
	return ERR_SYS_RNG;
}

static bool
post_quantum(const struct crypto_pkey *key)
{
	enum crypto_key_type type = crypto_pkey_type(key);

	return type == CRYPTO_KEY_MLDSA44 || type == CRYPTO_KEY_MLDSA65 ||
	       type == CRYPTO_KEY_MLDSA87;
}

static void
describe(const struct ca_mint *m, char *cn, size_t cap, struct pki_tbs_ca *t)
{
	int64_t days = m->kind == CA_MINT_ROOT ? ROOT_DAYS : CA_MINT_DAYS_MAX;

	if (m->days != 0)
		days = m->days;
	t->cn = cn;
	t->ou = post_quantum(m->signer) ? "TrustChain Certificate Authority PQ"
					: "TrustChain Certificate Authority";
	t->c = "US";
	t->o = "HyperMesh";
	t->permitted = m->permitted;
	t->aia_url = m->aia_url;
	t->cdp_url = m->cdp_url;
	t->not_before_ms = (m->now_ms - BACKDATE_MS) / 1000 * 1000;
	t->not_after_ms = t->not_before_ms + days * DAY_MS - 1000;
	if (m->kind == CA_MINT_ROOT) {
		(void)snprintf(cn, cap, "TrustChain Root CA");
		t->pathlen = 1;
	} else {
		(void)snprintf(
		    cn, cap, "TrustChain Intermediate CA %u", m->number);
		t->issuer = m->issuer;
		if (t->not_after_ms > pki_cert_not_after_ms(m->issuer))
			t->not_after_ms = pki_cert_not_after_ms(m->issuer);
	}
}

int
ca_mint(const struct ca_mint *m, const struct rng *rng, struct pki_cert **ret)
{
	uint8_t tbs[PKI_TBS_LEN_MAX], sig[CRYPTO_PKEY_SIG_MAX], der[CERT_MAX];
	struct pki_tbs_ca t = { .cn = NULL };
	size_t tbs_len, sig_len, der_len;
	struct buf spki;
	char cn[64];
	int rc;

	base_buf_init(&spki, CRYPTO_PKEY_DER_MAX);
	describe(m, cn, sizeof(cn), &t);
	t.spki = m->spki;
	rc = m->key != NULL ? crypto_pkey_spki(m->key, &spki) : 0;
	if (m->key != NULL)
		t.spki = (struct pki_bytes){ spki.data, spki.len };
	if (rc == 0 && (rc = draw_serial(rng, t.serial)) == 0)
		rc = pki_tbs_ca(&t, tbs, sizeof(tbs), &tbs_len);
	base_buf_free(&spki);
	if (rc != 0 ||
	    (rc = crypto_pkey_sign(m->signer, tbs, tbs_len, sig, &sig_len)) !=
		0 ||
	    (rc = pki_cert_assemble((struct pki_bytes){ tbs, tbs_len },
		 (struct pki_bytes){ sig, sig_len }, der, sizeof(der),
		 &der_len)) != 0)
		return rc;
	return pki_cert_parse((struct pki_bytes){ der, der_len }, ret);
}

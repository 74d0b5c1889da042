/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_mint_crl.h"

#include "crypto/pkey_sign.h"
#include "pki/cert.h"
#include "pki/crl.h"

static int
write_tbs(const struct ca_mint_crl *m, struct buf *tbs)
{
	struct pki_crl crl = { .issuer = pki_cert_subject(m->root),
		.issuer_spki = pki_cert_spki(m->root),
		.this_update_ms = m->now_ms / 1000 * 1000,
		.number = m->number };
	size_t cap = m->entries.len + PKI_CRL_FRAME_MAX, len;
	uint8_t *at;
	int rc;

	crl.next_update_ms = crl.this_update_ms + CA_MINT_CRL_VALID_MS;
	if ((rc = base_buf_reserve(tbs, cap, &at)) == 0 &&
	    (rc = pki_crl_tbs(&crl, m->entries, at, cap, &len)) == 0)
		base_buf_commit(tbs, len);
	return rc;
}

int
ca_mint_crl(const struct ca_mint_crl *m, struct buf *out)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX], *at;
	size_t cap, sig_len = 0, len;
	struct buf tbs;
	int rc;

	base_buf_init(&tbs, CA_MINT_CRL_MAX);
	if ((rc = write_tbs(m, &tbs)) == 0)
		rc = crypto_pkey_sign(m->key, tbs.data, tbs.len, sig, &sig_len);
	cap = tbs.len + sizeof(sig) + 64;
	if (rc == 0)
		rc = base_buf_reserve(out, cap, &at);
	if (rc == 0)
		rc = pki_crl_assemble((struct pki_bytes){ tbs.data, tbs.len },
		    (struct pki_bytes){ sig, sig_len }, at, cap, &len);
	if (rc == 0)
		base_buf_commit(out, len);
	base_buf_free(&tbs);
	return rc;
}

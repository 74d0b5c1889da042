/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "crypto/sha2.h"
#include "keys/op.h"
#include "keys/slot.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/pubkey.h"
#include "pki/signer.h"
#include "pki/tlv.h"
#include "trustchain/keyop_internal.h"

/*
 * Operation CRL (identity.md section 3): a TBSCertList, of the issuer's own
 * name and key, for now, and newer than what this process signed for the same
 * distribution point.  Which certificates are on it, main decides.
 */
#define SKEW_MS (300 * INT64_C(1000))
#define LIFE_MAX_MS (7 * 86400 * INT64_C(1000))
#define AHEAD_MAX_MS (86400 * INT64_C(1000))

/* The last number for each distribution point; the whole CRL has none. */
struct keyop_crls {
	size_t n;
	struct {
		uint8_t idp[CRYPTO_SHA256_LEN];
		uint64_t number;
	} last[KEYOP_CRLS_MAX];
};

static int
check_issuer(struct keys_call *call, const struct keyop_ca *ca,
    const struct pki_crl_view *v)
{
	struct pki_bytes in = v->algorithm, spki = pki_cert_spki(ca->cert);
	struct pki_tlv seq, oid;
	enum pki_oid want;
	uint8_t key_id[20];
	int rc;

	if (!pki_bytes_equal(v->issuer, pki_cert_subject(ca->cert)))
		return keyop_refuse(call, "issuer is not the slot's");
	if ((rc = pki_pubkey_key_id(spki, key_id)) != 0 ||
	    (rc = pki_signer_algorithm(spki, &want)) != 0)
		return rc;
	if (!pki_bytes_equal(
		v->key_id, (struct pki_bytes){ key_id, sizeof(key_id) }))
		return keyop_refuse(call, "key identifier is not the slot's");
	if (pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_OID, &oid) != 0 ||
	    seq.val.len != 0 || !pki_oid_is(oid.val, want))
		return keyop_refuse(call, "algorithm is not the slot's");
	return 0;
}

static int
check_times(struct keys_call *call, const struct pki_crl_view *v)
{
	if (v->this_update_ms < call->now_ms - SKEW_MS ||
	    v->this_update_ms > call->now_ms + SKEW_MS)
		return keyop_refuse(call, "thisUpdate is not now");
	if (v->next_update_ms <= v->this_update_ms ||
	    v->next_update_ms > v->this_update_ms + LIFE_MAX_MS)
		return keyop_refuse(
		    call, "nextUpdate is not within 7 days of thisUpdate");
	return 0;
}

/* Find or make the place of a distribution point; NULL: the table is full. */
static uint64_t *
place(struct keyop_crls *t, const struct pki_crl_view *v)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	size_t i;

	crypto_sha2_256(v->idp.data, v->idp.len, hash);
	for (i = 0; i < t->n; i++)
		if (memcmp(t->last[i].idp, hash, sizeof(hash)) == 0)
			return &t->last[i].number;
	if (t->n == KEYOP_CRLS_MAX)
		return NULL;
	memcpy(t->last[t->n].idp, hash, sizeof(hash));
	t->last[t->n].number = 0;
	return &t->last[t->n++].number;
}

static int
check_number(struct keys_call *call, uint64_t *last, uint64_t number)
{
	if (last == NULL)
		return keyop_refuse(call, "too many distribution points");
	if (number <= *last)
		return keyop_refuse(call, "CRL number %llu is not above %llu",
		    (unsigned long long)number, (unsigned long long)*last);
	if (number > (uint64_t)(call->now_ms + AHEAD_MAX_MS))
		return keyop_refuse(call, "CRL number is far in the future");
	return 0;
}

int
keyop_crl_handle(struct keys_call *call)
{
	struct pki_bytes tbs = { call->payload, call->len };
	struct keyop_ca *ca = call->slot->policy;
	struct pki_crl_view v;
	uint64_t *last;
	int rc;

	if ((rc = pki_crl_read(tbs, &v)) != 0)
		return ERR_PEER_MALFORMED;
	if ((rc = check_issuer(call, ca, &v)) != 0 ||
	    (rc = check_times(call, &v)) != 0)
		return rc;
	if (ca->crls == NULL &&
	    (ca->crls = calloc(1, sizeof(*ca->crls))) == NULL)
		return ERR_SYS_NOMEM;
	last = place(ca->crls, &v);
	if ((rc = check_number(call, last, v.number)) != 0)
		return rc;
	rc = keyop_sign(call, call->payload, call->len);
	if (rc == 0)
		*last = v.number;
	return rc;
}

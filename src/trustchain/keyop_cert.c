/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/pkey.h"
#include "keys/bundle.h"
#include "keys/op.h"
#include "keys/slot.h"
#include "keys/slot_key.h"
#include "pki/cert.h"
#include "pki/oid.h"
#include "pki/tbs.h"
#include "pki/tlv.h"
#include "pki/usage.h"
#include "trustchain/keyop_internal.h"
#include "wire/pem.h"

/*
 * Operation CERT (identity.md section 3): what a certificate must look like
 * before this process puts an issuer's name under it.  Main may be in a
 * stranger's hands, so nothing it says is believed.
 */
#define HASH_LEN 32
#define BACKDATE_MAX_MS (3605 * INT64_C(1000))
#define SPAN_MAX_MS (86400 * INT64_C(1000))
#define SIGNER_SPAN_MAX_MS (7 * SPAN_MAX_MS)

/* [0] { INTEGER 2 }: version 3, and nothing but a TBSCertificate. */
static const uint8_t tbs_start[] = { 0xa0, 0x03, 0x02, 0x01, 0x02 };

static int
parse_pem(const struct keys_bundle_item *item, struct pki_cert **ret)
{
	struct buf der;
	size_t pos = 0;
	int rc;

	base_buf_init(&der, PKI_CERT_DER_MAX);
	rc = wire_pem_next(
	    (const char *)item->data, item->len, &pos, "CERTIFICATE", &der);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	return rc;
}

int
keyop_cert_data(struct keys_slot *slot, const struct keys_bundle_item *item,
    struct fault *f)
{
	struct keyop_ca *ca = slot->policy;
	struct pki_bytes spki;
	int rc;

	if (ca == NULL) {
		ca = calloc(1, sizeof(*ca));
		if (ca == NULL)
			return base_fault_set(f, ERR_SYS_NOMEM, "no memory");
		slot->policy = ca;
	}
	if (item->tag == KEYOP_TAG_MIN_SCTS && item->len == 1 &&
	    item->data[0] > 0) {
		ca->min_scts = item->data[0];
		return 0;
	}
	if (item->tag != KEYOP_TAG_CERT || ca->cert != NULL)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "issuer %s: unexpected data", slot->name);
	rc = parse_pem(item, &ca->cert);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "issuer %s: no acceptable certificate (%s)", slot->name,
		    base_err_text(rc));
	if (slot->key != NULL)
		return 0;
	/* On a token, which may be absent now: the certificate says what key
	 * it has to be. */
	spki = pki_cert_spki(ca->cert);
	rc = keys_slot_key_expect(slot, spki.data, spki.len);
	return rc == 0 ? 0
		       : base_fault_set(f, ERR_STATE_CONFIG,
			     "issuer %s: no key", slot->name);
}

int
keyop_cert_check(const struct keys_slot *slot, struct fault *f)
{
	struct keyop_ca *ca = slot->policy;
	struct buf spki;
	int rc;

	if (ca == NULL || ca->cert == NULL || ca->min_scts == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "issuer %s: certificate or min_scts missing", slot->name);
	base_buf_init(&spki, CRYPTO_PKEY_DER_MAX);
	rc = crypto_pkey_spki(slot->key, &spki);
	if (rc == 0 && !pki_bytes_equal(pki_cert_spki(ca->cert),
			   (struct pki_bytes){ spki.data, spki.len }))
		rc = base_fault_set(f, ERR_STATE_CONFIG,
		    "issuer %s: key and certificate do not belong together",
		    slot->name);
	base_buf_free(&spki);
	if (rc != 0)
		return rc;
	if (!pki_cert_is_ca(ca->cert, NULL))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "issuer %s: not a CA certificate", slot->name);
	/* Ruling R4: the root stays offline. */
	if (pki_bytes_equal(
		pki_cert_issuer(ca->cert), pki_cert_subject(ca->cert)))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "issuer %s: is self-signed; the root stays offline",
		    slot->name);
	return crypto_pkey_spki_sha256(slot->key, ca->key_hash);
}

void
keyop_cert_fini(struct keys_slot *slot)
{
	struct keyop_ca *ca = slot->policy;

	if (ca == NULL)
		return;
	pki_cert_free(ca->cert);
	free(ca->crls);
	free(ca);
}

static bool
starts_as_tbs(struct pki_bytes tbs)
{
	struct pki_tlv tlv;

	return pki_tlv_expect(&tbs, 0x30, &tlv) == 0 && tbs.len == 0 &&
	       tlv.val.len > sizeof(tbs_start) &&
	       memcmp(tlv.val.data, tbs_start, sizeof(tbs_start)) == 0;
}

static int
check_times(
    struct keys_call *call, const struct keyop_ca *ca, const struct pki_cert *c)
{
	int64_t from = pki_cert_not_before_ms(c);
	int64_t to = pki_cert_not_after_ms(c);

	if (from < call->now_ms - BACKDATE_MAX_MS)
		return keyop_refuse(call, "notBefore is too far in the past");
	if (from > call->now_ms + KEYOP_SKEW_MS)
		return keyop_refuse(call, "notBefore is in the future");
	/* Both ends are inside the validity (RFC 5280 section 4.1.2.5). */
	if (pki_cert_eku(c) == PKI_EKU_OCSP) {
		if (to < from || to - from + 1000 > SIGNER_SPAN_MAX_MS)
			return keyop_refuse(
			    call, "validity is longer than 7 days");
	} else if (to < from || to - from + 1000 > SPAN_MAX_MS) {
		return keyop_refuse(call, "validity is longer than 24 hours");
	}
	if (to > pki_cert_not_after_ms(ca->cert))
		return keyop_refuse(call, "outlives its issuer");
	return 0;
}

static int
check_usage(struct keys_call *call, const struct pki_cert *c)
{
	unsigned ku = pki_cert_key_usage(c), eku = pki_cert_eku(c);

	if (pki_cert_is_ca(c, NULL))
		return keyop_refuse(call, "is a CA certificate");
	if (ku == 0 || (ku & (PKI_KU_CERT_SIGN | PKI_KU_CRL_SIGN)) != 0)
		return keyop_refuse(
		    call, "keyUsage is absent or allows signing certificates");
	if ((eku & PKI_EKU_OCSP) != 0 && eku != PKI_EKU_OCSP)
		return keyop_refuse(call, "EKU OCSPSigning among others");
	if (eku == PKI_EKU_OCSP && !keyop_ocsp_owns(call, pki_cert_spki(c)))
		return keyop_refuse(
		    call, "EKU OCSPSigning for a key from elsewhere");
	if (eku == 0 || (eku & PKI_EKU_OTHER) != 0)
		return keyop_refuse(call, "extKeyUsage is absent or unknown");
	return 0;
}

/* Exactly one of poison and SCT list; then issuer_key_hash and SCTs. */
static int
check_transparency(
    struct keys_call *call, const struct keyop_ca *ca, const struct pki_cert *c)
{
	static const uint8_t zero[HASH_LEN];
	bool poison = pki_cert_extension(c, PKI_OID_CT_POISON, NULL, NULL);
	bool scts = pki_cert_extension(c, PKI_OID_CT_SCT_LIST, NULL, NULL);

	if (pki_cert_eku(c) == PKI_EKU_OCSP) {
		/* Exempt from logging; check_usage has looked at its key. */
		if (poison || scts ||
		    memcmp(call->payload, zero, HASH_LEN) != 0)
			return keyop_refuse(call, "OCSP signer with SCTs");
		return 0;
	}
	if (poison == scts)
		return keyop_refuse(call, "neither poison nor SCT list alone");
	if (poison && !pki_cert_is_precert(c))
		return keyop_refuse(call, "poison is not critical NULL");
	if (memcmp(call->payload, poison ? zero : ca->key_hash, HASH_LEN) != 0)
		return keyop_refuse(call, "issuer_key_hash does not match");
	if (poison)
		return 0;
	return keyop_scts_verify(call, keys_slot_ctx(call->process), ca, c);
}

int
keyop_cert_handle(struct keys_call *call)
{
	const struct keyop_ca *ca = call->slot->policy;
	struct pki_cert *c = NULL;
	struct pki_bytes tbs;
	int rc;

	if (call->len <= HASH_LEN || call->len > HASH_LEN + PKI_TBS_LEN_MAX)
		return ERR_PEER_MALFORMED;
	tbs.data = call->payload + HASH_LEN;
	tbs.len = call->len - HASH_LEN;
	if (!starts_as_tbs(tbs))
		return ERR_PEER_MALFORMED;
	rc = pki_cert_parse_tbs(tbs, &c);
	if (rc != 0)
		return rc;
	if (!pki_bytes_equal(pki_cert_issuer(c), pki_cert_subject(ca->cert)))
		rc = keyop_refuse(call, "issuer is not that of the slot");
	if (rc == 0)
		rc = check_usage(call, c);
	if (rc == 0)
		rc = check_times(call, ca, c);
	if (rc == 0)
		rc = check_transparency(call, ca, c);
	if (rc == 0)
		rc = keyop_sign(call, tbs.data, tbs.len);
	pki_cert_free(c);
	return rc;
}

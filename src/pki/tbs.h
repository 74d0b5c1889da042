/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TBS_H
#define PKI_TBS_H

#include "base/err.h"
#include "pki/bytes.h"

/*
 * To-be-signed certificates, written octet by octet.  The signature
 * algorithm is that of the issuer's key: ECDSA-SHA256 for P-256,
 * ECDSA-SHA384 for P-384, Ed25519.
 */
struct pki_cert;
struct pki_constraints;
struct pki_profile;
struct pki_san_list;

enum { PKI_SERIAL_LEN = 16, PKI_TBS_LEN_MAX = 16384 };

enum pki_tbs_variant {
	PKI_TBS_PLAIN,	 /* neither poison nor SCT list */
	PKI_TBS_PRECERT, /* poison last */
	PKI_TBS_FINAL	 /* SCT list last */
};

struct pki_tbs_leaf {
	const struct pki_profile *profile;
	const struct pki_cert *issuer;
	uint8_t serial[PKI_SERIAL_LEN];
	int64_t not_before_ms;
	int64_t not_after_ms;
	const struct pki_san_list *sans;
	struct pki_bytes spki;
	const char *status_url; /* base of AIA and CDP */
	const char *issuer_id;	/* last part of both */
	uint32_t crl_shard;
	struct pki_bytes sct_list; /* extension value, FINAL only */
};

struct pki_tbs_ca {
	const char *cn, *c, *o, *ou;   /* subject; NULL = left out */
	const struct pki_cert *issuer; /* NULL = self-signed root */
	uint8_t serial[PKI_SERIAL_LEN];
	int64_t not_before_ms;
	int64_t not_after_ms;
	uint32_t pathlen;
	struct pki_bytes spki;
	const char *aia_url; /* caIssuers of the intermediate, NULL = none */
	const char *cdp_url; /* NULL = none */
	const struct pki_constraints *permitted; /* names; NULL = any */
};

/**
 * pki_tbs_leaf_times(in, now_ms, validity_s):
 * Set not_before_ms = now - backdate and not_after_ms = not_before +
 * validity - 1 s, whole seconds, capped by the issuer's end.  ${validity_s} 0
 * means the profile's; more than the profile's is cut to it.
 * ERR_STATE_EXPIRED when less than an hour remains (`issuer_expiring`).
 */
MUST_CHECK int pki_tbs_leaf_times(
    struct pki_tbs_leaf *in, int64_t now_ms, uint32_t validity_s);

/**
 * pki_tbs_leaf(in, variant, out, cap, ret_len),
 * pki_tbs_ca(in, out, cap, ret_len):
 * Write the TBSCertificate of a subscriber, extensions in the order of
 * identity spec section 4, or of a root or an intermediate.  ERR_SYS_LIMIT,
 * ERR_PEER_KEY (no algorithm for the issuer's key), ERR_STATE_REFUSED.
 */
MUST_CHECK int pki_tbs_leaf(const struct pki_tbs_leaf *in,
    enum pki_tbs_variant variant, uint8_t *out, size_t cap, size_t *ret_len);
MUST_CHECK int pki_tbs_ca(
    const struct pki_tbs_ca *in, uint8_t *out, size_t cap, size_t *ret_len);

/**
 * pki_tbs_serial(random):
 * Turn 16 random octets into a serial: top bit 0.  ERR_STATE_REFUSED when the
 * first octet would be zero, as it would be shorter in DER: draw again.
 */
MUST_CHECK int pki_tbs_serial(uint8_t random[PKI_SERIAL_LEN]);

#endif

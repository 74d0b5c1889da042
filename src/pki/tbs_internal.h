/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TBS_INTERNAL_H
#define PKI_TBS_INTERNAL_H

#include "base/err.h"
#include "pki/oid.h"

struct pki_cert;
struct pki_constraints;
struct pki_der;
struct pki_profile;
struct pki_san_list;

/**
 * pki_tbs_put_oid(w, id), pki_tbs_put_attribute(w, id, s):
 * Write an OBJECT IDENTIFIER; one RDN of a Name (nothing if ${s} is NULL).
 */
void pki_tbs_put_oid(struct pki_der *w, enum pki_oid id);
void pki_tbs_put_attribute(struct pki_der *w, enum pki_oid id, const char *s);

/**
 * pki_tbs_ext_begin(w, id, critical), pki_tbs_ext_end(w): enclose a value.
 * pki_tbs_ext_usage(w, usage), pki_tbs_ext_eku(w, eku),
 * pki_tbs_ext_aia(w, ocsp, issuers), pki_tbs_ext_cdp(w, url),
 * pki_tbs_ext_san(w, list, critical), pki_tbs_ext_basic(w, pathlen) of a CA,
 * pki_tbs_ext_names(w, permitted), pki_tbs_ext_policies(w, profile):
 * Write a whole extension; ${ocsp} may be NULL.
 */
void pki_tbs_ext_policies(struct pki_der *w, const struct pki_profile *p);
void pki_tbs_ext_basic(struct pki_der *w, uint32_t pathlen);
void pki_tbs_ext_names(
    struct pki_der *w, const struct pki_constraints *permitted);
void pki_tbs_ext_begin(struct pki_der *w, enum pki_oid id, bool critical);
void pki_tbs_ext_end(struct pki_der *w);
void pki_tbs_ext_usage(struct pki_der *w, unsigned usage);
void pki_tbs_ext_eku(struct pki_der *w, unsigned eku);
void pki_tbs_ext_aia(struct pki_der *w, const char *ocsp, const char *issuers);
void pki_tbs_ext_cdp(struct pki_der *w, const char *url);
void pki_tbs_ext_san(
    struct pki_der *w, const struct pki_san_list *list, bool critical);

/** pki_tbs_cn(list): the first DNS name if of at most 64 octets, else NULL. */
const char *pki_tbs_cn(const struct pki_san_list *list);

/**
 * pki_tbs_put_algorithm(w, issuer, spki), pki_tbs_put_issuer(w, issuer),
 * pki_tbs_ext_key_ids(w, issuer, spki):
 * Write the AlgorithmIdentifier of the issuer's key (of ${spki} if ${issuer}
 * is NULL); its subject; the key identifiers of ${spki} and of the issuer.
 * ERR_PEER_KEY, ERR_PEER_UNSUPPORTED, ERR_PEER_MALFORMED, ERR_SYS_CRYPTO.
 */
MUST_CHECK int pki_tbs_put_algorithm(
    struct pki_der *w, const struct pki_cert *issuer, struct pki_bytes spki);
void pki_tbs_put_issuer(struct pki_der *w, const struct pki_cert *issuer);
MUST_CHECK int pki_tbs_ext_key_ids(
    struct pki_der *w, const struct pki_cert *issuer, struct pki_bytes spki);

#endif

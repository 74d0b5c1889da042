/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_ISSUERS_H
#define TRUSTCHAIN_CT_ISSUERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/*
 * The issuers' certificates that accepted chains held, for completing chains
 * that are submitted without them (/api/v1/ct/submit).  Each once verified to
 * a root; the first CT_ISSUERS_MAX are kept, for good.  Any thread.
 */
struct ct_issuers;

#define CT_ISSUERS_MAX 1024

/**
 * ct_issuers_new(ret):
 * Make an empty set.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int ct_issuers_new(struct ct_issuers **ret);

/**
 * ct_issuers_free(s):
 * Free it with all certificates; NULL is legal.
 */
void ct_issuers_free(struct ct_issuers *s);

/**
 * ct_issuers_add(s, der, fingerprint):
 * Keep a copy of the certificate ${der}, whose SHA-256 is ${fingerprint},
 * unless it is there, the set is full, or memory is short.
 */
void ct_issuers_add(
    struct ct_issuers *s, struct pki_bytes der, const uint8_t fingerprint[32]);

/**
 * ct_issuers_load(s, shard_dir):
 * Add the certificates that are published in the issuer folder of a shard.
 * What is none, or not what its name says, is left out.
 */
void ct_issuers_load(struct ct_issuers *s, const char *shard_dir);

/**
 * ct_issuers_complete(s, der, n, max):
 * While the last of the ${n} certificates in ${der} was signed by one of the
 * set and there are fewer than ${max}, append that; return how many there are.
 * What is appended lives as long as the set.
 */
size_t ct_issuers_complete(
    struct ct_issuers *s, struct pki_bytes *der, size_t n, size_t max);

#endif

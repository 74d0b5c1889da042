/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_RECORD_H
#define TRUSTCHAIN_CA_RECORD_H

#include <stdint.h>

#include "wire/json.h"

/*
 * A certificate row as people and clients see it: the 201 body and the status
 * record of identity.md section 6.
 */
struct ca_authority;
struct ca_cert;
struct ca_store;

/**
 * ca_record_full(a, row, now_ms):
 * Return {certificate, chain[], serial, fingerprint_sha256, issuer, profile,
 * not_before, not_after, scts[], sct, status, reason?, revoked_at?}; the
 * certificate and what depends on it are absent in states P and A.  NULL when
 * memory is short.
 */
json_t *ca_record_full(
    const struct ca_authority *a, const struct ca_cert *row, int64_t now_ms);

/**
 * ca_record_text(a, row, now_ms, ret_len):
 * Return what ca_record_full returns as compact JSON, to be freed.  NULL when
 * memory is short.
 */
char *ca_record_text(const struct ca_authority *a, const struct ca_cert *row,
    int64_t now_ms, size_t *ret_len);

/**
 * ca_record_brief(s, row, now_ms):
 * Return one line of a list: {serial, issuer, profile, not_before, not_after,
 * status, owner, names[]}.  NULL when memory is short or the store fails.
 */
json_t *ca_record_brief(
    struct ca_store *s, const struct ca_cert *row, int64_t now_ms);

/**
 * ca_record_status(row, now_ms):
 * Return "Valid", "Expired", "Revoked", "Abandoned", or "Pending" for a
 * precertificate on its way.
 */
const char *ca_record_status(const struct ca_cert *row, int64_t now_ms);

/**
 * ca_record_pem(der, len):
 * Return a CERTIFICATE block, to be freed; NULL when memory is short.
 */
char *ca_record_pem(const uint8_t *der, size_t len);

#endif

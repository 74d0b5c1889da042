/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_LOG_FOREIGN_H
#define TRUSTCHAIN_CA_LOG_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A RFC 6962 log of somebody else ([[log]] with `key'): no list of shards, but
 * a key and a range of notAfter from the configuration.  Its SCTs have no
 * extensions.  The key process learns of it in the packed form: start, NUL,
 * end, NUL, the file of the key as it is.
 */
struct buf;
struct ca_config_log;
struct ct_list;
struct ct_list_entry;

/**
 * ca_log_foreign_pack(conf, out, f):
 * Append the packed form.  ERR_STATE_CONFIG (no such file), ERR_SYS_*.
 */
MUST_CHECK int ca_log_foreign_pack(
    const struct ca_config_log *conf, struct buf *out, struct fault *f);

/**
 * ca_log_foreign_open(packed, len, ret):
 * Read the packed form into an open entry without name and URL.  The key is
 * one PEM block PUBLIC KEY, of P-256.  ERR_STATE_CONFIG, ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_log_foreign_open(
    const uint8_t *packed, size_t len, struct ct_list_entry *ret);

/**
 * ca_log_foreign_list(conf, ret, f):
 * Make, from the configuration, the list that such a log does not publish; the
 * caller frees it.  Errors as those two.
 */
MUST_CHECK int ca_log_foreign_list(const struct ca_config_log *conf,
    struct ct_list **ret, struct fault *f);

/**
 * ca_log_foreign_head(log, json, len):
 * Whether the answer to get-sth (RFC 6962 section 4.3) is signed by the log's
 * key.  ERR_PEER_*, ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_log_foreign_head(
    const struct ct_list_entry *log, const uint8_t *json, size_t len);

/** Octets of an answer to get-sth, at most. */
#define CA_LOG_FOREIGN_HEAD_MAX 4096

#endif

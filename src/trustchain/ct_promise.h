/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_PROMISE_H
#define TRUSTCHAIN_CT_PROMISE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/ct.h"

struct pki_cert;

#define CT_PROMISE_LEAF_MAX 32768

/**
 * ct_promise_leaf(cert, issuer, sct, out, cap, ret_len):
 * Write the MerkleTreeLeaf (RFC 6962 section 3.4) that the embedded ${sct} of
 * ${cert} promises, which is what it signs, too.  ERR_SYS_LIMIT, errors of
 * pki_ct_strip.
 */
MUST_CHECK int ct_promise_leaf(const struct pki_cert *cert,
    const struct pki_cert *issuer, const struct pki_ct_sct *sct, uint8_t *out,
    size_t cap, size_t *ret_len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_BATCH_STATUS_H
#define TRUSTCHAIN_CA_BATCH_STATUS_H

#include <stdint.h>

/*
 * Changes of a batch (ca_batch.h) about the publication of status.
 */
struct ca_batch;

/**
 * ca_batch_crl(b, issuer, number, at):
 * Note that the issuer's CRLs of ${number} are about to be signed (${at} 0),
 * or are published, with thisUpdate ${at}; neither value goes back
 * [ERR_STATE_NOT_FOUND].
 */
void ca_batch_crl(
    struct ca_batch *b, const char *issuer, int64_t number, int64_t at);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_SUBMIT_H
#define TRUSTCHAIN_CT_SUBMIT_H

#include "trustchain/ct_chain.h"
#include "trustchain/ct_reply.h"

/*
 * The three ways to submit: add-chain and add-pre-chain of RFC 6962 sections
 * 4.1 and 4.2, and /api/v1/ct/submit.
 */
struct ct_log;

/* Largest request body that is looked at. */
#define CT_SUBMIT_BODY_MAX ((size_t)1 << 20)

/**
 * ct_submit_chain(l, shard, want, r):
 * Answer an add-chain or add-pre-chain request of ${shard}.
 */
void ct_submit_chain(struct ct_log *l, struct ct_shard *shard,
    enum ct_chain_want want, struct http_request *r);

/**
 * ct_submit_api(l, r):
 * Answer POST /api/v1/ct/submit: the shard follows from notAfter.
 */
void ct_submit_api(struct ct_log *l, struct http_request *r);

#endif

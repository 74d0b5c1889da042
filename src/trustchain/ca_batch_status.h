/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_BATCH_STATUS_H
#define TRUSTCHAIN_CA_BATCH_STATUS_H

#include <stdint.h>

/*
 * Changes of a batch (ca_batch.h) about the publication of status, halting
 * and emergencies.
 */
struct ca_batch;
struct ca_emergency;

/**
 * ca_batch_crl(b, issuer, number, at):
 * Note that the issuer's CRLs of ${number} are about to be signed (${at} 0),
 * or are published, with thisUpdate ${at}; neither value goes back
 * [ERR_STATE_NOT_FOUND].
 */
void ca_batch_crl(
    struct ca_batch *b, const char *issuer, int64_t number, int64_t at);

/**
 * ca_batch_open(b, issuer):
 * Let the issuer issue again after a plain halt [ERR_STATE_HALTED when it was
 * swept by an operation that is not resumed, or with reason 1;
 * ERR_STATE_NOT_FOUND].
 */
void ca_batch_open(struct ca_batch *b, const char *issuer);

/**
 * ca_batch_emergency_arm(b, row):
 * Keep an armed operation [ERR_STATE_EXISTS].
 */
void ca_batch_emergency_arm(struct ca_batch *b, const struct ca_emergency *row);

/**
 * ca_batch_emergency_begin(b, id, at):
 * The operation goes from armed to running; its sweeps are in the same batch
 * [ERR_STATE_STALE if it is not armed].
 */
void ca_batch_emergency_begin(struct ca_batch *b, const char *id, int64_t at);

/**
 * ca_batch_emergency_count(b, id, revoked, counts),
 * ca_batch_emergency_done(b, id, at):
 * Note what was swept, as a number and as JSON; that the CRLs with it are
 * published since ${at}.
 */
void ca_batch_emergency_count(
    struct ca_batch *b, const char *id, int64_t revoked, const char *counts);
void ca_batch_emergency_done(struct ca_batch *b, const char *id, int64_t at);

/**
 * ca_batch_emergency_allow(b, id, note):
 * Keep the statement that allows resuming [ERR_STATE_STALE if the operation
 * has not begun or is resumed].
 */
void ca_batch_emergency_allow(
    struct ca_batch *b, const char *id, const char *note);

/**
 * ca_batch_emergency_resume(b, id):
 * The operation is over: what it halted issues again, except issuers that
 * were swept with reason 1, or by another operation that is not over
 * [ERR_STATE_STALE if it may not be resumed].
 */
void ca_batch_emergency_resume(struct ca_batch *b, const char *id);

#endif

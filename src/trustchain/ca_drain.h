/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_DRAIN_H
#define TRUSTCHAIN_CA_DRAIN_H

#include "base/err.h"

/*
 * Carries the audit events of the CA's store from the outbox, where they
 * became durable together with what they report, to the audit log.  An event
 * leaves the outbox only when the log holds it durably, and its number in the
 * log keeps it from being written twice after a crash between the two.
 */
struct ca_drain;
struct ca_store;
struct fault;
struct loop;
struct trustchain_auditor;

/**
 * ca_drain_new(store, auditor, loop, ret):
 * Begin to look every 200 ms, once the log is open.
 */
MUST_CHECK int ca_drain_new(struct ca_store *store,
    struct trustchain_auditor *auditor, struct loop *loop,
    struct ca_drain **ret);

/**
 * ca_drain_free(d):
 * Stop; before the auditor and the store.  What is still in the outbox waits
 * there for the next start.  NULL is allowed.
 */
void ca_drain_free(struct ca_drain *d);

/**
 * ca_drain_check(d, f):
 * When the log is open: ERR_STATE_INTEGRITY if the store dropped events that
 * the log does not hold, that is, if the log was rolled back.
 */
MUST_CHECK int ca_drain_check(struct ca_drain *d, struct fault *f);

/**
 * ca_drain_kick(d):
 * Look now: something was just put into the outbox.
 */
void ca_drain_kick(struct ca_drain *d);

#endif

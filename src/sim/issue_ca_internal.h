/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_ISSUE_CA_INTERNAL_H
#define SIM_ISSUE_CA_INTERNAL_H

#include "pki/issue.h"
#include "sim/issue_internal.h"

#define CA_JOBS_MAX 32
#define CA_WAITERS_MAX 4
#define CA_QUEUE_MAX 64
#define CA_BATCH_MAX 16

struct ca_waiter {
	uint32_t client, request;
};

/* A request, or a row that is rolled forward. */
struct ca_job {
	uint32_t id; /* 0: none */
	struct pki_issue machine;
	uint32_t key, status;
	struct issue_row row;
	struct issue_sct scts[ISSUE_LOGS];
	uint32_t n_scts, n_refused;
	struct ca_waiter waiters[CA_WAITERS_MAX];
	size_t n_waiters;
};

/* An action that job ${id} asked for in ${state} has ended with ${event}. */
struct ca_result {
	uint32_t id;
	enum pki_issue_state state;
	enum pki_issue_event event;
};

/* What waits to be written: a row for a job, or the next epoch. */
struct ca_write {
	struct issue_row row;
	uint32_t job;
	enum pki_issue_state asked_in;
};

struct issue_ca {
	struct issue_sim *sim;
	bool ready;
	struct issue_table table; /* as committed */
	uint32_t epoch;
	struct ca_job jobs[CA_JOBS_MAX];
	uint32_t last_job;
	/* Group commit: one batch is written and synced, the next waits. */
	struct ca_write queue[CA_QUEUE_MAX], batch[CA_BATCH_MAX];
	size_t n_queue, n_batch;
	bool writing;
};

/**
 * issue_ca_start(ctx), issue_ca_ready(ca):
 * The CA comes up and reads its file; it may work now.
 */
void issue_ca_start(void *ctx);
void issue_ca_ready(struct issue_ca *ca);

/**
 * issue_ca_job(ca, id), issue_ca_job_new(ca, key):
 * Find a job; begin one, NULL when there are too many.
 */
struct ca_job *issue_ca_job(struct issue_ca *ca, uint32_t id);
struct ca_job *issue_ca_job_new(struct issue_ca *ca, uint32_t key);

/**
 * issue_ca_result(ca, id, state, event):
 * An action that job ${id} asked for in ${state} has ended with ${event}.
 */
void issue_ca_result(struct issue_ca *ca, uint32_t id,
    enum pki_issue_state state, enum pki_issue_event event);

/**
 * issue_ca_later(ca, delay_us, r):
 * The same after a while; late results, of a state that is over, are ignored.
 */
void issue_ca_later(
    struct issue_ca *ca, uint64_t delay_us, const struct ca_result *r);

/**
 * issue_ca_commit(ca, j, state), issue_ca_next_epoch(ca):
 * Write the job's row in ${state}, and tell the job; write that the issuer was
 * halted and is open again.
 */
void issue_ca_commit(
    struct issue_ca *ca, struct ca_job *j, enum issue_row_state state);
void issue_ca_next_epoch(struct issue_ca *ca);

#endif

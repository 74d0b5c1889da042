/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ISSUE_INTERNAL_H
#define TRUSTCHAIN_CA_ISSUE_INTERNAL_H

#include "base/list.h"
#include "pki/issue.h"
#include "pki/tbs.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_log.h"
#include "trustchain/ca_problem.h"

struct arena;
struct ca_name;
struct pki_lint_log;
struct ca_authority_issuer;
struct pki_profile;

enum {
	CA_ISSUE_ARENA_MAX = 1 << 20,
	CA_ISSUE_SCTS_MAX = 4,
	CA_ISSUE_DER_MAX = PKI_TBS_LEN_MAX + 8192
};

/* Someone who wants to know how a job ended. */
struct ca_issue_waiter {
	struct list node;
	ca_issue_fn *fn;
	void *ctx;
	bool replay;
};

/* Bytes a job owns in its arena. */
struct ca_issue_der {
	uint8_t *data;
	size_t len;
};

/* One request on its way, or one row P being rolled forward. */
struct ca_issue_job {
	struct list node;
	struct ca_issue *ci;
	struct pki_issue machine;
	struct arena *arena;
	struct list waiters;
	/* the request */
	enum ca_issue_via via;
	const struct ca_principal *who;
	const char *owner, *idem_key, *order_id;
	const char *profile_name, *issuer_name;
	uint8_t body_hash[32];
	struct pki_bytes csr;
	const struct pki_san_list *extra;
	uint32_t validity_s;
	bool renewal;
	bool resumed;
	/* what was made of it */
	const struct ca_authority_issuer *issuer;
	const struct pki_profile *profile;
	struct pki_san_list *sans;
	struct pki_bytes spki;
	uint8_t spki_hash[32];
	uint8_t serial[PKI_SERIAL_LEN];
	char serial_hex[2 * PKI_SERIAL_LEN + 1];
	int64_t epoch, not_before_ms, not_after_ms, created_ms;
	uint32_t crl_shard;
	struct ca_issue_der precert_tbs, precert, final_tbs, final;
	struct ca_issue_der list; /* SCT list extension value */
	struct ca_log_sct scts[CA_ISSUE_SCTS_MAX];
	size_t n_scts;
	struct pki_lint_log *logs; /* for the self-check */
	size_t n_logs;
	uint8_t fp[32];
	char *sct_json;
	/* the result of the action that ran last */
	enum pki_issue_event event;
	enum pki_issue_event lint_event; /* of step 3, done with step 2 */
	enum ca_problem problem;
	char detail[256];
	uint64_t started_us, step_us;
};

struct ca_issue {
	struct ca_issue_opts o;
	struct list jobs;
	size_t n_jobs;
	int64_t newest_not_before_ms;
	struct loop_timer *timer;
	bool stopping;
	bool first_pass, recovered;
	bool maintenance;
	size_t first_pass_left;
};

/**
 * ca_issue_fail(j, event, problem, fmt, ...):
 * Note how the running action failed.
 */
void ca_issue_fail(struct ca_issue_job *j, enum pki_issue_event event,
    enum ca_problem problem, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/**
 * ca_issue_feed(j, event):
 * Give an event to the job's machine and perform what it asks for.  The job
 * may be gone afterwards.
 */
void ca_issue_feed(struct ca_issue_job *j, enum pki_issue_event event);

/**
 * ca_issue_point(j, name):
 * Pass a fault point.
 */
int ca_issue_point(struct ca_issue_job *j, const char *name);

/**
 * ca_issue_job_new(ci, ret):
 * Make an empty job in the list.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_issue_job_new(struct ca_issue *ci, struct ca_issue_job **ret);

/**
 * ca_issue_job_end(j):
 * Take the job out of the list and free it.
 */
void ca_issue_job_end(struct ca_issue_job *j);

/**
 * ca_issue_find(ci, serial):
 * Return the job on that serial, or NULL.
 */
struct ca_issue_job *ca_issue_find(
    struct ca_issue *ci, const uint8_t serial[PKI_SERIAL_LEN]);

/**
 * ca_issue_admit(j), ca_issue_validated(j):
 * Step 1, and the part of step 2 that reads the store; on the loop.  Leave
 * event and problem in ${j}; ca_issue_admit may also end the job by a replay
 * and then returns false.
 */
bool ca_issue_admit(struct ca_issue_job *j);
void ca_issue_validated(struct ca_issue_job *j);

/**
 * ca_issue_names(j, ret):
 * Return the names in the form of the store, in the job's arena; as many as
 * j->sans->n.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_issue_names(struct ca_issue_job *j, struct ca_name **ret);

/**
 * ca_issue_validate(j), ca_issue_lint(j), ca_issue_check(j):
 * The CPU work of steps 2, 3 and 7, on any thread.  Leave event and problem
 * in ${j}.
 */
void ca_issue_validate(struct ca_issue_job *j);
void ca_issue_lint(struct ca_issue_job *j);
void ca_issue_check(struct ca_issue_job *j);

/**
 * ca_issue_sign(j, final), ca_issue_c1(j), ca_issue_log(j), ca_issue_c2(j),
 * ca_issue_abandon(j), ca_issue_audit_check(j):
 * Begin an action; its event is fed later.  The last one only writes the
 * audit event.
 */
void ca_issue_sign(struct ca_issue_job *j, bool final);
void ca_issue_c1(struct ca_issue_job *j);
void ca_issue_log(struct ca_issue_job *j);
void ca_issue_c2(struct ca_issue_job *j);
void ca_issue_abandon(struct ca_issue_job *j);
void ca_issue_audit_check(struct ca_issue_job *j);

/**
 * ca_issue_roll(ci):
 * Take up every row P that nobody works on.
 */
void ca_issue_roll(struct ca_issue *ci);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_ISSUE_H
#define SIM_ISSUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * The issue pipeline (pki/issue.h) on virtual time: clients, a CA, its store,
 * a key process and three logs that fail, delay, lose messages and crash.  A
 * judge who sees the disks checks what nobody may ever see broken:
 *
 *   - a log gets a precertificate only after its row is on the CA's disk
 *   - a final certificate is signed only over SCTs of min_scts logs that have
 *     the entry on their disks
 *   - a certificate reaches a client only after it is on the CA's disk, and a
 *     serial only after its row is
 *   - each request ends exactly once, unless the CA crashed under it
 *   - an idempotency key has one certificate
 *   - when the faults end, every row is issued or abandoned, and every client
 *     has its answer
 */

/* Ways to build it wrong, each of which the judge must find. */
enum issue_broken {
	ISSUE_SOUND,
	ISSUE_EARLY_C1,	       /* on with step 6 before C1 is synced */
	ISSUE_EARLY_C2,	       /* answers before C2 is synced */
	ISSUE_FEW_SCTS,	       /* one SCT less than min_scts */
	ISSUE_UNVERIFIED_SCTS, /* SCTs are not verified */
	ISSUE_LOG_IGNORED,     /* the core goes on when the logs fail */
	ISSUE_ANSWERS_TWICE,   /* 503 when a log is slow, and goes on */
	ISSUE_FORGETS,	       /* an expired row is not recorded as abandoned */
	ISSUE_NO_ROLL,	       /* nothing is rolled forward */
	ISSUE_UNSYNCED_START,  /* after a crash trusts rows before a sync */
	ISSUE_KEY_IGNORED,     /* the idempotency key is not looked up */
	ISSUE_BROKEN_WAYS
};

struct issue_result {
	uint64_t events, requests, issued, refused, abandoned, rolled, crashes,
	    answers;
	uint8_t digest[32]; /* of the trace */
	char failure[256];  /* "" */
};

/**
 * issue_run(seed, broken, print, ret):
 * Run one world; with ${print} not NULL its trace is written there.
 * ERR_STATE_INTEGRITY with ret->failure when the judge found something;
 * ERR_SYS_NOMEM.  ${ret} is written in either case.
 */
MUST_CHECK int issue_run(uint64_t seed, enum issue_broken broken, FILE *print,
    struct issue_result *ret);

/**
 * issue_broken_name(b), issue_broken_find(name, ret):
 * Return the name of a way to break it; find one by its name, and return
 * whether there is one.
 */
const char *issue_broken_name(enum issue_broken b);
bool issue_broken_find(const char *name, enum issue_broken *ret);

#endif

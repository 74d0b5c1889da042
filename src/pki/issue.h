/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_ISSUE_H
#define PKI_ISSUE_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The issue pipeline (identity spec section 5) as one table: state and event
 * give the next state and the actions that the program performs.  The result
 * of an action comes back as an event.
 */
enum pki_issue_state {
	PKI_ISSUE_NEW,	      /* nothing happened yet */
	PKI_ISSUE_VALIDATING, /* step 2: request, key, names, policy */
	PKI_ISSUE_LINTING,    /* step 3: the TBS is built and linted */
	PKI_ISSUE_PRECERT,    /* step 4: key process signs the poisoned TBS */
	PKI_ISSUE_C1,	      /* step 5: row P on its way to the disk */
	PKI_ISSUE_LOGGING,    /* step 6 */
	PKI_ISSUE_FINAL,      /* step 7: key process signs the final TBS */
	PKI_ISSUE_CHECKING,   /* step 7: self-check */
	PKI_ISSUE_C2,	      /* step 8 */
	PKI_ISSUE_ABANDONING, /* row P becomes A */
	PKI_ISSUE_ISSUED,     /* end: row I, certificate may leave */
	PKI_ISSUE_FAILED,     /* end: nothing was stored */
	PKI_ISSUE_PENDING,    /* end for now: row P waits for roll-forward */
	PKI_ISSUE_ABANDONED,  /* end: row A */
	PKI_ISSUE_STATES
};

enum pki_issue_event {
	PKI_ISSUE_EV_ADMIT,   /* step 1 passed */
	PKI_ISSUE_EV_RESUME,  /* roll-forward found row P */
	PKI_ISSUE_EV_EXPIRE,  /* row P is too old, or of a stale epoch */
	PKI_ISSUE_EV_OK,      /* the action asked for succeeded */
	PKI_ISSUE_EV_REFUSED, /* the action said no, for good */
	PKI_ISSUE_EV_ERROR,   /* the action failed; it may work later */
	PKI_ISSUE_EVENTS
};

enum pki_issue_action {
	PKI_ISSUE_DO_VALIDATE = 1 << 0,
	PKI_ISSUE_DO_LINT = 1 << 1,
	PKI_ISSUE_DO_SIGN_PRECERT = 1 << 2,
	PKI_ISSUE_DO_COMMIT_C1 = 1 << 3,
	PKI_ISSUE_DO_SUBMIT = 1 << 4, /* to the logs */
	PKI_ISSUE_DO_SIGN_FINAL = 1 << 5,
	PKI_ISSUE_DO_CHECK = 1 << 6,
	PKI_ISSUE_DO_COMMIT_C2 = 1 << 7,
	PKI_ISSUE_DO_ABANDON = 1 << 8,
	PKI_ISSUE_DO_AUDIT_CHECK = 1 << 9, /* pki.selfcheck.failed */
	PKI_ISSUE_DO_REPLY = 1 << 10,	   /* the certificate */
	PKI_ISSUE_DO_REPLY_ERROR = 1 << 11 /* with the serial after C1 */
};

/* One request, or one row being rolled forward.  Zeroed = NEW. */
struct pki_issue {
	enum pki_issue_state state;
	/* What has happened, for the invariant. */
	bool linted, signed_precert, stored, logged, signed_final, checked,
	    committed, replied, replied_certificate;
};

/**
 * pki_issue_step(i, event, ret_actions):
 * Move ${i} and store the set of enum pki_issue_action to perform now.
 * ERR_STATE_CONFLICT when the event is not possible in this state: nothing
 * changes.  The invariant is asserted after every move.
 */
MUST_CHECK int pki_issue_step(
    struct pki_issue *i, enum pki_issue_event event, unsigned *ret_actions);

/**
 * pki_issue_invariant(i):
 * Return whether what has happened is consistent: a precertificate is signed
 * only over a linted TBS, logged only when stored, a final certificate signed
 * only with verified SCTs, and nothing leaves before it is checked and
 * durable; at most one reply.
 */
bool pki_issue_invariant(const struct pki_issue *i);

/**
 * pki_issue_ended(i), pki_issue_state_name(s):
 * Return whether no further event is possible; the name of a state.
 */
bool pki_issue_ended(const struct pki_issue *i);
const char *pki_issue_state_name(enum pki_issue_state s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/issue.h"

#include <stddef.h>

#include "base/assert.h"

struct move {
	enum pki_issue_state from;
	enum pki_issue_event event;
	enum pki_issue_state to;
	unsigned actions;
};

/*
 * Identity spec section 5, steps 1 to 9.  Before C1 a failure leaves no
 * trace; after it the row stays P for the roll-forward, except that a stale
 * epoch and age make it A.
 */
static const struct move table[] = {
	/* step 1 admit */
	{ PKI_ISSUE_NEW, PKI_ISSUE_EV_ADMIT, PKI_ISSUE_VALIDATING,
	    PKI_ISSUE_DO_VALIDATE },
	{ PKI_ISSUE_NEW, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_NEW, PKI_ISSUE_EV_ERROR, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* roll-forward of a row P: the same precertificate again */
	{ PKI_ISSUE_NEW, PKI_ISSUE_EV_RESUME, PKI_ISSUE_LOGGING,
	    PKI_ISSUE_DO_SUBMIT },
	{ PKI_ISSUE_NEW, PKI_ISSUE_EV_EXPIRE, PKI_ISSUE_ABANDONING,
	    PKI_ISSUE_DO_ABANDON },
	/* step 2 validate */
	{ PKI_ISSUE_VALIDATING, PKI_ISSUE_EV_OK, PKI_ISSUE_LINTING,
	    PKI_ISSUE_DO_LINT },
	{ PKI_ISSUE_VALIDATING, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_VALIDATING, PKI_ISSUE_EV_ERROR, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* step 3 lint */
	{ PKI_ISSUE_LINTING, PKI_ISSUE_EV_OK, PKI_ISSUE_PRECERT,
	    PKI_ISSUE_DO_SIGN_PRECERT },
	{ PKI_ISSUE_LINTING, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_LINTING, PKI_ISSUE_EV_ERROR, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* step 4 precert */
	{ PKI_ISSUE_PRECERT, PKI_ISSUE_EV_OK, PKI_ISSUE_C1,
	    PKI_ISSUE_DO_COMMIT_C1 },
	{ PKI_ISSUE_PRECERT, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_PRECERT, PKI_ISSUE_EV_ERROR, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* step 5 commit C1: a batch that failed stored nothing */
	{ PKI_ISSUE_C1, PKI_ISSUE_EV_OK, PKI_ISSUE_LOGGING,
	    PKI_ISSUE_DO_SUBMIT },
	{ PKI_ISSUE_C1, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_C1, PKI_ISSUE_EV_ERROR, PKI_ISSUE_FAILED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* step 6 log: never on without min_scts verified SCTs */
	{ PKI_ISSUE_LOGGING, PKI_ISSUE_EV_OK, PKI_ISSUE_FINAL,
	    PKI_ISSUE_DO_SIGN_FINAL },
	{ PKI_ISSUE_LOGGING, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_LOGGING, PKI_ISSUE_EV_ERROR, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* step 7 final */
	{ PKI_ISSUE_FINAL, PKI_ISSUE_EV_OK, PKI_ISSUE_CHECKING,
	    PKI_ISSUE_DO_CHECK },
	{ PKI_ISSUE_FINAL, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_FINAL, PKI_ISSUE_EV_ERROR, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_CHECKING, PKI_ISSUE_EV_OK, PKI_ISSUE_C2,
	    PKI_ISSUE_DO_COMMIT_C2 },
	{ PKI_ISSUE_CHECKING, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_AUDIT_CHECK | PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_CHECKING, PKI_ISSUE_EV_ERROR, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* step 8 commit C2, step 9 reply */
	{ PKI_ISSUE_C2, PKI_ISSUE_EV_OK, PKI_ISSUE_ISSUED, PKI_ISSUE_DO_REPLY },
	{ PKI_ISSUE_C2, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_C2, PKI_ISSUE_EV_ERROR, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	/* row A, revoked with reason 5 */
	{ PKI_ISSUE_ABANDONING, PKI_ISSUE_EV_OK, PKI_ISSUE_ABANDONED,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_ABANDONING, PKI_ISSUE_EV_REFUSED, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
	{ PKI_ISSUE_ABANDONING, PKI_ISSUE_EV_ERROR, PKI_ISSUE_PENDING,
	    PKI_ISSUE_DO_REPLY_ERROR },
};

static const char *const names[PKI_ISSUE_STATES] = { "new", "validating",
	"linting", "precert", "c1", "logging", "final", "checking", "c2",
	"abandoning", "issued", "failed", "pending", "abandoned" };

const char *
pki_issue_state_name(enum pki_issue_state s)
{

	return s < PKI_ISSUE_STATES ? names[s] : "?";
}

bool
pki_issue_ended(const struct pki_issue *i)
{

	return i->state == PKI_ISSUE_ISSUED || i->state == PKI_ISSUE_FAILED ||
	       i->state == PKI_ISSUE_PENDING || i->state == PKI_ISSUE_ABANDONED;
}

bool
pki_issue_invariant(const struct pki_issue *i)
{

	if (i->signed_precert && !i->linted)
		return false;
	if (i->logged && !i->stored)
		return false;
	if (i->signed_final && !i->logged)
		return false;
	if (i->checked && !i->signed_final)
		return false;
	if (i->committed && !i->checked)
		return false;
	if (i->replied_certificate && !(i->replied && i->committed))
		return false;
	/* Whatever can be seen outside is on the disk. */
	if (i->state == PKI_ISSUE_LOGGING && !i->stored)
		return false;
	if (i->state == PKI_ISSUE_FAILED && i->stored)
		return false;
	if ((i->state == PKI_ISSUE_ISSUED) != i->committed)
		return false;
	return pki_issue_ended(i) == i->replied;
}

/* Enter what the successful end of the state's action means. */
static void
record(struct pki_issue *i, const struct move *m)
{

	if (m->event == PKI_ISSUE_EV_RESUME || m->event == PKI_ISSUE_EV_EXPIRE)
		i->linted = i->signed_precert = i->stored = true;
	if (m->event == PKI_ISSUE_EV_OK) {
		i->linted |= m->from == PKI_ISSUE_LINTING;
		i->signed_precert |= m->from == PKI_ISSUE_PRECERT;
		i->stored |= m->from == PKI_ISSUE_C1;
		i->logged |= m->from == PKI_ISSUE_LOGGING;
		i->signed_final |= m->from == PKI_ISSUE_FINAL;
		i->checked |= m->from == PKI_ISSUE_CHECKING;
		i->committed |= m->from == PKI_ISSUE_C2;
	}
	if ((m->actions & (PKI_ISSUE_DO_REPLY | PKI_ISSUE_DO_REPLY_ERROR)) !=
	    0) {
		TROTH_ASSERT(!i->replied);
		i->replied = true;
		i->replied_certificate = (m->actions & PKI_ISSUE_DO_REPLY) != 0;
	}
}

int
pki_issue_step(
    struct pki_issue *i, enum pki_issue_event event, unsigned *ret_actions)
{
	const struct move *m = NULL;
	size_t n;

	for (n = 0; n < sizeof(table) / sizeof(table[0]); n++)
		if (table[n].from == i->state && table[n].event == event)
			m = &table[n];
	if (m == NULL)
		return ERR_STATE_CONFLICT;
	i->state = m->to;
	record(i, m);
	TROTH_ASSERT(pki_issue_invariant(i));
	*ret_actions = m->actions;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pki/issue.h"

struct seen {
	unsigned state[PKI_ISSUE_STATES];
	unsigned refused;
	unsigned paths;
	unsigned happy;
};

/*
 * Rules written from the spec's text, not from the table: which actions may
 * be asked for, given what has happened before.
 */
static void
check_actions(const struct pki_issue *before, unsigned actions)
{

	if ((actions & PKI_ISSUE_DO_SIGN_PRECERT) != 0)
		assert_int_equal(before->state, PKI_ISSUE_LINTING);
	if ((actions & PKI_ISSUE_DO_SUBMIT) != 0)
		assert_true(before->state == PKI_ISSUE_C1 ||
			    before->state == PKI_ISSUE_NEW);
	if ((actions & PKI_ISSUE_DO_SIGN_FINAL) != 0)
		assert_true(
		    before->state == PKI_ISSUE_LOGGING && before->stored);
	if ((actions & PKI_ISSUE_DO_COMMIT_C2) != 0)
		assert_true(before->signed_final && before->logged);
	if ((actions & PKI_ISSUE_DO_REPLY) != 0)
		assert_true(before->state == PKI_ISSUE_C2 && before->checked);
	if ((actions & PKI_ISSUE_DO_AUDIT_CHECK) != 0)
		assert_int_equal(before->state, PKI_ISSUE_CHECKING);
}

/* Walk every path from ${i}; the table has no cycles. */
static void
walk(const struct pki_issue *i, struct seen *s, unsigned depth)
{
	struct pki_issue next;
	unsigned actions, ev, out = 0;
	int rc;

	assert_true(depth < 20);
	assert_true(pki_issue_invariant(i));
	s->state[i->state]++;
	for (ev = 0; ev < PKI_ISSUE_EVENTS; ev++) {
		next = *i;
		actions = 0;
		rc = pki_issue_step(&next, (enum pki_issue_event)ev, &actions);
		if (rc != 0) {
			assert_int_equal(rc, ERR_STATE_CONFLICT);
			assert_memory_equal(&next, i, sizeof(next));
			assert_int_equal(actions, 0);
			s->refused++;
			continue;
		}
		out++;
		assert_int_not_equal(actions, 0);
		check_actions(i, actions);
		walk(&next, s, depth + 1);
	}
	if (pki_issue_ended(i)) {
		assert_int_equal(out, 0);
		assert_true(i->replied);
		s->paths++;
		s->happy += i->replied_certificate ? 1 : 0;
	} else {
		/* Work can always end well, be refused, and fail. */
		assert_true(out >= 3);
	}
}

static void
test_every_path(void **state)
{
	struct pki_issue i;
	struct seen s;
	unsigned n;

	(void)state;
	memset(&i, 0, sizeof(i));
	memset(&s, 0, sizeof(s));
	walk(&i, &s, 0);
	for (n = 0; n < PKI_ISSUE_STATES; n++)
		assert_true(s.state[n] > 0);
	/* By request and by roll-forward, and no other way. */
	assert_int_equal(s.happy, 2);
	assert_true(s.paths > 20);
	assert_true(s.refused > 0);
}

/* The happy path asks for its actions in the order of the spec. */
static void
test_happy(void **state)
{
	static const unsigned want[] = { PKI_ISSUE_DO_VALIDATE,
		PKI_ISSUE_DO_LINT, PKI_ISSUE_DO_SIGN_PRECERT,
		PKI_ISSUE_DO_COMMIT_C1, PKI_ISSUE_DO_SUBMIT,
		PKI_ISSUE_DO_SIGN_FINAL, PKI_ISSUE_DO_CHECK,
		PKI_ISSUE_DO_COMMIT_C2, PKI_ISSUE_DO_REPLY };
	struct pki_issue i;
	unsigned actions;
	size_t n;

	(void)state;
	memset(&i, 0, sizeof(i));
	for (n = 0; n < sizeof(want) / sizeof(want[0]); n++) {
		assert_int_equal(
		    pki_issue_step(&i,
			n == 0 ? PKI_ISSUE_EV_ADMIT : PKI_ISSUE_EV_OK,
			&actions),
		    0);
		assert_int_equal(actions, want[n]);
	}
	assert_int_equal(i.state, PKI_ISSUE_ISSUED);
	assert_string_equal(pki_issue_state_name(i.state), "issued");
}

/* The invariant notices each lie. */
static void
test_invariant(void **state)
{
	struct pki_issue i;

	(void)state;
	memset(&i, 0, sizeof(i));
	assert_true(pki_issue_invariant(&i));
	i.signed_precert = true;
	assert_false(pki_issue_invariant(&i));
	memset(&i, 0, sizeof(i));
	i.logged = true;
	assert_false(pki_issue_invariant(&i));
	i.stored = i.signed_final = i.checked = i.committed = true;
	i.replied = i.replied_certificate = true;
	i.state = PKI_ISSUE_ISSUED;
	assert_true(pki_issue_invariant(&i));
	i.committed = false;
	assert_false(pki_issue_invariant(&i));
	memset(&i, 0, sizeof(i));
	i.state = PKI_ISSUE_FAILED;
	i.replied = true;
	assert_true(pki_issue_invariant(&i));
	i.stored = true;
	assert_false(pki_issue_invariant(&i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_path),
		cmocka_unit_test(test_happy),
		cmocka_unit_test(test_invariant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

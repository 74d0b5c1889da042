/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

/*
 * Assertions stay on in release builds and state our own bugs only: peer
 * bytes must never reach one.  One condition per assertion.
 */
#define TROTH_ASSERT(cond)                                                     \
	((cond) ? (void)0 : base_assert_fail(#cond, __FILE__, __LINE__))

/**
 * base_assert_fail(what, file, line):
 * Write one line naming the broken invariant to stderr and abort.
 */
void base_assert_fail(const char *what, const char *file, int line)
    __attribute__((noreturn));

#endif

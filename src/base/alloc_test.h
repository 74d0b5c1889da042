/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ALLOC_TEST_H
#define BASE_ALLOC_TEST_H

/*
 * For tests: let the n-th allocation of the whole program fail.  Included by
 * the one source of a test program, whose malloc, calloc and realloc these
 * then are; not under a sanitizer, which needs its own.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define ALLOC_TEST 0
#else
#define ALLOC_TEST 1
#endif

/* Allocations until one fails; below 0: none fails. */
static atomic_long alloc_test_left = -1;
static atomic_ulong alloc_test_made;

/**
 * alloc_test_fail(n):
 * Let the allocation after the next ${n} fail, once.  Returns whether this
 * build can.
 */
static inline bool
alloc_test_fail(long n)
{
	atomic_store(&alloc_test_left, n);
	return ALLOC_TEST;
}

/**
 * alloc_test_failed():
 * Let no further one fail; return whether one did.
 */
static inline bool
alloc_test_failed(void)
{
	return atomic_exchange(&alloc_test_left, -1) < 0;
}

/**
 * alloc_test_count():
 * Return the number of allocations so far; 0 where this build cannot tell.
 */
static inline unsigned long
alloc_test_count(void)
{
	return atomic_load(&alloc_test_made);
}

/**
 * alloc_test_each(fn):
 * Call ${fn}, which returns 0 when it succeeds, with its n-th allocation
 * failing for n = 0, 1, 2... until it makes fewer.  Returns how many of the
 * calls failed, or -1 when the last one, in which no allocation failed, did.
 */
static inline long
alloc_test_each(int (*fn)(void))
{
	long failed = 0;
	int rc;

	for (long n = 0;; n++) {
		(void)alloc_test_fail(n);
		rc = fn();
		if (!alloc_test_failed())
			return rc == 0 ? failed : -1;
		failed += rc != 0 ? 1 : 0;
	}
}

/**
 * alloc_test_deny():
 * Count one allocation; return whether it is the one that fails.  For hooks
 * that a library offers, where malloc is not ours.
 */
static inline bool
alloc_test_deny(void)
{
	atomic_fetch_add(&alloc_test_made, 1);
	if (atomic_load(&alloc_test_left) < 0 ||
	    atomic_fetch_sub(&alloc_test_left, 1) != 0)
		return false;
	errno = ENOMEM;
	return true;
}

#if ALLOC_TEST
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

/**
 * malloc(n):
 * The C library's, but for the one that fails.
 */
void *
malloc(size_t n)
{
	return alloc_test_deny() ? NULL : __libc_malloc(n);
}

/**
 * calloc(n, size):
 * As malloc.
 */
void *
calloc(size_t n, size_t size)
{
	return alloc_test_deny() ? NULL : __libc_calloc(n, size);
}

/**
 * realloc(p, n):
 * As malloc.
 */
void *
realloc(void *p, size_t n)
{
	return alloc_test_deny() ? NULL : __libc_realloc(p, n);
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TIMING_TEST_H
#define BASE_TIMING_TEST_H

/*
 * For tests that time does not depend on secrets.  A timing_x.c is a program
 * of cases that runs under valgrind: what a case marks secret counts as
 * uninitialised, and valgrind notices each jump and each address that depends
 * on it, whatever the values (ctgrind, Adam Langley, 2010).
 *
 * Every program has a case that leaks on purpose; without one it fails, and
 * so does a harness that does not see the leak.
 */
#include <stddef.h>
#include <stdio.h>
#include <valgrind/memcheck.h>

#define TIMING_LEAKS (-1)

struct timing_case {
	const char *name;
	void (*run)(void);
	/*
	 * How many jumps on secrets there may be: one for each outcome that
	 * the library lets everybody see and we cannot mark, such as whether
	 * a tag was right.  TIMING_LEAKS: at least one, or the harness is
	 * blind.
	 */
	int decisions;
};

/**
 * timing_secret(p, len):
 * From now on the ${len} bytes at ${p}, and what is computed from them, are
 * secret.
 */
static inline void
timing_secret(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

/**
 * timing_public(p, len):
 * The ${len} bytes at ${p} are public after all: a result that is sent, or an
 * outcome that everybody sees.
 */
static inline void
timing_public(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}

/**
 * timing_public_int(v):
 * Return ${v}, public: a return code that the caller branches on.
 */
static inline int
timing_public_int(int v)
{
	timing_public(&v, sizeof(v));
	return v;
}

/**
 * timing_pause(), timing_resume():
 * Overlook what happens in between, where a library makes public of a secret
 * what the algorithm publishes.  Secrets stay secret.
 */
static inline void
timing_pause(void)
{
	VALGRIND_DISABLE_ERROR_REPORTING;
}

/** timing_resume(): see timing_pause. */
static inline void
timing_resume(void)
{
	VALGRIND_ENABLE_ERROR_REPORTING;
}

/**
 * timing_run(cases, n):
 * For main: run the cases, say what was found, and return the exit status; 77
 * when not under valgrind.
 */
static inline int
timing_run(const struct timing_case *cases, size_t n)
{
	int status = 0, leaks = 0, found, good;
	unsigned before;

	if (!RUNNING_ON_VALGRIND)
		return 77;
	for (size_t i = 0; i < n; i++) {
		before = (unsigned)VALGRIND_COUNT_ERRORS;
		cases[i].run();
		found = (int)((unsigned)VALGRIND_COUNT_ERRORS - before);
		good = found <= cases[i].decisions;
		if (cases[i].decisions == TIMING_LEAKS) {
			good = found > 0;
			leaks++;
		}
		printf("%s %s: %d\n", good ? "ok  " : "FAIL", cases[i].name,
		    found);
		status = good ? status : 1;
	}
	if (leaks == 0)
		printf("FAIL no case that leaks\n");
	return leaks == 0 ? 1 : status;
}

#endif

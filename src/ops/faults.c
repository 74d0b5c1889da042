/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/faults.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARMED_MAX 32

enum action { ACTION_KILL, ACTION_DELAY, ACTION_ERROR };

struct armed {
	const char *point;
	enum action action;
	unsigned long arg; /* n-th passing (0: each one); delay in ms */
	_Atomic unsigned long passed;
};

struct ops_faults {
	struct armed v[ARMED_MAX];
	size_t n;
};

static const char *
registered(
    const char *const *points, size_t npoints, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < npoints; i++)
		if (strlen(points[i]) == len &&
		    memcmp(points[i], name, len) == 0)
			return points[i];
	return NULL;
}

/* "kill[:N]", "error[:N]" or "delay:MS", up to a comma. */
static int
parse_action(struct armed *a, const char *s, size_t len)
{
	static const char *const names[] = { "kill", "delay", "error" };
	size_t n = strcspn(s, ":,"), i;
	char *end;

	for (i = 0; i < 3; i++)
		if (strlen(names[i]) == n && memcmp(names[i], s, n) == 0)
			break;
	if (i == 3)
		return -1;
	a->action = (enum action)i;
	a->arg = a->action == ACTION_KILL ? 1 : 0;
	if (n == len)
		return a->action == ACTION_DELAY ? -1 : 0;
	errno = 0;
	a->arg = strtoul(s + n + 1, &end, 10);
	return errno == 0 && end == s + len && end > s + n + 1 ? 0 : -1;
}

int
ops_faults_new(const char *spec, const char *const *points, size_t npoints,
    struct ops_faults **ret, struct fault *f)
{
	struct ops_faults *fs;
	const char *at = spec;
	size_t n, len;

	if (spec == NULL || spec[0] == '\0') {
		*ret = NULL;
		return 0;
	}
	if ((fs = calloc(1, sizeof(*fs))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	while (*at != '\0') {
		struct armed *a = &fs->v[fs->n];

		len = strcspn(at, ",");
		n = strcspn(at, "=,");
		if (fs->n == ARMED_MAX || n == len ||
		    (a->point = registered(points, npoints, at, n)) == NULL ||
		    parse_action(a, at + n + 1, len - n - 1) != 0) {
			free(fs);
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "fault \"%.*s\": unknown point or action",
			    (int)(len > 100 ? 100 : len), at);
		}
		fs->n++;
		at += len + (at[len] == ',' ? 1 : 0);
	}
	*ret = fs;
	return 0;
}

void
ops_faults_free(struct ops_faults *fs)
{
	free(fs);
}

static int
fire(struct armed *a)
{
	unsigned long passed = atomic_fetch_add(&a->passed, 1) + 1;
	struct timespec ts = { (time_t)(a->arg / 1000),
		(long)(a->arg % 1000) * 1000000 };

	switch (a->action) {
	case ACTION_DELAY:
		(void)nanosleep(&ts, NULL);
		return 0;
	case ACTION_KILL:
		if (passed == a->arg)
			(void)kill(getpid(), SIGKILL);
		return 0;
	default:
		return a->arg == 0 || passed == a->arg ? ERR_SYS_IO : 0;
	}
}

int
ops_fault_point(struct ops_faults *fs, const char *point)
{
	size_t i;
	int rc;

	if (fs == NULL)
		return 0;
	for (i = 0; i < fs->n; i++)
		if (strcmp(fs->v[i].point, point) == 0 &&
		    (rc = fire(&fs->v[i])) != 0)
			return rc;
	return 0;
}

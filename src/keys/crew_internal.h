/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_CREW_INTERNAL_H
#define KEYS_CREW_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Workers of a key process whose keys are on tokens, so that a token that
 * takes milliseconds for a signature makes several at once.  Who runs holds
 * the process's lock (crew_lock_internal.h).
 */
#define KEYS_CREW_MAX 4

struct keys_desk;
struct keys_process;

/**
 * keys_crew_start(p), keys_crew_end(p):
 * Start the workers, which answer what they are given by
 * keys_process_answer(${p}), and lock; let them finish and end them, if there
 * are any.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int keys_crew_start(struct keys_process *p);
void keys_crew_end(struct keys_process *p);

/**
 * keys_crew_desk(p), keys_crew_give(p, d):
 * Return a free worker's desk, or NULL; have the packet on it answered.
 */
struct keys_desk *keys_crew_desk(struct keys_process *p);
void keys_crew_give(struct keys_process *p, struct keys_desk *d);

/** keys_crew_idle(p): whether nobody works. */
bool keys_crew_idle(const struct keys_process *p);

/** keys_crew_fd(p): readable once a worker has finished; -1 without crew. */
int keys_crew_fd(const struct keys_process *p);

/** keys_crew_heard(p): empty that descriptor; return the first failure. */
MUST_CHECK int keys_crew_heard(struct keys_process *p);

#endif

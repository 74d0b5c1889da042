/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_CREW_INTERNAL_H
#define KEYS_CREW_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"

/* Workers of a key process, for tokens that take long for a signature.  Who
 * runs holds the process's lock (crew_lock_internal.h). */
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

/**
 * keys_crew_idle(p), keys_crew_fd(p), keys_crew_heard(p):
 * Whether nobody works; what is readable once a worker has finished, or -1;
 * empty that descriptor and return the first failure.
 */
bool keys_crew_idle(const struct keys_process *p);
int keys_crew_fd(const struct keys_process *p);
MUST_CHECK int keys_crew_heard(struct keys_process *p);

#endif

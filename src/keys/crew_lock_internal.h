/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_CREW_LOCK_INTERNAL_H
#define KEYS_CREW_LOCK_INTERNAL_H

/*
 * One lock covers a whole key process.  Whoever runs holds it, and gives it up
 * for a token's signature, for poll(), and while it waits.  So all but the
 * token's part runs as if there were one thread.  A process without workers
 * has no lock, and these do nothing.
 */
struct keys_process;

/** keys_crew_leave(p), keys_crew_enter(p): give up the lock; take it. */
void keys_crew_leave(struct keys_process *p);
void keys_crew_enter(struct keys_process *p);

/**
 * keys_crew_wait(p), keys_crew_tell(p):
 * Give up the lock until somebody says that something has become free; say it.
 */
void keys_crew_wait(struct keys_process *p);
void keys_crew_tell(struct keys_process *p);

#endif

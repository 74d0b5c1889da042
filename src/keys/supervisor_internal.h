/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SUPERVISOR_INTERNAL_H
#define KEYS_SUPERVISOR_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "keys/max.h"
#include "keys/spawn_internal.h"
#include "keys/supervisor.h"

/* Replacing a key process, so that what it must not fall behind (the last
 * signed tree heads) passes on and no request is lost: the new one loads, says
 * READY; the old one is told to RETIRE, answers what it was sent, sends STATEs,
 * which go to the new one, and RETIRED; the new one is told to GO; main gets
 * its socket.  One that fails changes nothing.
 */
struct keys_line {
	unsigned index; /* enum keys_process_index */
	struct keys_child keys, next;
	int64_t next_started_ms;
	bool next_ready;
	int first_peer; /* main's end of the line, until main is started */
};

struct keys_supervisor {
	const struct keys_supervisor_opts *o;
	struct keys_child main;
	struct keys_line line[KEYS_PROCESSES];
	struct keys_report_pins *pins; /* refused ones; or NULL */
	pid_t job_pid;
	int64_t job_at_ms;
	int signals;
	bool reload_wanted;
	int64_t reload_at_ms; /* not before */
	bool draining;
	int64_t kill_at_ms;
	int64_t ending_at_ms; /* keys are gone, main should be; or 0 */
	bool finished;
	int code;
};

/** keys_supervisor_say(s, kind, fmt, ...): report a line of text. */
void keys_supervisor_say(struct keys_supervisor *s, enum keys_report_kind kind,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** keys_supervisor_finish(s, code): end after this turn; the first stands. */
void keys_supervisor_finish(struct keys_supervisor *s, int code);

/**
 * keys_supervisor_switched(s, l, peer):
 * A new key process serves on the line ${l}, whose main end is ${peer}: start
 * main when it is the last to, or send it to main.
 */
void keys_supervisor_switched(
    struct keys_supervisor *s, struct keys_line *l, int peer);

/** keys_swap_begin(s): start new key processes; reports what failed. */
MUST_CHECK int keys_swap_begin(struct keys_supervisor *s);

/** keys_swap_hear_old, keys_swap_hear_new: take a packet from this process. */
void keys_swap_hear_old(struct keys_supervisor *s, struct keys_line *l);
void keys_swap_hear_new(struct keys_supervisor *s, struct keys_line *l);

/** keys_swap_died(s, pid, status): a child that is not main has ended. */
void keys_swap_died(struct keys_supervisor *s, pid_t pid, int status);

#endif

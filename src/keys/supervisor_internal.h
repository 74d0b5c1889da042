/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SUPERVISOR_INTERNAL_H
#define KEYS_SUPERVISOR_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "keys/spawn_internal.h"
#include "keys/supervisor.h"

/*
 * Replacing a key process takes these steps, so that the state that it must
 * not fall behind (the last signed tree heads) passes from one to the other
 * and no request is lost: the new one loads and says READY; the old one is
 * told to RETIRE, answers what it was sent, sends its STATEs, which go to the
 * new one, and says RETIRED; the new one is told to GO; main gets its socket.
 * A new one that fails leaves the old one in place.
 */
struct keys_supervisor {
	const struct keys_supervisor_opts *o;
	struct keys_child main, keys, next;
	int signals;
	int first_peer; /* main's end of the line, until main is started */
	int next_peer;	/* main's end of the line to the new key process */
	int64_t next_started_ms;
	bool next_ready;
	bool reload_wanted;
	int64_t reload_at_ms; /* not before */
	bool draining;
	int64_t kill_at_ms;
	int64_t ending_at_ms; /* keys are gone, main should be; or 0 */
	bool finished;
	int code;
};

/**
 * keys_supervisor_say(s, kind, fmt, ...):
 * Report a line of text to the program.
 */
void keys_supervisor_say(struct keys_supervisor *s, enum keys_report_kind kind,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * keys_supervisor_finish(s, code):
 * End the daemon with ${code} after this turn; the first reason stands.
 */
void keys_supervisor_finish(struct keys_supervisor *s, int code);

/**
 * keys_supervisor_switched(s, peer):
 * A new key process serves on the line whose main end is ${peer}: start main
 * with it, or send it to main.
 */
void keys_supervisor_switched(struct keys_supervisor *s, int peer);

/**
 * keys_swap_begin(s):
 * Start a new key process and give it its bundle.  Reports what failed.
 */
MUST_CHECK int keys_swap_begin(struct keys_supervisor *s);

/**
 * keys_swap_hear_old(s), keys_swap_hear_new(s):
 * Take one packet from the serving, and from the loading, key process.
 */
void keys_swap_hear_old(struct keys_supervisor *s);
void keys_swap_hear_new(struct keys_supervisor *s);

/**
 * keys_swap_died(s, pid, status):
 * A child that is not main has ended.
 */
void keys_swap_died(struct keys_supervisor *s, pid_t pid, int status);

#endif

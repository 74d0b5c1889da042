/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SUPERVISOR_H
#define KEYS_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"

/*
 * The supervisor: parses no peer byte and opens no peer socket; alone it reads
 * key and pass files and executes programs.  It starts the key process and
 * main, connects them, replaces the key process on SIGHUP or on request, and
 * ends the daemon when a child dies.
 *
 * Main's commands over its control socket are fixed-size packets of 8 octets,
 * 0/4 command, 4/4 zero; see keys/control.h for main's side.
 */
enum keys_report_kind {
	KEYS_REPORT_INFO,    /* text says what happened */
	KEYS_REPORT_WARNING, /* the same, and somebody should look */
	KEYS_REPORT_ERROR,
	KEYS_REPORT_REFUSED, /* audit as key.refused: op, slot, name, text */
	KEYS_REPORT_DOWN, /* key.unavailable: slot, name, text (why, and fix) */
	KEYS_REPORT_UP,	  /* the slot's key signs (again) */
};

struct keys_report {
	enum keys_report_kind kind;
	uint8_t op;
	uint8_t slot;
	const char *name; /* of the slot */
	const char *text;
};

struct keys_supervisor_opts {
	/* The program's own arguments, handed to both children. */
	char **argv;
	/* Build KEYS_PROCESSES bundles (keys/bundle.h) from the files of the
	 * moment, at start and at every replacement.  Without a slot in
	 * bundle[KEYS_TOKENS] there is, as long as it runs, no such process. */
	int (*load)(void *ctx, struct buf *bundle, struct fault *f);
	/* Make a key durable that the key process made for a MAKE item. */
	int (*store_key)(void *ctx, uint8_t slot, const uint8_t *pem,
	    size_t len, struct fault *f);
	void (*report)(void *ctx, const struct keys_report *r);
	/* SIGHUP: open the configuration file for main, which may not; -1 with
	 * errno when it cannot be opened. */
	int (*open_config)(void *ctx);
	const struct keys_job *job; /* NULL: none */
	void *ctx;
	unsigned drain_s;
	/* Started as root, the children run under these users; NULL or an
	 * unknown name keeps the supervisor's, with a warning. */
	const char *keys_user, *main_user;
};

/**
 * keys_supervisor_run(o):
 * Run until the daemon ends and return its exit code: 0 after SIGTERM or
 * SIGINT once main has drained (killed after drain_s + 5 seconds: 1), main's
 * own code if that is 2 to 5, 1 when a child died otherwise or could not be
 * started, 2 when the first bundle cannot be loaded, 5 when published state is
 * not what its keys signed.
 */
int keys_supervisor_run(const struct keys_supervisor_opts *o);

#endif

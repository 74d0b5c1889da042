/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_DOCTOR_INTERNAL_H
#define TRUSTCHAIN_CA_DOCTOR_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>

struct ca_config;
struct ops_cli;

enum ca_doctor_level { CA_DOCTOR_OK, CA_DOCTOR_WARN, CA_DOCTOR_ERROR };

struct ca_doctor {
	const struct ops_cli *cli;
	const struct ca_config *conf; /* NULL: it cannot be read */
	json_t *findings;
	bool errors;
};

/**
 * ca_doctor_say(d, level, check, fix, fmt, ...):
 * Report one finding; ${fix} is "" when there is nothing to do.
 */
void ca_doctor_say(struct ca_doctor *d, enum ca_doctor_level level,
    const char *check, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/**
 * ca_doctor_machine(d), ca_doctor_files(d), ca_doctor_logs(d):
 * Look at OpenSSL, Landlock, seccomp, clock, limits and disk; at keys, their
 * passphrases, issuers and the root; at the logs and the daemon.  The last two
 * need the configuration.
 */
void ca_doctor_machine(struct ca_doctor *d);
void ca_doctor_files(struct ca_doctor *d);
void ca_doctor_logs(struct ca_doctor *d);

#endif

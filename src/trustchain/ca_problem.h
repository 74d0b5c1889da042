/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_PROBLEM_H
#define TRUSTCHAIN_CA_PROBLEM_H

/*
 * The error codes of the REST API (identity.md section 6), each with its HTTP
 * status, title and Retry-After.
 */
enum ca_problem {
	CA_PROBLEM_NONE,
	CA_PROBLEM_MALFORMED,
	CA_PROBLEM_UNAUTHORIZED,
	CA_PROBLEM_FORBIDDEN,
	CA_PROBLEM_NOT_FOUND,
	CA_PROBLEM_METHOD_NOT_ALLOWED,
	CA_PROBLEM_CONFLICT,
	CA_PROBLEM_TOO_LARGE,
	CA_PROBLEM_UNSUPPORTED_MEDIA,
	CA_PROBLEM_BAD_CSR,
	CA_PROBLEM_BAD_KEY,
	CA_PROBLEM_REJECTED_NAME,
	CA_PROBLEM_LINT_FAILED,
	CA_PROBLEM_ISSUER_EXPIRING,
	CA_PROBLEM_RATE_LIMITED,
	CA_PROBLEM_INTERNAL,
	CA_PROBLEM_ISSUANCE_HALTED,
	CA_PROBLEM_CT_UNAVAILABLE,
	CA_PROBLEM_KEY_UNAVAILABLE,
	CA_PROBLEM_STORAGE_UNAVAILABLE,
	CA_PROBLEM_TRAFFIC_WITHHELD,
	CA_PROBLEM_CLOCK_SKEW,
	CA_PROBLEM_NOT_YET_PUBLISHED,
	CA_PROBLEM_TIMEOUT,
	CA_PROBLEM_COUNT
};

/**
 * ca_problem_code(p), ca_problem_title(p), ca_problem_status(p),
 * ca_problem_retry_s(p):
 * Return the code ("lint_failed"; NULL for NONE), a short English title, the
 * HTTP status, and the Retry-After in seconds (0: none).
 */
const char *ca_problem_code(enum ca_problem p);
const char *ca_problem_title(enum ca_problem p);
int ca_problem_status(enum ca_problem p);
unsigned ca_problem_retry_s(enum ca_problem p);

/**
 * ca_problem_of_status(status):
 * Return the problem for a refusal the HTTP server makes by itself.
 */
enum ca_problem ca_problem_of_status(int status);

#endif

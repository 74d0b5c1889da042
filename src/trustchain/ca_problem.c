/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_problem.h"

#include <stddef.h>

static const struct {
	const char *code;
	int status;
	unsigned retry_s;
	const char *title;
} table[CA_PROBLEM_COUNT] = {
	[CA_PROBLEM_NONE] = { NULL, 200, 0, "OK" },
	[CA_PROBLEM_MALFORMED] = { "malformed", 400, 0, "Malformed request" },
	[CA_PROBLEM_UNAUTHORIZED] = { "unauthorized", 401, 0,
	    "Authentication required" },
	[CA_PROBLEM_FORBIDDEN] = { "forbidden", 403, 0, "Not allowed" },
	[CA_PROBLEM_NOT_FOUND] = { "not_found", 404, 0, "Not found" },
	[CA_PROBLEM_METHOD_NOT_ALLOWED] = { "method_not_allowed", 405, 0,
	    "Method not allowed" },
	[CA_PROBLEM_CONFLICT] = { "conflict", 409, 0, "Conflict" },
	[CA_PROBLEM_TOO_LARGE] = { "too_large", 413, 0, "Too large" },
	[CA_PROBLEM_UNSUPPORTED_MEDIA] = { "unsupported_media", 415, 0,
	    "Unsupported media type" },
	[CA_PROBLEM_BAD_CSR] = { "bad_csr", 422, 0,
	    "Certification request not acceptable" },
	[CA_PROBLEM_BAD_KEY] = { "bad_key", 422, 0, "Key not acceptable" },
	[CA_PROBLEM_REJECTED_NAME] = { "rejected_name", 422, 0,
	    "Name not acceptable" },
	[CA_PROBLEM_LINT_FAILED] = { "lint_failed", 422, 0, "Lint failed" },
	[CA_PROBLEM_ISSUER_EXPIRING] = { "issuer_expiring", 422, 0,
	    "Issuer expires within the hour" },
	[CA_PROBLEM_RATE_LIMITED] = { "rate_limited", 429, 1,
	    "Too many requests" },
	[CA_PROBLEM_INTERNAL] = { "internal", 500, 0, "Internal error" },
	[CA_PROBLEM_ISSUANCE_HALTED] = { "issuance_halted", 503, 300,
	    "Issuance is halted" },
	[CA_PROBLEM_CT_UNAVAILABLE] = { "ct_unavailable", 503, 5,
	    "Certificate Transparency log unavailable" },
	[CA_PROBLEM_KEY_UNAVAILABLE] = { "key_unavailable", 503, 5,
	    "Signing key unavailable" },
	[CA_PROBLEM_STORAGE_UNAVAILABLE] = { "storage_unavailable", 503, 5,
	    "Storage unavailable" },
	[CA_PROBLEM_TRAFFIC_WITHHELD] = { "traffic_withheld", 503, 60,
	    "Not admitted at this traffic percentage" },
	[CA_PROBLEM_CLOCK_SKEW] = { "clock_skew", 503, 5, "Clocks disagree" },
	[CA_PROBLEM_NOT_YET_PUBLISHED] = { "not_yet_published", 503, 1,
	    "Not yet published" },
	[CA_PROBLEM_TIMEOUT] = { "malformed", 408, 0, "Request too slow" },
};

const char *
ca_problem_code(enum ca_problem p)
{
	return table[p].code;
}

const char *
ca_problem_title(enum ca_problem p)
{
	return table[p].title;
}

int
ca_problem_status(enum ca_problem p)
{
	return table[p].status;
}

unsigned
ca_problem_retry_s(enum ca_problem p)
{
	return table[p].retry_s;
}

enum ca_problem
ca_problem_of_status(int status)
{
	int p;

	for (p = CA_PROBLEM_MALFORMED; p < CA_PROBLEM_COUNT; p++)
		if (table[p].status == status && status != 503)
			return (enum ca_problem)p;
	return status >= 500 ? CA_PROBLEM_INTERNAL : CA_PROBLEM_MALFORMED;
}

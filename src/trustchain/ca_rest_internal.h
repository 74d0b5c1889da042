/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_REST_INTERNAL_H
#define TRUSTCHAIN_CA_REST_INTERNAL_H

#include "base/list.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_rest.h"
#include "wire/json.h"

struct ca_rest {
	struct ca_rest_opts o;
	uint8_t boot[4]; /* makes request ids differ between runs */
	uint64_t count;
	struct ca_repeats *refused; /* failed authentications by address */
	struct list audits; /* tests of the audit log under way */
	unsigned n_audits;
	unsigned n_keygens; /* keys being made */
};

/**
 * ca_rest_problem(r, req, p, detail):
 * Answer with a problem document (RFC 9457).
 */
void ca_rest_problem(struct ca_rest *r, struct http_request *req,
    enum ca_problem p, const char *detail);

/* What a problem says besides its code. */
struct ca_rest_extra {
	const char *detail;
	const char *serial; /* "" or NULL: none */
	unsigned retry_s;   /* 0: that of the code */
};

/**
 * ca_rest_problem_with(r, req, p, extra):
 * The same with more to say.
 */
void ca_rest_problem_with(struct ca_rest *r, struct http_request *req,
    enum ca_problem p, const struct ca_rest_extra *extra);

/**
 * ca_rest_json(r, req, status, body, location):
 * Answer with JSON; takes over ${body}, NULL meaning that memory was short.
 * ${location} may be NULL.
 */
void ca_rest_json(struct ca_rest *r, struct http_request *req, int status,
    json_t *body, const char *location);

/**
 * ca_rest_text(r, req, status, text, len, location):
 * The same with JSON that is written already; frees ${text}.
 */
void ca_rest_text(struct ca_rest *r, struct http_request *req, int status,
    char *text, size_t len, const char *location);

/**
 * ca_rest_bytes(req, type, data, len):
 * Answer 200 with a document that may be cached for an hour.
 */
void ca_rest_bytes(
    struct http_request *req, const char *type, const void *data, size_t len);

/**
 * ca_rest_auth(r, req, need, ret):
 * Judge the request's token; on failure answer and return false.
 */
bool ca_rest_auth(struct ca_rest *r, struct http_request *req, unsigned need,
    struct ca_principal *ret);

/* The members that a request's body may have. */
struct ca_rest_fields {
	const char *const *names;
	size_t n;
};

/**
 * ca_rest_body(r, req, fields, ret):
 * Read the body, a JSON object of no other members; it is the caller's.  On
 * failure answer and return false.
 */
bool ca_rest_body(struct ca_rest *r, struct http_request *req,
    const struct ca_rest_fields *fields, json_t **ret);

/** ca_rest_audit_end(r): answer no test of the audit log any more. */
void ca_rest_audit_end(struct ca_rest *r);

/**
 * ca_rest_issue(r, req), ca_rest_certificate(r, req), ca_rest_list(r, req),
 * ca_rest_audit(r, req), ca_rest_revoke(r, req), ca_rest_crl(r, req),
 * ca_rest_revoke_all(r, req), ca_rest_operation(r, req), ca_rest_halt(r, req),
 * ca_rest_resume(r, req), ca_rest_eab(r, req):
 * The endpoints of these names.
 */
void ca_rest_revoke_all(struct ca_rest *r, struct http_request *req);
void ca_rest_operation(struct ca_rest *r, struct http_request *req);
void ca_rest_halt(struct ca_rest *r, struct http_request *req);
void ca_rest_resume(struct ca_rest *r, struct http_request *req);
void ca_rest_revoke(struct ca_rest *r, struct http_request *req);
void ca_rest_crl(struct ca_rest *r, struct http_request *req);
void ca_rest_eab(struct ca_rest *r, struct http_request *req);
void ca_rest_audit(struct ca_rest *r, struct http_request *req);
void ca_rest_issue(struct ca_rest *r, struct http_request *req);
void ca_rest_certificate(struct ca_rest *r, struct http_request *req);
void ca_rest_list(struct ca_rest *r, struct http_request *req);

/**
 * ca_rest_token(r, req), ca_rest_pins(r, req), ca_rest_logs(r, req),
 * ca_rest_lines(r, req):
 * What the asking token may do; the keys to pin; the last lines of the daemon's log, for an
 * auditor; the same without asking who it is.
 */
void ca_rest_token(struct ca_rest *r, struct http_request *req);
void ca_rest_pins(struct ca_rest *r, struct http_request *req);
void ca_rest_logs(struct ca_rest *r, struct http_request *req);
void ca_rest_lines(struct ca_rest *r, struct http_request *req);

#endif

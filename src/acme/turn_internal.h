/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_TURN_INTERNAL_H
#define ACME_TURN_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acme/problem_type.h"

/*
 * What the handlers of a turn share.  Calls that return int give 0,
 * ERR_STATE_REFUSED with the turn's problem filled in, or an ERR_SYS code;
 * calls that return a pointer give NULL when memory is short.
 */
struct acme_turn {
	struct acme_server *srv;
	const char *base_url;
	const struct acme_request *req;
	const struct acme_store *store;
	struct arena *arena;
	const struct acme_route *route;
	const char *id, *cursor; /* of path and query, or NULL */
	const uint8_t *payload;
	size_t payload_len;   /* 0: POST-as-GET */
	struct acme_jwk *key; /* verified */
	const char *account;  /* id, NULL before there is one */
	struct acme_problem *problem;
	bool refused; /* by acme_turn_begin: problem is final */
	int64_t now_ms;
	struct acme_outcome *out;
};

/** acme_turn_prepare(t): what acme_turn_begin sets up once. */
MUST_CHECK int acme_turn_prepare(struct acme_turn *t);

/**
 * acme_turn_alloc(t, len), acme_turn_dup(t, data, len):
 * Zeroed memory in the arena; a copy there, and a zero byte.
 */
void *acme_turn_alloc(const struct acme_turn *t, size_t len);
void *acme_turn_dup(const struct acme_turn *t, const void *data, size_t len);

/**
 * acme_turn_refuse(t, status, type, text): status 0 is the type's own.
 * acme_turn_internal(t, rc): refuse with serverInternal.
 * acme_turn_missing(t, rc, what): refuse ERR_STATE_NOT_FOUND with 404.
 * acme_turn_own(t, account): refuse what belongs to another account.
 * acme_turn_read(t): refuse a payload where only POST-as-GET is taken.
 */
int acme_turn_refuse(struct acme_turn *t, int status,
    enum acme_problem_type type, const char *text);
void acme_turn_internal(struct acme_turn *t, int rc);
MUST_CHECK int acme_turn_missing(struct acme_turn *t, int rc, const char *what);
MUST_CHECK int acme_turn_own(struct acme_turn *t, const char *account);
MUST_CHECK int acme_turn_read(struct acme_turn *t);

/**
 * acme_turn_url(t, kind, id, suffix): base_url/acme/kind[/id]suffix.
 * acme_turn_id(t, octets, ret): 16 or 32 random octets in base64url.
 */
const char *acme_turn_url(const struct acme_turn *t, const char *kind,
    const char *id, const char *suffix);
MUST_CHECK int acme_turn_id(
    struct acme_turn *t, size_t octets, const char **ret);

/**
 * Building the reply: acme_turn_header(t, name, value), where NULL is memory
 * having been short; acme_turn_link(t, url, rel) (RFC 8288);
 * acme_turn_empty(t, status); acme_turn_pem(t, text, len);
 * acme_turn_json(t, status, body), which gives ${body} up.
 */
MUST_CHECK int acme_turn_header(
    struct acme_turn *t, const char *name, const char *value);
MUST_CHECK int acme_turn_link(
    struct acme_turn *t, const char *url, const char *rel);
int acme_turn_empty(struct acme_turn *t, int status);
int acme_turn_pem(struct acme_turn *t, const char *text, size_t len);
MUST_CHECK int acme_turn_json(struct acme_turn *t, int status, json_t *body);

#endif

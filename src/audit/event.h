/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_EVENT_H
#define AUDIT_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "audit/line.h"
#include "base/err.h"

/*
 * One line of an audit log: JSON without spaces, ASCII only, members in this
 * order:
 *
 *   {"event_id":UUIDv4,"timestamp_ns":N,"operator_id":S,"action":S,"target":S}
 *
 * target is a list of key=value words.  Names, addresses and credential ids
 * enter it only as pseudonyms; content never does.
 */
enum {
	AUDIT_UUID_LEN = 16,
	AUDIT_KEY_LEN = 32,
	AUDIT_ID_MAX = 37,	  /* with its zero */
	AUDIT_PSEUDONYM_MAX = 19, /* "p-", 16 hex digits, zero */
};

struct audit_event {
	const char *action;	 /* e.g. "cert.issued" */
	const char *operator_id; /* who; "system:<host name>" for daemons */
	const char *target;	 /* key=value words, or NULL */
	int64_t at_ms;
	int64_t source; /* number in the product's outbox, 0: none */
	char *ret_id;	/* AUDIT_ID_MAX bytes for the event id, or NULL */
};

/**
 * audit_event_encode(ev, random, line, ret_len):
 * Write the line without newline; ${random} makes its event id.  An event
 * from an outbox has "outbox=N" as the first word of its target.
 * ERR_SYS_LIMIT beyond AUDIT_LINE_MAX, ERR_PEER_MALFORMED for a text that is
 * not UTF-8, ERR_SYS_NOMEM.
 */
MUST_CHECK int audit_event_encode(const struct audit_event *ev,
    const uint8_t random[AUDIT_UUID_LEN], char line[AUDIT_LINE_MAX + 1],
    size_t *ret_len);

/**
 * audit_event_words(json, len, words, cap):
 * Turn a JSON object into key=value words: strings and integers as they are
 * (spaces, '=' and '%' percent-encoded), arrays of them joined by commas.
 * ERR_PEER_MALFORMED for anything else, ERR_SYS_LIMIT if it does not fit.
 */
MUST_CHECK int audit_event_words(
    const char *json, size_t len, char *words, size_t cap);

/**
 * audit_event_pseudonym(key, value, len, ret):
 * Write "p-" and 16 hex digits of HMAC-SHA256 of ${value} under ${key}: the
 * same for the same value, meaningless without the key.
 */
void audit_event_pseudonym(const uint8_t key[AUDIT_KEY_LEN], const void *value,
    size_t len, char ret[AUDIT_PSEUDONYM_MAX]);

#endif

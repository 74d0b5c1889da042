/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_EMERGENCY_NOTE_H
#define TRUSTCHAIN_CA_EMERGENCY_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * The statement that two operators sign (identity.md section 8): a C2SP
 * signed note whose text is
 *
 *	trustchain/emergency/v1
 *	<operation id, 32 lower-case hex>
 *	action revoke-all|resume
 *	scope all|issuer:ID
 *	reason N
 *	not-after <unix seconds>
 *
 * A statement to resume carries the id of the operation that it ends.
 */
struct ops_config_list;

#define CA_EMERGENCY_HEADER "trustchain/emergency/v1"
#define CA_EMERGENCY_ID_LEN 32

enum {
	CA_EMERGENCY_NOTE_MAX = 8192,
	CA_EMERGENCY_TEXT_MAX = 256,
	CA_EMERGENCY_SIGNERS_MAX = 16,
	CA_EMERGENCY_TTL_S_MAX = 90 * 86400, /* it may lie in a safe */
};

enum ca_emergency_action { CA_EMERGENCY_REVOKE_ALL, CA_EMERGENCY_RESUME };

struct ca_emergency_note {
	char operation_id[CA_EMERGENCY_ID_LEN + 1];
	enum ca_emergency_action action;
	char scope[32];
	int64_t reason;
	int64_t not_after_s;
};

/**
 * ca_emergency_note_parse(text, len, ret):
 * Read the text of a statement.  ERR_PEER_MALFORMED; ${ret} is untouched then.
 */
MUST_CHECK int ca_emergency_note_parse(
    const char *text, size_t len, struct ca_emergency_note *ret);

/**
 * ca_emergency_note_encode(note, out):
 * Write the text.
 */
void ca_emergency_note_encode(
    const struct ca_emergency_note *note, char out[CA_EMERGENCY_TEXT_MAX]);

/* Who signed a statement: different keys of the configured operators. */
struct ca_emergency_signers {
	size_t n;
	const char *name[CA_EMERGENCY_SIGNERS_MAX]; /* in the configuration */
};

/**
 * ca_emergency_note_open(data, len, operators, ret, signers):
 * Read a signed statement and find which of the ${operators} (verifier keys)
 * signed it; one key under two names counts once, a signature by anybody else
 * does not count, one in an operator's name that does not verify is
 * ERR_PEER_SIGNATURE.  ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int ca_emergency_note_open(const char *data, size_t len,
    const struct ops_config_list *operators, struct ca_emergency_note *ret,
    struct ca_emergency_signers *signers);

/**
 * ca_emergency_note_judge(note, signers, now_ms, f):
 * Whether the statement is good for something now: signed by two, and
 * not-after neither past nor further away than CA_EMERGENCY_TTL_S_MAX.
 * ERR_STATE_REFUSED or ERR_STATE_EXPIRED, with why in ${f}.
 */
MUST_CHECK int ca_emergency_note_judge(const struct ca_emergency_note *note,
    const struct ca_emergency_signers *signers, int64_t now_ms,
    struct fault *f);

#endif

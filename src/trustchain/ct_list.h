/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_LIST_H
#define TRUSTCHAIN_CT_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "merkle/vkey.h"

/*
 * A log server's list of its shards (identity.md section 9): JSON served at
 * /api/v1/ct/logs, {"logs":[{name, origin, url, log_id, key, note_vkey,
 * start, end, mmd, state}]}, and a signed note with three lines,
 *
 *	trustchain/log-list/v1
 *	<serial>
 *	<base64 SHA-256 of the JSON>
 *
 * log_id and key (the DER SPKI) are base64, times RFC 3339.  Used by the log,
 * by the CA's main and by its key process, which trusts none of the others.
 */
#define CT_LIST_ENTRIES_MAX 256
#define CT_LIST_JSON_MAX 1048576
#define CT_LIST_NOTE_MAX 65536
#define CT_LIST_KEY_MAX 160

enum ct_list_state {
	CT_LIST_PENDING, /* listed ahead of its time */
	CT_LIST_OPEN,
	CT_LIST_FROZEN,
	CT_LIST_ARCHIVED,
	CT_LIST_RETIRED
};

struct ct_list_entry {
	char name[64];
	char origin[256];
	char url[256];	    /* submission prefix, without final slash */
	uint8_t log_id[32]; /* SHA-256 of key; checked by ct_list_parse */
	uint8_t key[CT_LIST_KEY_MAX];
	size_t key_len;
	char note_vkey[MERKLE_VKEY_TEXT_MAX];
	int64_t start_ms, end_ms; /* notAfter in [start, end), unix ms */
	enum ct_list_state state;
};

struct ct_list {
	uint64_t serial;
	size_t n;
	struct ct_list_entry entry[CT_LIST_ENTRIES_MAX];
};

/**
 * ct_list_encode(list, out):
 * Append the JSON of ${list}.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ct_list_encode(const struct ct_list *list, struct buf *out);

/**
 * ct_list_note(serial, json, len, out):
 * Append the note text, to be signed by the list key (kind `log-list`), for
 * the JSON.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ct_list_note(
    uint64_t serial, const void *json, size_t len, struct buf *out);

/**
 * ct_list_note_serial(text, len, ret_serial, ret_hash):
 * Read the serial and the hash from note text; signatures are not looked at.
 * ERR_PEER_MALFORMED.
 */
MUST_CHECK int ct_list_note_serial(
    const char *text, size_t len, uint64_t *ret_serial, uint8_t ret_hash[32]);

/**
 * ct_list_parse(json, len, ret):
 * Parse the JSON; ${ret}->serial is 0.  Each log_id must be the hash of its
 * key, names and ids unique.  ERR_PEER_MALFORMED, ERR_PEER_MISMATCH,
 * ERR_PEER_DUPLICATE, ERR_PEER_TOO_LARGE, ERR_SYS_NOMEM.
 */
MUST_CHECK int ct_list_parse(const char *json, size_t len, struct ct_list *ret);

/*
 * The two parts in one file or bundle item, so that they cannot be torn
 * apart: 0/4 length of the note, 4 note, then the JSON.
 */

/**
 * ct_list_pack(note, note_len, json, json_len, out):
 * Append the packed form.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ct_list_pack(const void *note, size_t note_len, const void *json,
    size_t json_len, struct buf *out);

/**
 * ct_list_open(packed, len, vkey, ret):
 * Verify the note under the verifier key text ${vkey}, the JSON against the
 * note, and parse it.  Errors of merkle_notekey_verify, ERR_PEER_MISMATCH when
 * the JSON is another one, and those of ct_list_parse.
 */
MUST_CHECK int ct_list_open(
    const uint8_t *packed, size_t len, const char *vkey, struct ct_list *ret);

#endif

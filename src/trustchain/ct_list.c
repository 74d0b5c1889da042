/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "merkle/notekey.h"
#include "wire/base64.h"
#include "wire/cursor.h"
#include "wire/json.h"
#include "wire/time.h"

#define HEADER "trustchain/log-list/v1"
#define MMD_S 60

static const char *const states[] = { "pending", "open", "frozen", "archived",
	"retired" };
#define NSTATES (sizeof(states) / sizeof(states[0]))

static json_t *
base64_json(const uint8_t *data, size_t len)
{
	char text[WIRE_BASE64_ENCODED_MAX(CT_LIST_KEY_MAX)];

	(void)wire_base64_encode(WIRE_BASE64_STD, data, len, text);
	return json_string(text);
}

static json_t *
entry_json(const struct ct_list_entry *e)
{
	char start[WIRE_TIME_TEXT_MAX], end[WIRE_TIME_TEXT_MAX];

	wire_time_format(e->start_ms, start);
	wire_time_format(e->end_ms, end);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:i, s:s}",
	    "name", e->name, "origin", e->origin, "url", e->url, "log_id",
	    base64_json(e->log_id, sizeof(e->log_id)), "key",
	    base64_json(e->key, e->key_len), "note_vkey", e->note_vkey, "start",
	    start, "end", end, "mmd", MMD_S, "state", states[e->state]);
}

int
ct_list_encode(const struct ct_list *list, struct buf *out)
{
	json_t *logs = json_array(), *top;
	char *text;
	size_t i, len;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->n; i++)
		if (json_array_append_new(logs, entry_json(&list->entry[i])) !=
		    0)
			rc = ERR_SYS_NOMEM;
	top = json_pack("{s:o}", "logs", logs);
	text = rc != 0 || top == NULL ? NULL : wire_json_dump(top, &len);
	rc = text == NULL ? ERR_SYS_NOMEM : base_buf_append(out, text, len);
	free(text);
	json_decref(top);
	return rc;
}

int
ct_list_note(uint64_t serial, const void *json, size_t len, struct buf *out)
{
	char hash[WIRE_BASE64_ENCODED_MAX(CRYPTO_SHA256_LEN)];
	uint8_t digest[CRYPTO_SHA256_LEN];

	crypto_sha2_256(json, len, digest);
	(void)wire_base64_encode(WIRE_BASE64_STD, digest, sizeof(digest), hash);
	return base_buf_printf(
	    out, HEADER "\n%llu\n%s\n", (unsigned long long)serial, hash);
}

int
ct_list_note_serial(
    const char *text, size_t len, uint64_t *ret_serial, uint8_t ret_hash[32])
{
	struct cursor c;
	const uint8_t *line[3] = { NULL, NULL, NULL };
	size_t n[3] = { 0, 0, 0 }, i, got;
	uint8_t hash[CRYPTO_SHA256_LEN];
	uint64_t serial;

	wire_cursor_init(&c, text, len);
	for (i = 0; i < 3; i++)
		line[i] = wire_cursor_line(&c, &n[i]);
	if (wire_cursor_done(&c) != 0 || n[0] != sizeof(HEADER) - 1 ||
	    memcmp(line[0], HEADER, n[0]) != 0 ||
	    base_str_u64((const char *)line[1], n[1], &serial) != 0 ||
	    wire_base64_decode(WIRE_BASE64_STD, (const char *)line[2], n[2],
		hash, sizeof(hash), &got) != 0 ||
	    got != sizeof(hash))
		return ERR_PEER_MALFORMED;
	*ret_serial = serial;
	memcpy(ret_hash, hash, sizeof(hash));
	return 0;
}

static int
get_text(const json_t *o, const char *name, char *out, size_t cap)
{
	const char *s;
	size_t len;
	int rc;

	rc = wire_json_string(o, name, cap - 1, &s, &len);
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_MALFORMED : rc;
	if (len == 0)
		return ERR_PEER_MALFORMED;
	memcpy(out, s, len + 1);
	return 0;
}

static int
get_base64(const json_t *o, const char *name, uint8_t *out, size_t cap,
    size_t *ret_len)
{
	const char *s;
	size_t len;
	int rc;

	rc = wire_json_string(o, name, WIRE_BASE64_ENCODED_MAX(cap), &s, &len);
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_MALFORMED : rc;
	return wire_base64_decode(WIRE_BASE64_STD, s, len, out, cap, ret_len);
}

static int
get_time(const json_t *o, const char *name, int64_t *ret)
{
	char text[WIRE_TIME_TEXT_MAX];
	int rc;

	if ((rc = get_text(o, name, text, sizeof(text))) != 0)
		return rc;
	return wire_time_parse(text, strlen(text), ret);
}

static int
get_state(const json_t *o, enum ct_list_state *ret)
{
	char text[16];
	size_t i;
	int rc;

	if ((rc = get_text(o, "state", text, sizeof(text))) != 0)
		return rc;
	for (i = 0; i < NSTATES; i++)
		if (strcmp(states[i], text) == 0) {
			*ret = (enum ct_list_state)i;
			return 0;
		}
	return ERR_PEER_UNSUPPORTED;
}

static int
parse_entry(const json_t *o, struct ct_list_entry *e)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	int64_t mmd;
	size_t id_len;
	int rc;

	if ((rc = get_text(o, "name", e->name, sizeof(e->name))) != 0 ||
	    (rc = get_text(o, "origin", e->origin, sizeof(e->origin))) != 0 ||
	    (rc = get_text(o, "url", e->url, sizeof(e->url))) != 0 ||
	    (rc = get_text(
		 o, "note_vkey", e->note_vkey, sizeof(e->note_vkey))) != 0 ||
	    (rc = get_base64(
		 o, "log_id", e->log_id, sizeof(e->log_id), &id_len)) != 0 ||
	    (rc = get_base64(o, "key", e->key, sizeof(e->key), &e->key_len)) !=
		0 ||
	    (rc = get_time(o, "start", &e->start_ms)) != 0 ||
	    (rc = get_time(o, "end", &e->end_ms)) != 0 ||
	    (rc = get_state(o, &e->state)) != 0 ||
	    (rc = wire_json_int(o, "mmd", 1, 86400, &mmd)) != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_MALFORMED : rc;
	crypto_sha2_256(e->key, e->key_len, digest);
	if (id_len != sizeof(digest) ||
	    memcmp(digest, e->log_id, sizeof(digest)) != 0)
		return ERR_PEER_MISMATCH;
	return e->start_ms < e->end_ms ? 0 : ERR_PEER_MALFORMED;
}

/* Names and ids must tell the shards apart. */
static bool
is_duplicate(const struct ct_list *list, const struct ct_list_entry *e)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->entry[i].name, e->name) == 0 ||
		    memcmp(list->entry[i].log_id, e->log_id,
			sizeof(e->log_id)) == 0)
			return true;
	return false;
}

static int
parse_logs(const json_t *top, struct ct_list *list)
{
	static const char *const only[] = { "logs" };
	const json_t *logs = json_object_get(top, "logs"), *o;
	size_t i;
	int rc;

	if (!json_is_object(top) || wire_json_only(top, only, 1) != NULL ||
	    !json_is_array(logs))
		return ERR_PEER_MALFORMED;
	if (json_array_size(logs) > CT_LIST_ENTRIES_MAX)
		return ERR_PEER_TOO_LARGE;
	json_array_foreach(logs, i, o)
	{
		struct ct_list_entry *e = &list->entry[list->n];

		if (!json_is_object(o))
			return ERR_PEER_MALFORMED;
		if ((rc = parse_entry(o, e)) != 0)
			return rc;
		if (is_duplicate(list, e))
			return ERR_PEER_DUPLICATE;
		list->n++;
	}
	return 0;
}

int
ct_list_parse(const char *json, size_t len, struct ct_list *ret)
{
	struct ct_list *list;
	json_t *top = NULL;
	int rc;

	if (len > CT_LIST_JSON_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((list = calloc(1, sizeof(*list))) == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = wire_json_parse(json, len, &top, NULL)) == 0)
		rc = parse_logs(top, list);
	if (rc == 0)
		memcpy(ret, list, sizeof(*list));
	json_decref(top);
	free(list);
	return rc;
}

int
ct_list_pack(const void *note, size_t note_len, const void *json,
    size_t json_len, struct buf *out)
{
	uint8_t head[4];
	int rc;

	if (note_len > CT_LIST_NOTE_MAX || json_len > CT_LIST_JSON_MAX)
		return ERR_SYS_LIMIT;
	head[0] = (uint8_t)(note_len >> 24);
	head[1] = (uint8_t)(note_len >> 16);
	head[2] = (uint8_t)(note_len >> 8);
	head[3] = (uint8_t)note_len;
	if ((rc = base_buf_append(out, head, sizeof(head))) != 0 ||
	    (rc = base_buf_append(out, note, note_len)) != 0)
		return rc;
	return base_buf_append(out, json, json_len);
}

/* The note's signature, and the serial and hash it vouches for. */
static int
open_note(const char *note_text, size_t len, const char *vkey,
    uint64_t *ret_serial, uint8_t ret_hash[32])
{
	struct merkle_vkey key;
	struct merkle_note *note;
	int rc;

	if ((rc = merkle_vkey_parse(vkey, strlen(vkey), &key)) != 0)
		return rc;
	if ((note = calloc(1, sizeof(*note))) == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = merkle_note_parse(note_text, len, note)) == 0 &&
	    (rc = merkle_notekey_verify(note, &key)) == 0)
		rc = ct_list_note_serial(
		    note->text, note->text_len, ret_serial, ret_hash);
	free(note);
	return rc;
}

int
ct_list_open(
    const uint8_t *packed, size_t len, const char *vkey, struct ct_list *ret)
{
	uint8_t want[CRYPTO_SHA256_LEN], have[CRYPTO_SHA256_LEN];
	const uint8_t *note, *json;
	struct cursor c;
	uint64_t serial = 0;
	size_t note_len, json_len;
	int rc;

	wire_cursor_init(&c, packed, len);
	note_len = wire_cursor_u32(&c);
	note = wire_cursor_bytes(&c, note_len);
	json_len = wire_cursor_left(&c);
	json = wire_cursor_bytes(&c, json_len);
	if ((rc = wire_cursor_done(&c)) != 0)
		return rc;
	rc = open_note((const char *)note, note_len, vkey, &serial, want);
	if (rc != 0)
		return rc;
	crypto_sha2_256(json, json_len, have);
	if (memcmp(have, want, sizeof(have)) != 0)
		return ERR_PEER_MISMATCH;
	if ((rc = ct_list_parse((const char *)json, json_len, ret)) != 0)
		return rc;
	ret->serial = serial;
	return 0;
}

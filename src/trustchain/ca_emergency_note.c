/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_emergency_note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "merkle/note.h"
#include "merkle/notekey.h"
#include "merkle/vkey.h"
#include "ops/config.h"
#include "trustchain/ca_revoke.h"
#include "trustchain/trustchain_config.h"

static const char *const actions[] = { "revoke-all", "resume" };

/* Take the next line, without its newline, from ${text}. */
static int
next_line(const char **text, size_t *len, const char **ret, size_t *ret_len)
{
	const char *end = memchr(*text, '\n', *len);

	if (end == NULL)
		return ERR_PEER_MALFORMED;
	*ret = *text;
	*ret_len = (size_t)(end - *text);
	*len -= *ret_len + 1;
	*text = end + 1;
	return 0;
}

/* A line "${key} VALUE", whose value goes to ${out}, ended. */
static int
field(const char **text, size_t *len, const char *key, char *out, size_t cap)
{
	size_t n = strlen(key), line_len, size;
	const char *line;

	if (next_line(text, len, &line, &line_len) != 0 || line_len <= n + 1 ||
	    memcmp(line, key, n) != 0 || line[n] != ' ')
		return ERR_PEER_MALFORMED;
	size = line_len - n - 1;
	if (size >= cap || memchr(line + n + 1, '\0', size) != NULL)
		return ERR_PEER_MALFORMED;
	memcpy(out, line + n + 1, size);
	out[size] = '\0';
	return 0;
}

static int
number(const char **text, size_t *len, const char *key, int64_t *ret)
{
	char value[24];
	uint64_t v;

	if (field(text, len, key, value, sizeof(value)) != 0 ||
	    base_str_u64(value, strlen(value), &v) != 0 || v > INT64_MAX / 1000)
		return ERR_PEER_MALFORMED;
	/* One way to write a number: no leading zeros. */
	if (value[0] == '0' && value[1] != '\0')
		return ERR_PEER_MALFORMED;
	*ret = (int64_t)v;
	return 0;
}

static bool
scope_ok(const char *scope)
{
	static const char issuer[] = "issuer:";

	if (strcmp(scope, "all") == 0)
		return true;
	return base_str_starts(scope, issuer) &&
	       strlen(scope) - (sizeof(issuer) - 1) <= 16 &&
	       trustchain_config_check_id(scope + sizeof(issuer) - 1) == NULL;
}

static int
read_id(const char **text, size_t *len, char out[CA_EMERGENCY_ID_LEN + 1])
{
	const char *line;
	size_t n, i;

	if (next_line(text, len, &line, &n) != 0 || n != CA_EMERGENCY_ID_LEN)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < n; i++)
		if (line[i] == '\0' ||
		    strchr("0123456789abcdef", line[i]) == NULL)
			return ERR_PEER_MALFORMED;
	memcpy(out, line, n);
	out[n] = '\0';
	return 0;
}

int
ca_emergency_note_parse(
    const char *text, size_t len, struct ca_emergency_note *ret)
{
	struct ca_emergency_note n = { .reason = 0 };
	const char *line;
	char action[16];
	size_t line_len;

	if (next_line(&text, &len, &line, &line_len) != 0 ||
	    line_len != strlen(CA_EMERGENCY_HEADER) ||
	    memcmp(line, CA_EMERGENCY_HEADER, line_len) != 0 ||
	    read_id(&text, &len, n.operation_id) != 0 ||
	    field(&text, &len, "action", action, sizeof(action)) != 0 ||
	    field(&text, &len, "scope", n.scope, sizeof(n.scope)) != 0 ||
	    number(&text, &len, "reason", &n.reason) != 0 ||
	    number(&text, &len, "not-after", &n.not_after_s) != 0 || len != 0)
		return ERR_PEER_MALFORMED;
	if (strcmp(action, actions[CA_EMERGENCY_RESUME]) == 0)
		n.action = CA_EMERGENCY_RESUME;
	else if (strcmp(action, actions[CA_EMERGENCY_REVOKE_ALL]) != 0)
		return ERR_PEER_MALFORMED;
	if (!scope_ok(n.scope) || !ca_revoke_reason_ok(n.reason))
		return ERR_PEER_MALFORMED;
	*ret = n;
	return 0;
}

void
ca_emergency_note_encode(
    const struct ca_emergency_note *note, char out[CA_EMERGENCY_TEXT_MAX])
{
	(void)snprintf(out, CA_EMERGENCY_TEXT_MAX,
	    CA_EMERGENCY_HEADER "\n%s\naction %s\nscope %s\nreason %" PRId64
				"\nnot-after %" PRId64 "\n",
	    note->operation_id, actions[note->action], note->scope,
	    note->reason, note->not_after_s);
}

/* Whether one of the first ${n} operators has the same key. */
static bool
is_known(const struct ops_config_list *operators, const bool *signed_by,
    size_t n, const struct merkle_vkey *key)
{
	struct merkle_vkey other;
	const char *text;
	size_t i;

	for (i = 0; i < n; i++) {
		text = ops_config_string(operators, i);
		if (signed_by[i] &&
		    merkle_vkey_parse(text, strlen(text), &other) == 0 &&
		    other.key_len == key->key_len &&
		    memcmp(other.key, key->key, key->key_len) == 0)
			return true;
	}
	return false;
}

static int
find_signers(const struct merkle_note *note,
    const struct ops_config_list *operators, struct ca_emergency_signers *ret)
{
	bool signed_by[CA_EMERGENCY_SIGNERS_MAX] = { false };
	struct merkle_vkey key;
	const char *text;
	size_t i;
	int rc;

	ret->n = 0;
	for (i = 0; i < operators->n && i < CA_EMERGENCY_SIGNERS_MAX; i++) {
		text = ops_config_string(operators, i);
		if (merkle_vkey_parse(text, strlen(text), &key) != 0)
			continue;
		rc = merkle_notekey_verify(note, &key);
		if (rc == ERR_STATE_NOT_FOUND)
			continue;
		if (rc != 0)
			return rc;
		if (is_known(operators, signed_by, i, &key))
			continue;
		signed_by[i] = true;
		ret->name[ret->n++] = text;
	}
	return 0;
}

int
ca_emergency_note_open(const char *data, size_t len,
    const struct ops_config_list *operators, struct ca_emergency_note *ret,
    struct ca_emergency_signers *signers)
{
	struct merkle_note note;
	int rc;

	if (len > CA_EMERGENCY_NOTE_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = merkle_note_parse(data, len, &note)) != 0)
		return rc;
	rc = ca_emergency_note_parse(note.text, note.text_len, ret);
	return rc == 0 ? find_signers(&note, operators, signers) : rc;
}

int
ca_emergency_note_judge(const struct ca_emergency_note *note,
    const struct ca_emergency_signers *signers, int64_t now_ms, struct fault *f)
{
	int64_t left = note->not_after_s - now_ms / 1000;

	if (signers->n < 2)
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "signed by %zu of the operators, two different keys are "
		    "needed",
		    signers->n);
	if (left < 0)
		return base_fault_set(
		    f, ERR_STATE_EXPIRED, "the statement has expired");
	if (left > CA_EMERGENCY_TTL_S_MAX)
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "the statement is good for more than 90 days");
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/witness_client.h"

#include <string.h>

#include "base/str.h"
#include "merkle/cosig.h"
#include "merkle/notekey.h"

/* Is the line a good cosignature of ${note} by a key of the witness? */
static int
is_good(const struct merkle_witness_client *c, const struct merkle_note *note,
    const struct merkle_note_sig *line)
{
	struct merkle_note one;
	uint64_t time_s;
	size_t i;

	one.text = note->text;
	one.text_len = note->text_len;
	one.sig_count = 1;
	one.sig[0] = *line;
	for (i = 0; i < c->key_count; i++)
		if (merkle_cosig_verify(&one, &c->key[i], &time_s) == 0)
			return 1;
	return 0;
}

static int
take_lines(const struct merkle_witness_client *c,
    const struct merkle_note *note, const struct merkle_witness_answer *answer,
    char *ret)
{
	const char *at = answer->body, *end;
	struct merkle_note lines;
	size_t i, n, len = 0;
	int rc;

	rc = merkle_note_sigs_parse(answer->body, answer->len, &lines);
	if (rc != 0)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < lines.sig_count; i++) {
		end = lines.sig[i].base64 + lines.sig[i].base64_len + 1;
		n = (size_t)(end - at);
		if (is_good(c, note, &lines.sig[i])) {
			if (n >= MERKLE_WITNESS_CLIENT_LINES_MAX - len)
				return ERR_PEER_MALFORMED;
			memcpy(ret + len, at, n);
			len += n;
		}
		at = end;
	}
	ret[len] = '\0';
	return len > 0 ? 0 : ERR_PEER_SIGNATURE;
}

static int
take_conflict(
    struct merkle_witness_client *c, const struct merkle_witness_answer *answer)
{
	uint64_t size;

	if (answer->len < 2 || answer->body[answer->len - 1] != '\n' ||
	    base_str_u64(answer->body, answer->len - 1, &size) != 0 ||
	    size == c->size)
		return ERR_PEER_MALFORMED;
	if (size > c->head.size) {
		c->size = size;
		return ERR_STATE_STALE;
	}
	if (++c->conflicts > MERKLE_WITNESS_CLIENT_CONFLICTS_MAX)
		return ERR_PEER_MALFORMED;
	c->size = size;
	return ERR_STATE_CONFLICT;
}

int
merkle_witness_client_answer(struct merkle_witness_client *c,
    const struct merkle_note *note, const struct merkle_witness_answer *answer,
    char lines[MERKLE_WITNESS_CLIENT_LINES_MAX])
{
	int rc;

	switch (answer->status) {
	case 200:
		rc = take_lines(c, note, answer, lines);
		if (rc == 0)
			c->size = c->head.size;
		return rc;
	case 409:
		return take_conflict(c, answer);
	case 400:
	case 403:
	case 404:
	case 422:
		return ERR_STATE_REFUSED;
	default:
		return ERR_SYS_UNAVAILABLE;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/evidence_file.h"

#include <stdlib.h>
#include <string.h>

#include "merkle/proofjson.h"
#include "wire/json.h"

#define NOTE_MAX 65536 /* C2SP signed-note, as MERKLE_NOTE_MAX */

static const char *const type_names[] = { "equivocation", "fork",
	"bad_cosignature" };
#define TYPES (sizeof(type_names) / sizeof(type_names[0]))

struct merkle_evidence_file {
	json_t *json;
};

const char *
merkle_evidence_type_name(enum merkle_evidence_type type)
{
	return type_names[type];
}

static int
take_type(const json_t *j, struct merkle_evidence *e)
{
	const char *s;
	size_t n, i;

	if (wire_json_string(j, "type", 64, &s, &n) != 0)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < TYPES; i++)
		if (strcmp(s, type_names[i]) == 0) {
			e->type = (enum merkle_evidence_type)i;
			return 0;
		}
	return ERR_PEER_UNSUPPORTED;
}

static int
take(const json_t *j, struct merkle_evidence *e)
{
	static const char *const names[] = { "type", "origin", "a", "b",
		"proof", "detail", "found_at" };
	const char *s;
	size_t n;
	int rc;

	if (wire_json_only(j, names, sizeof(names) / sizeof(names[0])) !=
		NULL ||
	    wire_json_string(j, "origin", 255, &s, &n) != 0 ||
	    wire_json_string(j, "detail", MERKLE_EVIDENCE_DETAIL_MAX, &s, &n) !=
		0 ||
	    wire_json_string(j, "found_at", 64, &s, &n) != 0 ||
	    wire_json_string(j, "a", NOTE_MAX, &e->a, &e->a_len) != 0 ||
	    wire_json_string(j, "b", NOTE_MAX, &e->b, &e->b_len) != 0)
		return ERR_PEER_MALFORMED;
	if ((rc = take_type(j, e)) != 0)
		return rc;
	return merkle_proofjson_take(j, &e->proof);
}

int
merkle_evidence_file_parse(const char *text, size_t len,
    struct merkle_evidence_file **ret, struct merkle_evidence *ret_evidence)
{
	struct merkle_evidence_file *file;
	struct merkle_evidence e;
	int rc;

	if (len > MERKLE_EVIDENCE_FILE_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((file = calloc(1, sizeof(*file))) == NULL)
		return ERR_SYS_NOMEM;
	rc = wire_json_parse(text, len, &file->json, NULL);
	if (rc == 0)
		rc = take(file->json, &e);
	if (rc != 0) {
		merkle_evidence_file_free(file);
		return rc;
	}
	*ret = file;
	*ret_evidence = e;
	return 0;
}

void
merkle_evidence_file_free(struct merkle_evidence_file *file)
{
	if (file == NULL)
		return;
	json_decref(file->json);
	free(file);
}

char *
merkle_evidence_file_encode(const struct merkle_evidence *e, const char *origin,
    const char *detail, const char *found_at)
{
	struct merkle_evidence_file *file;
	struct merkle_evidence back;
	char *text = NULL;
	size_t len;
	json_t *j;

	j = json_pack("{s:s, s:s, s:s%, s:s%, s:o, s:s, s:s}", "type",
	    type_names[e->type], "origin", origin, "a", e->a, e->a_len, "b",
	    e->b, e->b_len, "proof", merkle_proofjson_make(&e->proof), "detail",
	    detail, "found_at", found_at);
	if (j != NULL)
		text = wire_json_dump(j, &len);
	json_decref(j);
	/* Short of memory jansson 2.14 leaves a member's name out, silently;
	 * what cannot be read back is no evidence. */
	if (text != NULL &&
	    merkle_evidence_file_parse(text, len, &file, &back) != 0) {
		free(text);
		return NULL;
	}
	if (text != NULL)
		merkle_evidence_file_free(file);
	return text;
}

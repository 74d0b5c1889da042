/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "merkle/addcheckpoint.h"
#include "merkle/vkey.h"
#include "merkle/witness.h"
#include "merkle/witness_client.h"
#include "merkle/note.h"
#include "wire/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* PeterNeumann of the note vectors, so that a corpus can pass the signature. */
#define KEY                                                                    \
	"PeterNeumann+c74f20a3+"                                               \
	"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

/* A request that parses is written back as it was. */
static void
request(const char *data, size_t len)
{
	static char out[MERKLE_ADDCHECKPOINT_MAX];
	struct merkle_addcheckpoint req;
	struct builder b;

	if (merkle_addcheckpoint_parse(data, len, &req) != 0)
		return;
	wire_builder_init(&b, out, sizeof(out));
	merkle_addcheckpoint_encode(&req, &b);
	TROTH_ASSERT(b.rc == 0 && b.len == len);
	TROTH_ASSERT(memcmp(out, data, len) == 0);
}

/* Whatever is submitted to a witness that stands by a tree of 5: it signs
 * nothing smaller, and nothing twice at once. */
static void
submit(const char *data, size_t len)
{
	static const uint8_t siphash_key[16] = { 0 };
	struct merkle_head head = { 5, { { 0 } } }, got;
	struct merkle_witness_step step;
	struct merkle_witness *w;
	struct merkle_vkey key;
	int i;

	TROTH_ASSERT(merkle_witness_new(2, siphash_key, &w) == 0);
	TROTH_ASSERT(merkle_vkey_parse(KEY, sizeof(KEY) - 1, &key) == 0);
	TROTH_ASSERT(
	    merkle_witness_add(w, "log.example/one", &key, 1, NULL) == 0);
	TROTH_ASSERT(
	    merkle_witness_add(w, "log.example/five", &key, 1, &head) == 0);
	for (i = 0; i < 2; i++) {
		if (merkle_witness_submit(w, data, len, &step) != 0)
			break;
		if (step.status != 0) {
			TROTH_ASSERT(step.status >= 400 && step.status <= 422);
			break;
		}
		TROTH_ASSERT(i == 0);
		TROTH_ASSERT(step.new_head.size >= step.old_head.size);
		TROTH_ASSERT(step.text_len < step.note_len);
	}
	TROTH_ASSERT(merkle_witness_head(w, "log.example/five", &got) == 0);
	TROTH_ASSERT(got.size == 5);
	merkle_witness_free(w);
}

/* And as the answer of a witness: the first octet picks the status. */
static void
answer(const char *data, size_t len)
{
	static const int statuses[] = { 200, 409, 422, 500 };
	static const char note[] =
	    "log.example/one\n1\n"
	    "f+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n\n"
	    "\xe2\x80\x94 w x08goA12NA==\n";
	char lines[MERKLE_WITNESS_CLIENT_LINES_MAX];
	struct merkle_witness_client c;
	struct merkle_witness_answer a;
	struct merkle_note parsed;
	struct merkle_vkey key;

	if (len == 0)
		return;
	memset(&c, 0, sizeof(c));
	TROTH_ASSERT(merkle_note_parse(note, sizeof(note) - 1, &parsed) == 0);
	TROTH_ASSERT(merkle_vkey_parse(KEY, sizeof(KEY) - 1, &key) == 0);
	key.type = MERKLE_SIG_COSIGNATURE;
	c.key = &key;
	c.key_count = 1;
	c.head.size = 1;
	a.status = statuses[(uint8_t)data[0] % 4];
	a.body = data + 1;
	a.len = len - 1;
	if (merkle_witness_client_answer(&c, &parsed, &a, lines) == 0)
		TROTH_ASSERT(strlen(lines) < sizeof(lines) && c.size == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	request((const char *)data, len);
	submit((const char *)data, len);
	answer((const char *)data, len);
	return 0;
}

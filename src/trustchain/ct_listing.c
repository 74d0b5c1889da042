/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "merkle/notekey.h"
#include "ops/log.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_paths.h"
#include "trustchain/keyop.h"
#include "wire/cursor.h"

struct ct_listing {
	struct ct_listing_opts o;
	struct ct_signer signer;
	char path[CT_PATHS_MAX];
	char name[MERKLE_VKEY_NAME_MAX];
	struct merkle_vkey key; /* name is empty until it is known */

	uint64_t serial; /* published */
	struct buf json, note;

	bool busy;
	uint64_t next_serial;
	struct buf next_json, next_text;
};

int
ct_listing_key_name(const char *base, char *ret, size_t cap)
{
	return base_str_format(ret, cap, "%s/log-list", base);
}

/* Take the stored list apart; what is not understood is signed anew. */
static int
load(struct ct_listing *x)
{
	struct merkle_note note;
	struct cursor c, part;
	uint8_t hash[32], *data;
	size_t len;
	int rc;

	rc = store_file_load(
	    x->path, CT_LIST_JSON_MAX + CT_LIST_NOTE_MAX + 4, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc != 0)
		return rc;
	wire_cursor_init(&c, data, len);
	part = wire_cursor_vec(&c, 4, 1, CT_LIST_NOTE_MAX);
	if (c.rc == 0 &&
	    merkle_note_parse(
		(const char *)part.pos, wire_cursor_left(&part), &note) == 0 &&
	    ct_list_note_serial(note.text, note.text_len, &x->serial, hash) ==
		0) {
		rc = base_buf_append(
		    &x->note, part.pos, wire_cursor_left(&part));
		if (rc == 0)
			rc = base_buf_append(
			    &x->json, c.pos, wire_cursor_left(&c));
	}
	free(data);
	return rc;
}

int
ct_listing_new(const struct ct_listing_opts *opts, struct ct_listing **ret)
{
	struct ct_listing *x;
	int rc;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return ERR_SYS_NOMEM;
	x->o = *opts;
	x->signer = *opts->signer;
	base_buf_init(&x->json, CT_LIST_JSON_MAX);
	base_buf_init(&x->note, CT_LIST_NOTE_MAX);
	base_buf_init(&x->next_json, CT_LIST_JSON_MAX);
	base_buf_init(&x->next_text, CT_LIST_NOTE_MAX);
	rc = ct_listing_key_name(opts->base, x->name, sizeof(x->name));
	if (rc == 0)
		rc = ct_paths_make(
		    CT_PATHS_OWN_LIST, opts->state_dir, NULL, x->path);
	if (rc == 0)
		rc = load(x);
	if (rc != 0) {
		ct_listing_free(x);
		return rc;
	}
	*ret = x;
	return 0;
}

void
ct_listing_free(struct ct_listing *x)
{
	if (x == NULL)
		return;
	base_buf_free(&x->json);
	base_buf_free(&x->note);
	base_buf_free(&x->next_json);
	base_buf_free(&x->next_text);
	free(x);
}

void
ct_listing_get(const struct ct_listing *x, struct pki_bytes *ret_json,
    struct pki_bytes *ret_note)
{
	ret_json->data = x->json.data;
	ret_json->len = x->json.len;
	ret_note->data = x->note.data;
	ret_note->len = x->note.len;
}

static void
failed(struct ct_listing *x, int rc)
{
	x->busy = false;
	OPS_LOG(x->o.log, OPS_LOG_WARN, "ct", "log list not published",
	    OPS_LOG_STR("error", base_err_name(rc)));
}

/* Durable before visible: a list that somebody has seen is not forgotten, so
 * its serial is never used again. */
static int
publish(struct ct_listing *x, const char *line)
{
	struct buf note, packed;
	int rc;

	base_buf_init(&note, CT_LIST_NOTE_MAX);
	base_buf_init(&packed, CT_LIST_JSON_MAX + CT_LIST_NOTE_MAX + 4);
	rc = base_buf_append(&note, x->next_text.data, x->next_text.len);
	if (rc == 0)
		rc = base_buf_printf(&note, "\n%s", line);
	if (rc == 0)
		rc = ct_list_pack(note.data, note.len, x->next_json.data,
		    x->next_json.len, &packed);
	if (rc == 0)
		rc = store_disk_replace(x->o.disk, x->path, packed.data,
		    packed.len, 0644, "ct.list");
	base_buf_free(&packed);
	if (rc != 0) {
		base_buf_free(&note);
		return rc;
	}
	base_buf_free(&x->note);
	x->note = note;
	base_buf_free(&x->json);
	x->json = x->next_json;
	base_buf_init(&x->next_json, CT_LIST_JSON_MAX);
	x->serial = x->next_serial;
	return 0;
}

static void
list_signed(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	char line[MERKLE_NOTEKEY_LINE_MAX];
	struct ct_listing *x = ctx;

	if (rc == 0)
		rc =
		    merkle_notekey_line(x->key.name, x->key.id, sig, len, line);
	if (rc == 0)
		rc = publish(x, line);
	if (rc != 0)
		failed(x, rc);
	else
		x->busy = false;
}

/* The key process says which key it signs lists with. */
static void
key_known(void *ctx, int rc, const uint8_t *spki, size_t len)
{
	struct ct_listing *x = ctx;
	struct crypto_pkey *key;
	uint8_t pub[32];
	size_t n;

	if (rc == 0)
		rc = crypto_pkey_from_spki(spki, len, &key);
	if (rc != 0) {
		failed(x, rc);
		return;
	}
	if (crypto_pkey_type(key) != CRYPTO_KEY_ED25519)
		rc = ERR_SYS_KEY;
	else
		rc = crypto_pkey_raw_public(key, pub, sizeof(pub), &n);
	crypto_pkey_free(key);
	if (rc == 0)
		rc =
		    merkle_vkey_init(&x->key, x->name, MERKLE_SIG_ED25519, pub);
	if (rc != 0)
		failed(x, rc);
	else
		x->busy = false; /* the next update signs */
}

static int
begin(struct ct_listing *x)
{
	struct keys_request req = { KEYOP_NOTE, KEYOP_SLOT_LIST, NULL, 0 };
	uint64_t now = (uint64_t)base_clock_now_ms(x->o.clock) / 1000;
	int rc;

	if (x->key.name[0] == '\0') {
		req.op = KEYOP_PUBLIC;
		return x->signer.call(x->signer.ctx, &req, key_known, x);
	}
	/* Seconds, so that a list made after the loss of the stored one still
	 * has a higher serial. */
	x->next_serial = x->serial + 1 > now ? x->serial + 1 : now;
	x->next_text.len = 0;
	rc = ct_list_note(
	    x->next_serial, x->next_json.data, x->next_json.len, &x->next_text);
	if (rc != 0)
		return rc;
	req.payload = x->next_text.data;
	req.len = x->next_text.len;
	return x->signer.call(x->signer.ctx, &req, list_signed, x);
}

void
ct_listing_update(struct ct_listing *x, const struct ct_list *list)
{
	int rc;

	if (x->busy)
		return;
	x->next_json.len = 0;
	rc = ct_list_encode(list, &x->next_json);
	if (rc == 0 && x->note.len > 0 && x->json.len == x->next_json.len &&
	    memcmp(x->json.data, x->next_json.data, x->json.len) == 0)
		return;
	if (rc == 0) {
		x->busy = true;
		rc = begin(x);
	}
	if (rc != 0)
		failed(x, rc);
}

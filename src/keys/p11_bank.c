/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_bank_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/sha2.h"
#include "keys/p11_internal.h"
#include "keys/p11_place_own_internal.h"
#include "keys/p11_pool_internal.h"
#include "keys/p11_uri.h"

#define DIGEST_LABEL "troth/refused-pin/v1"

int
keys_p11_bank_new(struct keys_p11_bank **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}

static void
place_free(struct keys_p11_place *pl)
{
	keys_p11_pool_free(pl->pool);
	if (pl->m != NULL && --pl->m->users == 0)
		keys_p11_unload(pl->m);
	base_wipe_free(pl, sizeof(*pl));
}

void
keys_p11_bank_free(struct keys_p11_bank *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->places; i++)
		place_free(b->place[i]);
	base_wipe_free(b, sizeof(*b));
}

static void
digest_of(const struct keys_p11_want *want, uint8_t out[KEYS_P11_DIGEST_LEN])
{
	struct crypto_sha2 h;

	crypto_sha2_init(&h, CRYPTO_SHA256);
	crypto_sha2_update(&h, DIGEST_LABEL, sizeof(DIGEST_LABEL));
	crypto_sha2_update(&h, want->module, strlen(want->module) + 1);
	crypto_sha2_update(&h, want->uri->label, sizeof(want->uri->label));
	crypto_sha2_update(&h, want->uri->serial, sizeof(want->uri->serial));
	crypto_sha2_update(&h, want->pin, want->pin_len);
	crypto_sha2_final(&h, out);
}

bool
keys_p11_bank_refused(const struct keys_p11_bank *b,
    const uint8_t digest[KEYS_P11_DIGEST_LEN])
{
	bool found = false;

	for (size_t i = 0; i < b->refusals && i < KEYS_P11_REFUSED_MAX; i++)
		if (base_ct_equal(
			b->refused[i], digest, KEYS_P11_DIGEST_LEN))
			found = true;
	return found;
}

void
keys_p11_bank_refuse(
    struct keys_p11_bank *b, const uint8_t digest[KEYS_P11_DIGEST_LEN])
{
	if (!keys_p11_bank_refused(b, digest))
		memcpy(b->refused[b->refusals++ % KEYS_P11_REFUSED_MAX], digest,
		    KEYS_P11_DIGEST_LEN);
}

static int
take_module(struct keys_p11_bank *b, const char *path, struct keys_p11 **ret,
    struct fault *f)
{
	int rc = 0;

	*ret = NULL;
	for (size_t i = 0; i < b->places && *ret == NULL; i++)
		if (strcmp(b->place[i]->m->path, path) == 0)
			*ret = b->place[i]->m;
	if (*ret == NULL)
		rc = keys_p11_load(path, ret, f);
	if (rc == 0)
		(*ret)->users++;
	return rc;
}

int
keys_p11_bank_place(struct keys_p11_bank *b, const struct keys_p11_want *want,
    struct keys_p11_place **ret, struct fault *f)
{
	uint8_t digest[KEYS_P11_DIGEST_LEN];
	struct keys_p11_place *pl;
	int rc;

	digest_of(want, digest);
	for (size_t i = 0; i < b->places; i++)
		if (base_ct_equal(
			b->place[i]->digest, digest, sizeof(digest))) {
			*ret = b->place[i];
			return 0;
		}
	if (b->places == KEYS_P11_TOKENS_MAX)
		return base_fault_set(f, ERR_SYS_LIMIT,
		    "more than %d tokens, or PINs", KEYS_P11_TOKENS_MAX);
	if (want->pin_len > KEYS_P11_PIN_MAX)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "pass_file: no PIN is that long");
	pl = calloc(1, sizeof(*pl));
	if (pl == NULL || keys_p11_pool_new(&pl->pool) != 0) {
		free(pl);
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	rc = take_module(b, want->module, &pl->m, f);
	if (rc != 0) {
		place_free(pl);
		return rc;
	}
	pl->bank = b;
	pl->uri = *want->uri;
	memcpy(pl->pin, want->pin, want->pin_len);
	pl->pin_len = want->pin_len;
	memcpy(pl->digest, digest, sizeof(digest));
	b->place[b->places++] = pl;
	*ret = pl;
	return 0;
}

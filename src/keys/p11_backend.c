/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_backend_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/mono.h"
#include "keys/news_internal.h"
#include "keys/op.h"
#include "keys/p11_place_internal.h"
#include "keys/p11_prove_internal.h"

static bool
is_good(const struct keys_p11_backend *b)
{
	return b->good && b->epoch == keys_p11_place_epoch(b->place);
}

/* The token, or the key on it, has failed. */
static void
set_failed(struct keys_p11_backend *b, int64_t now_ms, const struct fault *f)
{
	bool news = b->good || strcmp(b->why.msg, f->msg) != 0;

	b->good = false;
	b->why = *f;
	b->retry_ms = now_ms + KEYS_P11_RETRY_MS;
	if (news)
		keys_news_key(b->process, b->slot, f->msg);
}

static int
open_key(struct keys_p11_backend *b, int64_t now_ms, struct fault *f)
{
	int rc;

	rc = keys_p11_place_up(b->place, now_ms, f);
	if (rc == ERR_SYS_PIN)
		keys_news_pin(b->process, keys_p11_place_digest(b->place));
	if (rc != 0)
		return rc;
	b->epoch = keys_p11_place_epoch(b->place);
	b->key.t = keys_p11_place_token(b->place);
	rc = keys_p11_prove(&b->key, &b->uri, b->slot->key, f);
	/* Handles that went stale while nobody signed are noticed here. */
	if (rc == ERR_SYS_TOKEN)
		keys_p11_place_lost(b->place, now_ms, f);
	return rc;
}

static int64_t
tick(struct keys_backend *backend, int64_t now_ms)
{
	struct keys_p11_backend *b = (struct keys_p11_backend *)backend;
	struct fault f = { 0, "" };

	if (is_good(b))
		return INT64_MAX;
	if (now_ms < b->retry_ms)
		return b->retry_ms;
	if (b->slot->key == NULL) {
		(void)base_fault_set(
		    &f, ERR_STATE_CONFIG, "the public key is not known");
		set_failed(b, now_ms, &f);
		return b->retry_ms;
	}
	if (open_key(b, now_ms, &f) != 0) {
		set_failed(b, now_ms, &f);
		return b->retry_ms;
	}
	b->good = true;
	b->why = (struct fault){ 0, "" };
	keys_news_key(b->process, b->slot, NULL);
	return INT64_MAX;
}

static int
sign(struct keys_backend *backend, const void *msg, size_t len, uint8_t *sig,
    size_t *ret_len)
{
	struct keys_p11_backend *b = (struct keys_p11_backend *)backend;
	struct keys_p11_message m = { msg, len };
	struct fault f = { 0, "" };
	int64_t now_ms;

	if (!is_good(b))
		return ERR_SYS_KEY;
	if (keys_p11_sign(&b->key, &m, sig, ret_len, &f) == 0)
		return 0;
	now_ms = keys_mono_ms();
	keys_p11_place_lost(b->place, now_ms, &f);
	set_failed(b, now_ms, &f);
	b->retry_ms = keys_p11_place_retry_ms(b->place);
	return ERR_SYS_KEY;
}

static int
check(struct keys_backend *backend, struct fault *f)
{
	const struct keys_p11_backend *b = (struct keys_p11_backend *)backend;

	if (is_good(b))
		return 0;
	return base_fault_set(f, ERR_SYS_KEY, "%s",
	    b->why.msg[0] != '\0' ? b->why.msg : "the token is being opened");
}

static void
free_backend(struct keys_backend *backend)
{
	free(backend);
}

const struct keys_backend_ops keys_p11_backend_ops = { sign, check, tick,
	free_backend };

/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_backend_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/crew_lock_internal.h"
#include "keys/mono.h"
#include "keys/news_internal.h"
#include "keys/p11_place_internal.h"
#include "keys/p11_prove_internal.h"
#include "keys/slot_key.h"

/* How soon to look again whether calls to a lost token have come back. */
#define DRAIN_MS 100

static bool
is_good(const struct keys_p11_backend *b)
{
	return b->good && keys_p11_place_is_up(b->place) && b->epoch == keys_p11_place_epoch(b->place);
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

/* A session of the token, waiting for one; NULL when the token is lost. */
static const struct keys_p11_token *
take(struct keys_p11_backend *b)
{
	const struct keys_p11_token *t;

	while ((t = keys_p11_place_take(b->place)) == NULL &&
	       keys_p11_place_is_up(b->place))
		keys_crew_wait(b->process);
	return t;
}

static void
give(struct keys_p11_backend *b, const struct keys_p11_token *t)
{
	keys_p11_place_give(b->place, t);
	keys_crew_tell(b->process);
}

static int
open_key(struct keys_p11_backend *b, int64_t now_ms, struct fault *f)
{
	const struct keys_p11_token *t;
	int rc;

	rc = keys_p11_place_up(b->place, now_ms, f);
	if (rc == ERR_SYS_PIN)
		keys_news_pin(b->process, keys_p11_place_digest(b->place));
	if (rc != 0)
		return rc;
	t = take(b);
	if (t == NULL) {
		*f = *keys_p11_place_why(b->place);
		return ERR_SYS_TOKEN;
	}
	b->epoch = keys_p11_place_epoch(b->place);
	b->key.t = t;
	rc = keys_p11_prove(&b->key, &b->uri, keys_slot_key_public(b->slot), f);
	/* Handles that went stale while nobody signed are noticed here. */
	if (rc == ERR_SYS_TOKEN)
		keys_p11_place_lost(b->place, now_ms, f);
	give(b, t);
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
	if (keys_p11_place_draining(b->place))
		return now_ms + DRAIN_MS;
	if (keys_slot_key_public(b->slot) == NULL) {
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

/* A call failed: whoever notices first reports it for all. */
static void
lose(struct keys_p11_backend *b, uint64_t epoch, struct fault *f)
{
	int64_t now_ms = keys_mono_ms();

	if (!keys_p11_place_is_up(b->place) || keys_p11_place_epoch(b->place) != epoch)
		return;
	keys_p11_place_lost(b->place, now_ms, f);
	set_failed(b, now_ms, f);
	b->retry_ms = keys_p11_place_retry_ms(b->place);
}

/* Others run while the token signs. */
static int
sign(struct keys_backend *backend, const void *msg, size_t len, uint8_t *sig,
    size_t *ret_len)
{
	struct keys_p11_backend *b = (struct keys_p11_backend *)backend;
	struct keys_p11_message m = { msg, len };
	struct fault f = { 0, "" };
	struct keys_p11_key key;
	uint64_t epoch;
	int rc;

	if (!is_good(b))
		return ERR_SYS_KEY;
	epoch = b->epoch;
	key = b->key;
	key.t = take(b);
	/* It may have been lost, and have come back, meanwhile. */
	if (key.t != NULL && keys_p11_place_epoch(b->place) != epoch) {
		give(b, key.t);
		key.t = NULL;
	}
	if (key.t == NULL)
		return ERR_SYS_KEY;
	keys_crew_leave(b->process);
	rc = keys_p11_sign(&key, &m, sig, ret_len, &f);
	keys_crew_enter(b->process);
	if (rc != 0)
		lose(b, epoch, &f);
	give(b, key.t);
	return rc == 0 ? 0 : ERR_SYS_KEY;
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

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_NEWS_INTERNAL_H
#define KEYS_NEWS_INTERNAL_H

#include <stdint.h>

/* What a backend tells the supervisor. */
struct keys_process;
struct keys_slot;

/**
 * keys_news_key(p, slot, why):
 * Tell the supervisor that the slot's key cannot sign because of ${why}, or
 * can again (NULL).  At most so many a second.
 */
void keys_news_key(
    struct keys_process *p, const struct keys_slot *slot, const char *why);

/**
 * keys_news_pin(p, digest):
 * Tell the supervisor, for this process's successors, that a token has refused
 * the PIN with this digest (KEYS_P11_DIGEST_LEN bytes).
 */
void keys_news_pin(struct keys_process *p, const uint8_t *digest);

#endif

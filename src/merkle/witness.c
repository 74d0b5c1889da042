/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/witness.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "merkle/tree.h"
#include "merkle/vkey.h"
#include "merkle/witness_internal.h"

struct merkle_witness {
	struct map *by_origin;
};

int
merkle_witness_new(
    size_t logs_max, const uint8_t siphash_key[16], struct merkle_witness **ret)
{
	struct merkle_witness *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return ERR_SYS_NOMEM;
	w->by_origin = base_map_new(logs_max, siphash_key);
	if (w->by_origin == NULL) {
		free(w);
		return ERR_SYS_NOMEM;
	}
	*ret = w;
	return 0;
}

static void
log_free(struct merkle_witness_log *log)
{
	if (log != NULL)
		free(log->key);
	free(log);
}

static int
free_one(void *ctx, const void *key, size_t len, void *value)
{
	(void)ctx;
	(void)key;
	(void)len;
	log_free(value);
	return 0;
}

void
merkle_witness_free(struct merkle_witness *w)
{
	if (w == NULL)
		return;
	(void)base_map_each(w->by_origin, free_one, NULL);
	base_map_free(w->by_origin);
	free(w);
}

struct merkle_witness_log *
merkle_witness_find(const struct merkle_witness *w, const char *origin)
{
	return base_map_get(w->by_origin, origin, strlen(origin));
}

int
merkle_witness_add(struct merkle_witness *w, const char *origin,
    const struct merkle_vkey *key, size_t key_count,
    const struct merkle_head *head)
{
	struct merkle_witness_log *log;
	size_t i;
	int rc = ERR_SYS_NOMEM;

	if (key_count < 1 || key_count > MERKLE_WITNESS_KEYS_MAX ||
	    origin[0] == '\0' || strlen(origin) >= MERKLE_WITNESS_ORIGIN_MAX)
		return ERR_STATE_CONFIG;
	for (i = 0; i < key_count; i++)
		if (key[i].type != MERKLE_SIG_ED25519)
			return ERR_STATE_CONFIG;
	if ((log = calloc(1, sizeof(*log))) == NULL)
		return ERR_SYS_NOMEM;
	log->number = base_map_count(w->by_origin);
	log->key_count = key_count;
	merkle_tree_empty(&log->head.root);
	if (head != NULL)
		log->head = *head;
	log->key = calloc(key_count, sizeof(*key));
	if (log->key != NULL) {
		memcpy(log->key, key, key_count * sizeof(*key));
		rc = base_map_put(w->by_origin, origin, strlen(origin), log);
	}
	if (rc != 0)
		log_free(log);
	return rc;
}

int
merkle_witness_head(
    const struct merkle_witness *w, const char *origin, struct merkle_head *ret)
{
	const struct merkle_witness_log *log = merkle_witness_find(w, origin);

	if (log == NULL)
		return ERR_STATE_NOT_FOUND;
	*ret = log->head;
	return 0;
}

void
merkle_witness_stored(
    struct merkle_witness *w, const struct merkle_witness_step *step, int rc)
{
	struct merkle_witness_log *log = merkle_witness_find(w, step->origin);

	if (log == NULL || !log->busy)
		return;
	log->busy = false;
	if (rc == 0)
		log->head = step->new_head;
}

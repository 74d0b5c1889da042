/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "keys/device_internal.h"
#include "keys/key_internal.h"
#include "keys/load_internal.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"

/* Longest encrypted key file. */
#define KEY_FILE_MAX 16384

/* Each file costs some tenths of a second and 64 MiB, by intention: a log with
 * its dozen would not be back within two seconds without a second thread. */
struct decryption {
	struct keys_process *p;
	const struct keys_found *found;
	atomic_uint next;
	int rc[KEYS_SLOTS_MAX];
};

/* Keys in files that are there; not those on devices or to be made. */
static bool
is_file(const struct keys_found *found)
{
	return found->uri == NULL && found->key != NULL;
}

static void *
decrypt(void *ctx)
{
	struct decryption *d = ctx;
	unsigned i;

	while ((i = atomic_fetch_add(&d->next, 1)) < KEYS_SLOTS_MAX)
		if (d->p->place[i] != NULL && is_file(&d->found[i]))
			d->rc[i] = keys_key_open(&d->found[i], d->p->rng,
			    &d->p->place[i]->slot.key, NULL);
	return NULL;
}

/* On two threads, or on this one alone if there is no other to be had. */
static void
decrypt_all(struct decryption *d)
{
	unsigned i, files = 0;
	bool helped = false;
	pthread_t helper;

	for (i = 0; i < KEYS_SLOTS_MAX; i++)
		files += d->p->place[i] != NULL && is_file(&d->found[i]);
	if (files > 1)
		helped = pthread_create(&helper, NULL, decrypt, d) == 0;
	(void)decrypt(d);
	if (helped)
		(void)pthread_join(helper, NULL);
}

static int
open_key(struct keys_process *p, struct keys_slot *slot,
    const struct keys_found *found, struct fault *f)
{
	struct buf pem;
	int rc;

	if (found->uri != NULL)
		return keys_device_open(p, slot, found, f);
	base_buf_init(&pem, KEY_FILE_MAX);
	rc = keys_key_open(found, p->rng, &slot->key, &pem);
	if (rc == 0 && pem.len > 0)
		rc = keys_process_store(p, slot->index, &pem);
	base_buf_free(&pem);
	return rc;
}

int
keys_process_open(
    struct keys_process *p, const struct keys_found *found, struct fault *f)
{
	struct decryption d = { .p = p, .found = found };
	struct keys_slot *slot;
	struct fault why;
	int rc;

	decrypt_all(&d);
	for (unsigned i = 0; i < KEYS_SLOTS_MAX; i++) {
		if (p->place[i] == NULL)
			continue;
		slot = &p->place[i]->slot;
		why.msg[0] = '\0';
		rc = is_file(&found[i]) ? d.rc[i]
					: open_key(p, slot, &found[i], &why);
		if (rc != 0)
			return base_fault_set(f, rc, "key of %s: %s",
			    slot->name,
			    why.msg[0] != '\0' ? why.msg : base_err_text(rc));
	}
	return 0;
}

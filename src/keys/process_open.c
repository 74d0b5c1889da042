/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "keys/device_internal.h"
#include "keys/key_internal.h"
#include "keys/load_internal.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"

/* Longest encrypted key file. */
#define KEY_FILE_MAX 16384

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
	struct keys_slot *slot;
	struct fault why;
	int rc;

	for (unsigned i = 0; i < KEYS_SLOTS_MAX; i++) {
		if (p->place[i] == NULL)
			continue;
		slot = &p->place[i]->slot;
		why.msg[0] = '\0';
		rc = open_key(p, slot, &found[i], &why);
		if (rc != 0)
			return base_fault_set(f, rc, "key of %s: %s",
			    slot->name,
			    why.msg[0] != '\0' ? why.msg
					       : base_err_text(rc));
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/device_internal.h"

#include <string.h>

#include "keys/key_internal.h"
#include "keys/op.h"
#include "keys/p11_open_internal.h"
#include "keys/tpm_open_internal.h"

/* The key stores that are devices, by the scheme of their URIs. */
static const struct {
	const char *scheme;
	int (*open)(struct keys_process *p, struct keys_slot *slot,
	    const struct keys_found *found, struct keys_backend **ret,
	    struct fault *f);
} stores[] = {
	{ "pkcs11:", keys_p11_open },
	{ "tpm:", keys_tpm_backend_open },
	{ NULL, NULL },
};

int
keys_device_open(struct keys_process *p, struct keys_slot *slot,
    const struct keys_found *found, struct fault *f)
{
	for (size_t i = 0; stores[i].scheme != NULL; i++) {
		size_t len = strlen(stores[i].scheme);

		if (found->uri_len > len &&
		    memcmp(found->uri, stores[i].scheme, len) == 0)
			return stores[i].open(
			    p, slot, found, &slot->backend, f);
	}
	return ERR_PEER_UNSUPPORTED;
}

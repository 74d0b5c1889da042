/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_open_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/bank_internal.h"
#include "keys/key_internal.h"
#include "keys/p11_backend_internal.h"
#include "keys/p11_bank_internal.h"

#define MODULE_PATH_MAX 4096

static int
find_place(struct keys_process *p, const struct keys_found *found,
    struct keys_p11_backend *b, struct fault *f)
{
	struct keys_p11_want want = { NULL, &b->uri, found->pass,
		found->pass_len };
	struct keys_p11_bank *bank;
	char module[MODULE_PATH_MAX];
	int rc;

	rc = keys_p11_uri_parse(
	    (const char *)found->uri, found->uri_len, &b->uri);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG, "%.*s: %s",
		    (int)(found->uri_len < 100 ? found->uri_len : 100),
		    (const char *)found->uri, base_err_text(rc));
	if (found->device == NULL || found->device_len >= sizeof(module) ||
	    found->pass == NULL)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "pkcs11: needs pkcs11_module and pass_file");
	memcpy(module, found->device, found->device_len);
	module[found->device_len] = '\0';
	want.module = module;
	rc = keys_process_bank(p, &bank);
	if (rc != 0)
		return rc;
	return keys_p11_bank_place(bank, &want, &b->place, f);
}

int
keys_p11_open(struct keys_process *p, struct keys_slot *slot,
    const struct keys_found *found,
    struct keys_backend **ret, struct fault *f)
{
	struct keys_p11_backend *b = calloc(1, sizeof(*b));
	int rc;

	if (b == NULL)
		return ERR_SYS_NOMEM;
	b->base.ops = &keys_p11_backend_ops;
	b->process = p;
	b->slot = slot;
	rc = find_place(p, found, b, f);
	if (rc != 0) {
		free(b);
		return rc;
	}
	*ret = &b->base;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_confine_keys.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "keys/bundle.h"
#include "ops/sandbox.h"

#define PATHS_MAX 64
#define TEXTS_MAX 16384

/* What loading a module takes, and what modules ask about the machine. */
static const char *const readable[] = { "/usr", "/lib", "/lib64",
	"/etc/ld.so.cache", "/etc/ssl", "/etc/localtime", "/dev/urandom",
	"/dev/random", "/dev/null", "/proc/self", "/proc/sys/kernel",
	"/proc/sys/crypto", "/sys/devices/system/cpu", TROTH_OPENSSL_LIBDIR };

struct token_paths {
	struct ops_sandbox_path path[PATHS_MAX];
	size_t n;
	char text[TEXTS_MAX];
	size_t used;
};

static int
add(struct token_paths *t, const char *path, enum ops_sandbox_access access)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->path[i].path, path) == 0 &&
		    t->path[i].access == access)
			return 0;
	if (t->n == PATHS_MAX)
		return ERR_SYS_LIMIT;
	t->path[t->n++] = (struct ops_sandbox_path){ path, access, NULL };
	return 0;
}

/* Bundle items are not terminated. */
static int
add_item(struct token_paths *t, const struct keys_bundle_item *item)
{
	char *path = t->text + t->used;

	if (item->len >= sizeof(t->text) - t->used)
		return ERR_SYS_LIMIT;
	memcpy(path, item->data, item->len);
	path[item->len] = '\0';
	t->used += item->len + 1;
	return add(t, path,
	    item->type == KEYS_BUNDLE_DEVICE ? OPS_SANDBOX_READ
					     : OPS_SANDBOX_WRITE);
}

/* Find the paths; whether there is a device at all. */
static int
scan(const struct buf *bundle, struct token_paths *t, bool *ret_device)
{
	struct keys_bundle_item item;
	size_t pos = 0;
	int rc = 0;

	while (rc == 0) {
		rc = keys_bundle_next(bundle->data, bundle->len, &pos, &item);
		if (rc != 0 || item.type == KEYS_BUNDLE_END)
			break;
		if (item.type == KEYS_BUNDLE_DEVICE)
			*ret_device = true;
		if (item.type == KEYS_BUNDLE_DEVICE ||
		    item.type == KEYS_BUNDLE_PATH)
			rc = add_item(t, &item);
	}
	for (size_t i = 0;
	     rc == 0 && i < sizeof(readable) / sizeof(readable[0]); i++)
		rc = add(t, readable[i], OPS_SANDBOX_READ);
	return rc;
}

int
trustchain_confine_keys(void *ctx, const struct buf *bundle, struct fault *f)
{
	struct token_paths paths = { .n = 0 };
	struct ops_sandbox sb = { OPS_SANDBOX_KEYS, NULL, 0 };
	struct ops_sandbox_state st;
	bool device = false;
	int rc;

	(void)ctx;
	rc = scan(bundle, &paths, &device);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "sandbox: %s", base_err_text(rc));
	if (device)
		sb = (struct ops_sandbox){ OPS_SANDBOX_TOKEN, paths.path,
			paths.n };
	return ops_sandbox_enter(&sb, &st, f);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/file.h"

#include <unistd.h>

#include "base/rng.h"
#include "base/wipe.h"
#include "keys/file_internal.h"
#include "wire/base64.h"

#define PASS_BYTES 32

int
keys_file_pass_ensure(struct store_disk *disk, const char *path,
    const struct rng *rng, struct fault *f)
{
	uint8_t raw[PASS_BYTES];
	char text[WIRE_BASE64_ENCODED_MAX(PASS_BYTES) + 1];
	size_t len;
	int rc;

	if (access(path, F_OK) == 0)
		return 0;
	rc = base_rng_fill(rng, raw, sizeof(raw));
	if (rc != 0)
		return base_fault_set(f, rc, "%s: no randomness", path);
	len = wire_base64_encode(WIRE_BASE64_STD, raw, sizeof(raw), text);
	text[len] = '\n';
	rc = keys_file_write_new(disk, path, text, len + 1, f);
	base_wipe(raw, sizeof(raw));
	base_wipe(text, sizeof(text));
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/file.h"

#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/wipe.h"
#include "keys/file_internal.h"
#include "store/file.h"

#define SCHEME "file:"

/* Longest encrypted key file. */
#define KEY_MAX 16384

int
keys_file_uri(const char *uri, const char *dir, char *out)
{
	const char *path = uri + strlen(SCHEME);

	if (!base_str_starts(uri, SCHEME))
		return ERR_PEER_UNSUPPORTED;
	if (*path == '\0' ||
	    base_str_format(out, KEYS_FILE_PATH_MAX, "%s%s%s",
		*path == '/' ? "" : dir, *path == '/' ? "" : "/", path) != 0)
		return ERR_STATE_CONFIG;
	return 0;
}

int
keys_file_load_max(
    const char *path, size_t max, struct buf *ret, struct fault *f)
{
	struct stat st;
	uint8_t *data;
	size_t len;
	int rc;

	if (stat(path, &st) != 0)
		return base_fault_set(
		    f, ERR_STATE_NOT_FOUND, "%s: no such file", path);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return base_fault_set(f, ERR_SYS_PERMISSION,
		    "%s: mode %04o, must not be open to others", path,
		    (unsigned)(st.st_mode & 07777));
	rc = store_file_load(path, max, &data, &len);
	if (rc != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	rc = base_buf_append(ret, data, len);
	base_wipe_free(data, len);
	if (rc != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	return 0;
}

int
keys_file_pass_load(const char *path, struct buf *ret, struct fault *f)
{
	size_t before = ret->len;
	int rc = keys_file_load_max(path, KEYS_FILE_PASS_MAX + 1, ret, f);

	if (rc != 0)
		return rc;
	if (ret->len > before && ret->data[ret->len - 1] == '\n')
		ret->len--;
	if (ret->len == before || ret->len - before > KEYS_FILE_PASS_MAX) {
		base_wipe(ret->data + before, ret->len - before);
		ret->len = before;
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%s: passphrase is empty or too long", path);
	}
	return 0;
}

int
keys_file_load(const char *path, struct buf *ret, struct fault *f)
{
	return keys_file_load_max(path, KEY_MAX, ret, f);
}

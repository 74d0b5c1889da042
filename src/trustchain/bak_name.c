/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_name.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "store/disk.h"
#include "wire/hex.h"
#include "wire/time.h"

#define ID_LEN (BAK_NAME_ID_MAX - 1)

int
bak_name_make(int64_t now_ms, const struct rng *rng, char id[BAK_NAME_ID_MAX])
{
	char t[WIRE_TIME_TEXT_MAX], hex[9];
	uint8_t random[4];
	int rc = base_rng_fill(rng, random, sizeof(random));

	if (rc != 0)
		return rc;
	wire_time_format(now_ms, t);
	wire_hex_encode(random, sizeof(random), hex);
	/* 2026-11-21T18:00:00Z without its dashes and colons. */
	return base_str_format(id, BAK_NAME_ID_MAX,
	    "%.4s%.2s%.2sT%.2s%.2s%.2sZ-%s", t, t + 5, t + 8, t + 11, t + 14,
	    t + 17, hex);
}

bool
bak_name_parse(const char *id, int64_t *ret_ms)
{
	char t[WIRE_TIME_TEXT_MAX];

	if (strlen(id) != ID_LEN || id[16] != '-' ||
	    strspn(id + 17, "0123456789abcdef") != 8 ||
	    base_str_format(t, sizeof(t),
		"%.4s-%.2s-%.2s%.1s%.2s:%.2s:%.2s%.1s", id, id + 4, id + 6,
		id + 8, id + 9, id + 11, id + 13, id + 15) != 0)
		return false;
	return wire_time_parse(t, strlen(t), ret_ms) == 0;
}

/* What a file of the folder is: its id's time, and its ending. */
static bool
parse_file(const char *name, int64_t *ret_ms, const char **ret_end)
{
	char id[BAK_NAME_ID_MAX];

	if (strlen(name) <= ID_LEN)
		return false;
	memcpy(id, name, ID_LEN);
	id[ID_LEN] = '\0';
	*ret_end = name + ID_LEN;
	return bak_name_parse(id, ret_ms);
}

int
bak_name_newest(const char *dir, int64_t *ret_ms)
{
	int64_t at, newest = -1;
	DIR *d = opendir(dir);
	struct dirent *e;
	const char *end;

	if (d == NULL)
		return base_err_from_errno(errno);
	while ((e = readdir(d)) != NULL)
		if (parse_file(e->d_name, &at, &end) &&
		    strcmp(end, ".json") == 0 && at > newest)
			newest = at;
	(void)closedir(d);
	if (newest < 0)
		return ERR_STATE_NOT_FOUND;
	*ret_ms = newest;
	return 0;
}

/* Names of ours: anything else stays, whoever put it there. */
static bool
ours(const char *end)
{
	static const char *const all[] = { ".tar.age", ".json", ".tar.age.tmp",
		".json.tmp", ".part", ".part.tmp" };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(end, all[i]) == 0)
			return true;
	return false;
}

int
bak_name_retain(
    struct store_disk *disk, const char *dir, int64_t before_ms, size_t *ret_n)
{
	char path[BAK_NAME_PATH_MAX];
	DIR *d = opendir(dir);
	struct dirent *e;
	const char *end;
	int64_t at;
	int rc = 0;

	*ret_n = 0;
	if (d == NULL)
		return base_err_from_errno(errno);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (!parse_file(e->d_name, &at, &end) || !ours(end) ||
		    at >= before_ms)
			continue;
		rc = base_str_format(
		    path, sizeof(path), "%s/%s", dir, e->d_name);
		if (rc == 0)
			rc = store_disk_unlink(disk, path);
		*ret_n += strcmp(end, ".tar.age") == 0 ? 1 : 0;
	}
	(void)closedir(d);
	return rc == 0 ? store_disk_sync_dir(disk, dir, "bak.retain") : rc;
}

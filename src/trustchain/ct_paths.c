/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_paths.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

int
ct_paths_make(enum ct_paths_kind kind, const char *root, const char *shard,
    char ret[CT_PATHS_MAX])
{
	static const char *const forms[] = {
		[CT_PATHS_SHARD] = "",
		[CT_PATHS_LOG_KEY] = ".log.key",
		[CT_PATHS_NOTE_KEY] = ".note.key",
		[CT_PATHS_CHECKPOINT] = "/checkpoint",
	};

	if (kind == CT_PATHS_OWN_LIST)
		return base_str_format(
		    ret, CT_PATHS_MAX, "%s/logs.packed", root);
	return base_str_format(
	    ret, CT_PATHS_MAX, "%s/%s%s", root, shard, forms[kind]);
}

/* Insert by name; the oldest falls out when there is no room. */
static void
insert(struct ct_paths_shards *list, const struct ct_period *p)
{
	size_t i;

	if (list->n == CT_PATHS_SHARDS_MAX) {
		if (strcmp(p->name, list->shard[0].name) < 0)
			return;
		list->n--;
		memmove(list->shard, list->shard + 1,
		    list->n * sizeof(list->shard[0]));
	}
	for (i = list->n; i > 0; i--) {
		if (strcmp(list->shard[i - 1].name, p->name) < 0)
			break;
		list->shard[i] = list->shard[i - 1];
	}
	list->shard[i] = *p;
	list->n++;
}

int
ct_paths_shards(const char *state_dir, struct ct_paths_shards *ret)
{
	char path[CT_PATHS_MAX];
	struct ct_period period;
	struct dirent *e;
	int rc = 0;
	DIR *d;

	ret->n = 0;
	if ((d = opendir(state_dir)) == NULL)
		return errno == ENOENT ? 0 : base_err_from_errno(errno);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (ct_period_parse(e->d_name, &period) != 0)
			continue;
		rc = base_str_format(
		    path, sizeof(path), "%s/%s/log.json", state_dir, e->d_name);
		if (rc == 0 && access(path, F_OK) == 0)
			insert(ret, &period);
	}
	closedir(d);
	return rc;
}

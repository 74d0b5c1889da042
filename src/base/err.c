/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stddef.h>

struct err_row {
	int rc;
	const char *name;
	enum err_class class;
	const char *text;
};

static const struct err_row rows[] = {
#define ERR_ROW(name, number, class, text)                                     \
	{ number, #name, ERR_CLASS_##class, text },
	ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

static const struct err_row *
find(int rc)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].rc == rc)
			return &rows[i];
	return NULL;
}

const char *
base_err_name(int rc)
{
	const struct err_row *r = find(rc);

	if (rc == 0)
		return "OK";
	return r != NULL ? r->name : "ERR_UNKNOWN";
}

const char *
base_err_text(int rc)
{
	const struct err_row *r = find(rc);

	if (rc == 0)
		return "success";
	return r != NULL ? r->text : "unknown error";
}

enum err_class
base_err_class(int rc)
{
	const struct err_row *r = find(rc);

	return r != NULL ? r->class : ERR_CLASS_NONE;
}

int
base_err_from_errno(int e)
{
	switch (e) {
	case ENOMEM:
		return ERR_SYS_NOMEM;
	case ENOSPC:
	case EDQUOT:
		return ERR_SYS_NOSPACE;
	case EACCES:
	case EPERM:
		return ERR_SYS_PERMISSION;
	case EIO:
		return ERR_SYS_IO;
	case ETIMEDOUT:
		return ERR_SYS_TIMEOUT;
	case ENOENT:
		return ERR_STATE_NOT_FOUND;
	case EEXIST:
		return ERR_STATE_EXISTS;
	case EROFS:
		return ERR_STATE_READ_ONLY;
	default:
		return ERR_SYS_OS;
	}
}

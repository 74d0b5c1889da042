/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_OWN_H
#define TRUSTCHAIN_OWN_H

#include "base/err.h"
#include "base/fault.h"

/*
 * A supervisor that was started as root gives main's folders to main's user,
 * once: while the folder is root's, nobody else has been in it.  Links are
 * neither followed nor given away.  Without root, or when there is no such
 * user, nothing happens.
 */

/**
 * trustchain_own_tree(dir, user, except, f):
 * Give ${dir} and all in it, but for the entry ${except} (may be NULL), to
 * ${user} (may be NULL), if ${dir} belongs to root.  ERR_SYS_*.
 */
MUST_CHECK int trustchain_own_tree(
    const char *dir, const char *user, const char *except, struct fault *f);

/**
 * trustchain_own_empty(dir, user, f):
 * Give ${dir} to ${user} if it belongs to root and is empty: a folder for
 * sockets that was made for it.
 */
MUST_CHECK int trustchain_own_empty(
    const char *dir, const char *user, struct fault *f);

#endif

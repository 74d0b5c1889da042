/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/init.h"

#include <dlfcn.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define VERSION_MIN 0x30500000UL

/* Write the folder of ${path} with symbolic links resolved. */
static int
folder_of(const char *path, char out[PATH_MAX])
{
	char *slash;

	if (realpath(path, out) == NULL)
		return ERR_SYS_OS;
	slash = strrchr(out, '/');
	if (slash == NULL)
		return ERR_SYS_OS;
	*slash = '\0';
	return 0;
}

static bool
is_folder(const char *folder, const char *expected)
{
	char real[PATH_MAX];

	return realpath(expected, real) != NULL && strcmp(folder, real) == 0;
}

/* Whether the library that holds ${symbol} lies where it should. */
static int
check_origin(void *symbol, const char *name, const char *exe, struct fault *f)
{
	char folder[PATH_MAX], bin[PATH_MAX], lib[PATH_MAX];
	Dl_info where;

	if (dladdr(symbol, &where) == 0 || where.dli_fname == NULL ||
	    folder_of(where.dli_fname, folder) != 0)
		return base_fault_set(f, ERR_SYS_VERSION,
		    "cannot tell where %s comes from", name);
	if (is_folder(folder, TROTH_OPENSSL_LIBDIR))
		return 0;
	if (exe != NULL && folder_of(exe, bin) == 0 &&
	    base_str_format(lib, sizeof(lib), "%s/../lib/troth", bin) == 0 &&
	    is_folder(folder, lib))
		return 0;
	return base_fault_set(f, ERR_SYS_VERSION,
	    "%s comes from %.80s, expected in %.80s", name, where.dli_fname,
	    TROTH_OPENSSL_LIBDIR);
}

int
crypto_init_check(const char *exe, struct fault *f)
{
	int rc;

	if (OpenSSL_version_num() < VERSION_MIN)
		return base_fault_set(f, ERR_SYS_VERSION,
		    "OpenSSL 3.5 or newer is needed, this is %s",
		    OpenSSL_version(OPENSSL_VERSION_STRING));
	rc = check_origin((void *)SSL_CTX_new, "SSL_CTX_new", exe, f);
	if (rc == 0)
		rc = check_origin((void *)EVP_MD_fetch, "EVP_MD_fetch", exe, f);
	return rc;
}
